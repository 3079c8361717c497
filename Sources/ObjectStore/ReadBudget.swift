import Synchronization

/// The memory that all readers of a bucket may use for what nobody has asked for yet.
final class ReadBudget: Sendable {
    private let used = Mutex(0)
    private let limit: Int

    /// A budget of so many bytes.
    init(limit: Int) { self.limit = limit }

    /// Takes so many bytes if they are left.
    func take(_ count: Int) -> Bool {
        used.withLock { used in
            guard used + count <= limit else { return false }
            used += count
            return true
        }
    }

    /// Gives them back.
    func give(_ count: Int) { used.withLock { $0 -= count } }
}
