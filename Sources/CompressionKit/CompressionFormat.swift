/// How bytes are compressed, as their first ones tell.
public enum CompressionFormat: Sendable, Hashable, CaseIterable {
    case gzip, xz, zstd

    /// How many bytes tell the format.
    public static let signatureLength = 6

    private var signature: [UInt8] {
        switch self {
        case .gzip: [0x1f, 0x8b]
        case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
        case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
        }
    }

    /// The format of content that begins with these bytes; nil for what is not compressed.
    public init?(of start: some Sequence<UInt8>) {
        guard let format = Self.allCases.first(where: { start.starts(with: $0.signature) }) else { return nil }
        self = format
    }
}

/// Compressed bytes that cannot be read.
public struct CompressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let description: String
}
