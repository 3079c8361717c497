/// Takes compressed bytes as they come and gives what they hold, in pieces of a bounded size. Several streams one after
/// the other, as `cat a.gz b.gz` makes them, are one content.
public final class Decompressor {
    private let backend: any Backend

    /// One for content of a format.
    ///
    /// - Throws: ``CompressionError`` where there is no memory for it.
    public init(_ format: CompressionFormat) throws(CompressionError) {
        backend =
            switch format {
            case .gzip: try GzipBackend()
            case .xz: try XZBackend()
            case .zstd: try ZstdBackend()
            }
    }

    /// The size of a piece, in bytes.
    static let pieceSize = 256 << 10

    /// Decompresses the next bytes. `take` gets each piece of what they hold.
    ///
    /// - Throws: ``CompressionError`` for bytes that are damaged, and what `take` throws.
    public func decompress(_ bytes: [UInt8], _ take: ([UInt8]) throws -> Void) throws {
        guard !bytes.isEmpty else { return }
        var used = 0
        var hasMore = true
        // Even without input there may be output that had no room.
        while used < bytes.count || hasMore {
            let before = used
            var filled = 0
            let piece = try [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { output, count in
                try bytes.withUnsafeBufferPointer { input in
                    let rest = UnsafeBufferPointer(rebasing: input[used...])
                    let step = try backend.step(rest, output)
                    used += step.used
                    filled = step.made
                }
                count = filled
            }
            guard used > before || filled > 0 || used == bytes.count else {
                throw CompressionError(description: "the compressed content is damaged")
            }
            hasMore = filled == Self.pieceSize
            if filled > 0 { try take(piece) }
        }
    }

    /// Ends it.
    ///
    /// - Throws: ``CompressionError`` where the content was cut off.
    public func finish() throws(CompressionError) {
        guard backend.isWhole else { throw CompressionError(description: "the compressed content is cut off") }
    }
}

/// What one of the libraries does: reads some input, writes some output.
protocol Backend: AnyObject {
    /// How much of the input was used, and how much output was made.
    func step(_ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>)
        throws(CompressionError) -> (used: Int, made: Int)
    /// Whether nothing is missing.
    var isWhole: Bool { get }
}
