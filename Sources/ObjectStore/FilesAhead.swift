import OrderedCollections
import ProviderAPI
import Synchronization

/// Small objects that are read before they are asked for, for who reads the files of a directory one after the other:
/// `cp -r`, `tar` or `grep -r` would else wait for an answer of the store with each.
///
/// Two files that follow one another in the listing begin it; twice as many are fetched ahead with each that is read after
/// them, at most `Limits.filesAhead` and `Limits.bytesAhead`. What is fetched is one version, by its etag, and is given to
/// a reader of that version only: how current a file is depends on its look-up, as without.
final class FilesAhead: Sendable {
    private let source: ObjectSource
    private let pages: KnownPages
    private let recent: RecentChanges
    private let state = Mutex(State())

    /// Nothing read yet.
    init(service: any ObjectService, bucket: String, memory: ObjectMemory, pages: KnownPages, recent: RecentChanges) {
        source = ObjectSource(service: service, bucket: bucket, memory: memory, ahead: nil)
        self.pages = pages
        self.recent = recent
    }

    deinit { drop { _ in true } }

    /// Notes that somebody reads an object from its start, and gives what was fetched of it, if anything was.
    func take(_ object: ObjectInfo) -> Fetch? {
        guard object.size > 0, object.size <= Limits.firstRange else { return nil }
        let known = state.withLock { $0.files.removeValue(forKey: ExactKey(object.key)) }
        if let known { source.memory.give(known.size) }
        let fetch = known.flatMap { $0.etag == object.etag && !$0.fetch.hasFailed ? $0.fetch : nil }
        let prefix = RecentChanges.parents(of: object.key).last ?? ""
        let isNear = fetch != nil
        let next = state.withLock { state in
            state.advance(to: object.key, in: prefix, isNear: isNear) { pages.following($0, in: prefix, limit: $1) }
        }
        if !next.isEmpty { begin(next) }
        return fetch
    }

    private func begin(_ objects: [KnownPages.Entry]) {
        for entry in objects {
            // What was changed here since is not what the listing told of.
            guard let object = entry.object, (1...Limits.firstRange).contains(object.size), !object.etag.isEmpty,
                recent.resolve(object.key, stored: object, listed: entry.asked)?.etag == object.etag
            else { continue }
            let isRoom = state.withLock { state in
                state.files[ExactKey(object.key)] == nil && state.bytes + object.size <= Limits.bytesAhead
            }
            guard isRoom, source.memory.take(object.size) else { continue }
            let file = State.File(
                etag: object.etag, size: object.size, begun: recent.uptime(),
                fetch: source.fetch(0..<object.size, of: object))
            let isFirst = state.withLock { state in
                if let old = state.files.updateValue(file, forKey: ExactKey(object.key)) {
                    source.memory.give(old.size)
                }
                defer { state.isSwept = true }
                return !state.isSwept
            }
            if isFirst { sweep() }
        }
    }

    /// Lets go of what nobody came for, as long as there is any.
    private func sweep() {
        Task { [weak self] in
            repeat { try? await Task.sleep(for: Limits.aheadWindow) } while self?.dropOld() ?? false
        }
    }

    /// Whether anything is left.
    private func dropOld() -> Bool {
        let now = recent.uptime()
        drop { now - $0.begun >= Limits.aheadWindow }
        return state.withLock { state in
            state.isSwept = !state.files.isEmpty
            return state.isSwept
        }
    }

    private func drop(where isDropped: (State.File) -> Bool) {
        state.withLock { state in
            for file in state.files.values where isDropped(file) { source.memory.give(file.size) }
            state.files.removeAll { isDropped($0.value) }
        }
    }
}

private struct State: Sendable {
    struct File: Sendable {
        let etag: String
        let size: Int
        let begun: Duration
        let fetch: Fetch
    }

    /// Somebody's way through a directory.
    struct Run: Sendable {
        let prefix: String
        /// The last key that was read, and how many were in order up to it.
        var key: String
        var length = 1
        /// The last key that was fetched ahead.
        var frontier: String
    }

    var files: OrderedDictionary<ExactKey, File> = [:]
    /// The one that went on last comes last.
    var runs: [Run] = []
    /// Whether a task looks after old files.
    var isSwept = false

    var bytes: Int { files.values.reduce(0) { $0 + $1.size } }

    /// Goes on to a key, and gives what to fetch ahead of it.
    mutating func advance(
        to key: String, in prefix: String, isNear: Bool, following: (String, Int) -> [KnownPages.Entry]
    ) -> [KnownPages.Entry] {
        var run = Run(prefix: prefix, key: key, frontier: key)
        if let index = runs.firstIndex(where: { $0.prefix.isExactly(prefix) }) {
            let old = runs.remove(at: index)
            // Some readers leave a name out, or come back to one.
            if isNear
                || following(old.key, Limits.namesLeftOut).contains(where: { $0.object?.key.isExactly(key) ?? false })
            {
                run = old
                run.length += 1
                if old.key.precedes(key) { run.key = key }
                if run.frontier.precedes(key) { run.frontier = key }
            }
        }
        defer {
            runs.append(run)
            if runs.count > Limits.pages { runs.removeFirst() }
        }
        guard run.length > 1 else { return [] }
        let window = min(1 << min(run.length - 1, 16), Limits.filesAhead) - files.count
        guard window > 0 else { return [] }
        let next = following(run.frontier, window)
        if let last = next.last?.object { run.frontier = last.key }
        return next
    }
}
