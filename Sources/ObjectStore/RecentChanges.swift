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
        var deleted: ObjectInfo?
        var time: Duration

        /// Whether it has been long enough for every listing to show it.
        func isOver(at now: Duration) -> Bool { now > time + Limits.recentWindow }
    }

    private struct State: Sendable {
        private(set) var changes: OrderedDictionary<ExactKey, Change> = [:]
        /// How many objects were written below a prefix.
        private(set) var written: [ExactKey: Int] = [:]
        var keptDirectories: OrderedSet<ExactKey> = []

        /// Remembers a change as the latest, or forgets it.
        mutating func set(_ key: ExactKey, _ change: Change?) {
            let old = changes.removeValue(forKey: key)
            if old?.info != nil { count(key, -1) }
            guard let change else { return }
            changes[key] = change
            if change.info != nil { count(key, 1) }
            if changes.count > Limits.recentChanges, let first = changes.keys.first { set(first, nil) }
        }

        /// The store told the time of what was written.
        mutating func settle(_ key: ExactKey, at time: Int) {
            changes[key]?.info?.modificationTime = time
            changes[key]?.info?.isTimeKnown = true
        }

        private mutating func count(_ key: ExactKey, _ difference: Int) {
            for (index, byte) in key.bytes.enumerated() where byte == UInt8(ascii: "/") {
                let parent = ExactKey(key.bytes[...index])
                let count = (written[parent] ?? 0) + difference
                written[parent] = count > 0 ? count : nil
            }
        }
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
                if let change = state.changes[key], change.info == nil { state.set(key, nil) }
            }
        }
    }

    /// An object was deleted: that version, or whatever was there.
    func deleted(_ key: String, _ version: ObjectInfo?) {
        remember(key, Change(deleted: version, time: uptime()))
    }

    /// The store contradicted what is remembered.
    func forget(_ key: String) { state.withLock { $0.set(ExactKey(key), nil) } }

    private func remember(_ key: String, _ change: Change) {
        state.withLock { $0.set(ExactKey(key), change) }
    }

    /// What an object is, given what the store says: the store's word, or what was done here if that is newer.
    ///
    /// `asked` is when the store was asked for that very object, `listed` when for a listing that it is of.
    func resolve(
        _ key: String, stored: ObjectInfo?, asked: Duration? = nil, listed: Duration? = nil
    ) -> ObjectInfo? {
        let now = uptime()
        return state.withLock { state in
            let key = ExactKey(key)
            guard let change = state.changes[key] else { return stored }
            if change.isOver(at: now) {
                state.set(key, nil)
                return stored
            }
            // What was listed before tells of something older.
            if let listed, listed < change.time { return change.info }
            guard let stored else {
                // Asked for by its key, an object that was made before and is not there was deleted by somebody else.
                if let asked, change.time < asked {
                    state.set(key, nil)
                    return nil
                }
                return change.info
            }
            guard let info = change.info else {
                return change.deleted.map { stored.isNewer(than: $0) } ?? false ? stored : nil
            }
            if stored.etag == info.etag, !info.isTimeKnown {
                state.settle(key, at: stored.modificationTime)
                return state.changes[key]?.info
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
            if prefix.utf8.last == UInt8(ascii: "/"), state.written[ExactKey(prefix)] == nil { return [] }
            return state.changes.values.compactMap { change in
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
            state.keptDirectories.filter { $0.bytes.count > prefix.utf8.count && $0.bytes.starts(with: prefix.utf8) }
                .map { String(decoding: $0.bytes, as: UTF8.self) }
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

extension ObjectInfo {
    /// Whether it is another version, and not one from before that.
    fileprivate func isNewer(than deleted: ObjectInfo) -> Bool {
        etag != deleted.etag && modificationTime >= deleted.modificationTime
    }
}
