import CZlib

/// gzip, by zlib. The stream is allocated: zlib keeps its address.
final class GzipBackend: Backend {
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isWhole = true

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 31: a window of 32 KiB, in gzip's wrapping (zlib.h, inflateInit2).
        guard inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            // All that it has is set, so `deinit` lets go of it.
            throw CompressionError(description: "no memory to decompress gzip")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func step(_ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>)
        throws(CompressionError) -> (used: Int, made: Int)
    {
        if isWhole, !input.isEmpty {
            // Another stream after one that ended.
            inflateReset(stream)
            isWhole = false
        }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(clamping: output.count)
        let offered = Int(stream.pointee.avail_in)
        let result = inflate(stream, Z_NO_FLUSH)
        switch result {
        case Z_STREAM_END: isWhole = true
        case Z_OK, Z_BUF_ERROR: break
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)"
            throw CompressionError(description: "the gzip content is damaged: \(reason)")
        }
        return (offered - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out))
    }
}
