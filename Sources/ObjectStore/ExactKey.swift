/// A key by its bytes: `String` equality would take `é` in one and in two code points for the same key.
struct ExactKey: Hashable, Comparable, Sendable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    static func < (left: ExactKey, right: ExactKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension String {
    /// Whether the bytes begin with those of a prefix.
    func hasBytes(of prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// Whether the bytes are the same.
    func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// What follows so many bytes of a known prefix.
    func dropping(_ prefix: String) -> String {
        String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
}
