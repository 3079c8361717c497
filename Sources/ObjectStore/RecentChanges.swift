import OrderedCollections
import ProviderAPI
import Synchronization

/// What was written and deleted here a moment ago, so that a store which lists late does not take it back.
///
/// Bounded in number and in time; the store's word counts again as soon as it is newer.
final class RecentChanges: Sendable {
    private struct Change: Sendable {
        /// nil: deleted.
        var info: ObjectInfo?
        /// The version that was deleted, where it is known.
        var deletedETag: String?
        var time: Duration

        /// Whether it has been long enough for every listing to show it.
        func isOver(at now: Duration) -> Bool { now > time + Limits.recentWindow }
    }

    private struct State: Sendable {
        var changes: OrderedDictionary<ExactKey, Change> = [:]
        var keptDirectories: OrderedSet<ExactKey> = []
    }

    private let state = Mutex(State())
    let uptime: @Sendable () -> Duration

    /// Changes remembered by a clock of that reading.
    init(uptime: @escaping @Sendable () -> Duration) { self.uptime = uptime }

    /// An object was made, and this is what the store said of it.
    func wrote(_ info: ObjectInfo) {
        remember(info.key, Change(info: info, time: uptime()))
        // A directory whose marker was removed is there again.
        state.withLock { state in
            for parent in Self.parents(of: info.key) {
                let key = ExactKey(parent)
                if let change = state.changes[key], change.info == nil { state.changes[key] = nil }
            }
        }
    }

    /// An object was deleted.
    func deleted(_ key: String, etag: String?) {
        remember(key, Change(deletedETag: etag, time: uptime()))
    }

    /// The store contradicted what is remembered.
    func forget(_ key: String) { state.withLock { $0.changes[ExactKey(key)] = nil } }

    private func remember(_ key: String, _ change: Change) {
        state.withLock { state in
            let key = ExactKey(key)
            state.changes[key] = nil
            state.changes[key] = change
            if state.changes.count > Limits.recentChanges { state.changes.removeFirst() }
        }
    }

    /// What an object is, given what the store says: the store's word, or what was done here if that is newer.
    ///
    /// `asked` is when the store was asked for that very object, and nil where it was listed.
    func resolve(_ key: String, stored: ObjectInfo?, asked: Duration? = nil) -> ObjectInfo? {
        let now = uptime()
        return state.withLock { state in
            guard let change = state.changes[ExactKey(key)] else { return stored }
            if change.isOver(at: now) {
                state.changes[ExactKey(key)] = nil
                return stored
            }
            guard let stored else {
                // Asked for by its key, an object that was made before and is not there was deleted by somebody else.
                if let asked, change.time < asked {
                    state.changes[ExactKey(key)] = nil
                    return nil
                }
                return change.info
            }
            guard let info = change.info else {
                return change.deletedETag == nil || change.deletedETag == stored.etag ? nil : stored
            }
            return stored.etag != info.etag && stored.modificationTime > info.modificationTime ? stored : info
        }
    }

    /// Whether the object was deleted here and not made again.
    func isDeleted(_ key: String) -> Bool {
        let now = uptime()
        return state.withLock { state in
            guard let change = state.changes[ExactKey(key)] else { return false }
            return change.info == nil && !change.isOver(at: now)
        }
    }

    /// What was written here with keys that begin so.
    func written(below prefix: String) -> [ObjectInfo] {
        let now = uptime()
        return state.withLock { state in
            state.changes.values.compactMap { change in
                guard let info = change.info, !change.isOver(at: now), info.key.hasBytes(of: prefix) else { return nil }
                return info
            }
        }
    }

    // MARK: Directories that lost their last object

    /// Something was removed below a directory, which stays until it is removed itself: on a disk, it would.
    func keepDirectory(_ prefix: String) {
        guard !prefix.isEmpty else { return }
        state.withLock { state in
            state.keptDirectories.append(ExactKey(prefix))
            if state.keptDirectories.count > Limits.keptDirectories { state.keptDirectories.removeFirst() }
        }
    }

    /// The directory was removed or renamed.
    func dropDirectory(_ prefix: String) { state.withLock { _ = $0.keptDirectories.remove(ExactKey(prefix)) } }

    /// Whether it is remembered as existing.
    func keepsDirectory(_ prefix: String) -> Bool {
        state.withLock { $0.keptDirectories.contains(ExactKey(prefix)) }
    }

    /// The remembered directories directly or deeper below a prefix.
    func keptDirectories(below prefix: String) -> [String] {
        state.withLock { state in
            state.keptDirectories.map { String(decoding: $0.bytes, as: UTF8.self) }
                .filter { $0.hasBytes(of: prefix) && !$0.isExactly(prefix) }
        }
    }

    /// The prefixes, each with its `/`, that a key is below.
    static func parents(of key: String) -> [String] {
        var parents: [String] = []
        let bytes = Array(key.utf8)
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
            parents.append(String(decoding: bytes[...index], as: UTF8.self))
        }
        return parents
    }
}
