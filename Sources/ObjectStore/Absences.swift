import OrderedCollections
import Synchronization

/// Keys that were looked up a moment ago and stood for nothing: who makes a file looks first, and need not be told twice.
/// One that somebody else makes meanwhile is noticed when ours is stored.
final class Absences: Sendable {
    private let keys = Mutex<OrderedDictionary<ExactKey, Duration>>([:])
    private let uptime: @Sendable () -> Duration

    /// None known, by a clock of that reading.
    init(uptime: @escaping @Sendable () -> Duration) { self.uptime = uptime }

    /// Neither an object nor a directory is there.
    func note(_ key: String) {
        let now = uptime()
        keys.withLock { keys in
            keys[ExactKey(key)] = now
            if keys.count > Limits.absences { keys.removeFirst() }
        }
    }

    /// Whether that was just so. Once: what is made by it is there.
    func take(_ key: String) -> Bool {
        let now = uptime()
        return keys.withLock { $0.removeValue(forKey: ExactKey(key)) }.map { now - $0 < Limits.absenceWindow } ?? false
    }
}
