public import ProviderAPI

/// A number that tells whether some content is the same as before, from mount to mount: FNV-1a of 64 bits, never 0.
public struct Fingerprint: Sendable {
    @usableFromInline var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Of nothing yet.
    public init() {}

    /// The number of what was added so far.
    public var value: UInt64 { hash == 0 ? 1 : hash }

    /// Adds bytes.
    @inlinable public mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    /// Adds a text, and that it ends there.
    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add($0) }
        add(CollectionOfOne(0xff))
    }

    /// Adds a number.
    public mutating func add(_ number: Int) {
        hash = (hash ^ UInt64(bitPattern: Int64(number))) &* 0x100_0000_01b3
        hash ^= hash >> 29
    }

    /// Adds a value, with its kind.
    public mutating func add(_ value: Value) {
        switch value {
        case .none: add(1)
        case .text(let text):
            add(2)
            add(text)
        case .number(let number):
            add(3)
            add(number)
        case .flag(let flag): add(flag ? 4 : 5)
        case .list(let values):
            add(6 + values.count)
            for value in values { add(value) }
        case .map(let entries):
            add(-entries.count)
            for entry in entries {
                add(entry.key)
                add(entry.value)
            }
        }
    }
}
