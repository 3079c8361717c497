import CLZMA

/// xz, by liblzma.
final class XZBackend: Backend {
    private let stream: UnsafeMutablePointer<lzma_stream>
    private(set) var isWhole = true
    /// More than the strongest preset needs.
    private static let memoryLimit: UInt64 = 256 << 20

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        try begin()
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    private func begin() throws(CompressionError) {
        guard lzma_stream_decoder(stream, Self.memoryLimit, 0) == LZMA_OK else {
            throw CompressionError(description: "no memory to decompress xz")
        }
    }

    func step(_ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>)
        throws(CompressionError) -> (used: Int, made: Int)
    {
        var padding = 0
        if isWhole, !input.isEmpty {
            // Between streams there may be zeros (the xz file format, 2.2).
            padding = input.prefix { $0 == 0 }.count
            guard padding < input.count else { return (padding, 0) }
            try begin()
            isWhole = false
        }
        let rest = UnsafeBufferPointer(rebasing: input[padding...])
        stream.pointee.next_in = rest.baseAddress
        stream.pointee.avail_in = rest.count
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = output.count
        let result = lzma_code(stream, LZMA_RUN)
        switch result {
        case LZMA_STREAM_END: isWhole = true
        case LZMA_OK, LZMA_BUF_ERROR: break
        case LZMA_MEMLIMIT_ERROR:
            throw CompressionError(description: "the xz content needs more than 256 MiB of memory")
        default: throw CompressionError(description: "the xz content is damaged (error \(result.rawValue))")
        }
        return (padding + rest.count - stream.pointee.avail_in, output.count - stream.pointee.avail_out)
    }
}
