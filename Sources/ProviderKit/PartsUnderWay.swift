import Synchronization

/// The bytes of parts that are on their way to an object store, of all uploads of an account together. Each upload may have
/// one part under way whatever the others have, so that none waits for ever.
public final class PartsUnderWay: Sendable {
    /// Bytes: two uploads at their fastest.
    static let limit = 96 << 20

    private let bytes = Mutex(0)

    /// None under way.
    public init() {}

    /// Takes the room for a part if there is any, or if it must be.
    public func take(_ count: Int, always: Bool) -> Bool {
        bytes.withLock { bytes in
            guard always || bytes + count <= Self.limit else { return false }
            bytes += count
            return true
        }
    }

    /// Gives the room of a part back.
    public func give(_ count: Int) { bytes.withLock { $0 -= count } }
}
