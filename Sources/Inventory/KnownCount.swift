import Synchronization

/// How many resources of a collection are known now. Apart from the collection, because `statfs` adds all of them up, and
/// what is in a generic class costs more to find than to read.
public final class KnownCount: Sendable {
    private let number = Atomic(0)

    /// The number.
    public var value: Int { number.load(ordering: .relaxed) }

    func set(_ count: Int) {
        number.store(count, ordering: .relaxed)
    }
}
