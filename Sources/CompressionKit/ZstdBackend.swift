import CZstd

/// Zstandard, by libzstd, which refuses windows over 128 MiB by itself.
final class ZstdBackend: Backend {
    private let stream: OpaquePointer
    private(set) var isWhole = true

    init() throws(CompressionError) {
        guard let stream = ZSTD_createDStream() else {
            throw CompressionError(description: "no memory to decompress zstd")
        }
        self.stream = stream
    }

    deinit { ZSTD_freeDStream(stream) }

    func step(_ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>)
        throws(CompressionError) -> (used: Int, made: Int)
    {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let rest = ZSTD_decompressStream(stream, &target, &source)
        guard ZSTD_isError(rest) == 0 else {
            throw CompressionError(
                description: "the zstd content is damaged: \(String(cString: ZSTD_getErrorName(rest)))")
        }
        // 0: a frame has ended and all of it was given; without input nothing has changed.
        if source.pos > 0 || target.pos > 0 { isWhole = rest == 0 }
        return (source.pos, target.pos)
    }
}
