import OrderedCollections
import ProviderAPI
import Synchronization

/// Small objects that are read before they are asked for, for who reads the files of a directory one after the other:
/// `cp -r`, `tar` or `grep -r` would else wait for an answer of the store with each.
///
/// Two files that follow one another begin it; twice as many are fetched ahead with each that is read after them, at most
/// `Limits.filesAhead` and `Limits.bytesAhead`. What is fetched is one version, by its etag, and is given to a reader of
/// that version only: how current a file is depends on its look-up, as without.
final class FilesAhead: Sendable {
    private let source: ObjectSource
    private let pages: KnownPages
    private let recent: RecentChanges
    private let number: @Sendable (String) -> UInt64
    private let state = Mutex(State())

    /// Nothing read yet. `number` gives the inode number of a key.
    init(source: ObjectSource, pages: KnownPages, recent: RecentChanges, number: @escaping @Sendable (String) -> UInt64)
    {
        self.source = source
        self.pages = pages
        self.recent = recent
        self.number = number
    }

    deinit { drop { _ in true } }

    /// Whether an object comes whole with a first read anyway.
    static func isSmall(_ object: ObjectInfo) -> Bool { (1...Limits.firstRange).contains(object.size) }

    /// Notes that somebody reads an object from its start, and gives what was fetched of it, if anything was.
    func take(_ object: ObjectInfo) -> Fetch? {
        guard Self.isSmall(object) else { return nil }
        let known = state.withLock { $0.files.removeValue(forKey: ExactKey(object.key)) }
        if let known { source.memory.give(known.size) }
        let fetch = known.flatMap { $0.etag == object.etag && !$0.fetch.hasFailed ? $0.fetch : nil }
        for entry in next(after: object.key, isAhead: fetch != nil) { begin(entry) }
        return fetch
    }

    /// What to fetch, given what is read now.
    private func next(after key: String, isAhead: Bool) -> [KnownPages.Entry] {
        let prefix = RecentChanges.parents(of: key).last ?? ""
        let now = recent.uptime()
        if let last = state.withLock({ $0.enter(prefix, key, now) }) {
            var walk = DirectoryWalk(pages.objects(in: prefix), number: number)
            walk.advance(to: last, isAhead: false)
            state.withLock { $0.follow(walk, prefix) }
            sweep()
        }
        return state.withLock { $0.goOn(to: key, in: prefix, isAhead: isAhead) }
    }

    private func begin(_ entry: KnownPages.Entry) {
        // What was changed here since is not what the listing told of.
        guard let object = entry.object, !object.etag.isEmpty,
            recent.resolve(object.key, stored: object, listed: entry.asked)?.etag == object.etag
        else { return }
        let isWanted = state.withLock { state in
            state.files[ExactKey(object.key)] == nil && state.bytes + object.size <= Limits.bytesAhead
        }
        guard isWanted, source.memory.take(object.size) else { return }
        let fetch = source.fetch(0..<object.size, of: object)
        let file = State.File(etag: object.etag, size: object.size, begun: recent.uptime(), fetch: fetch)
        let old = state.withLock { $0.files.updateValue(file, forKey: ExactKey(object.key)) }
        if let old { source.memory.give(old.size) }
    }

    /// Lets go of what nobody came for, as long as there is any.
    private func sweep() {
        let isFirst = state.withLock { state in
            defer { state.isSwept = true }
            return !state.isSwept
        }
        guard isFirst else { return }
        Task { [weak self] in
            repeat { try? await Task.sleep(for: Limits.aheadWindow) } while self?.dropOld() ?? false
        }
    }

    /// Whether anything is left.
    private func dropOld() -> Bool {
        let now = recent.uptime()
        drop { now - $0 >= Limits.aheadWindow }
        return state.withLock { state in
            state.isSwept = !state.files.isEmpty || !state.visits.isEmpty
            return state.isSwept
        }
    }

    /// Lets go of what is of such a time.
    private func drop(where isDropped: (Duration) -> Bool) {
        state.withLock { state in
            for file in state.files.values where isDropped(file.begun) { source.memory.give(file.size) }
            state.files.removeAll { isDropped($0.value.begun) }
            state.visits.removeAll { isDropped($0.time) }
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

    /// What is read in one directory.
    struct Visit: Sendable {
        let prefix: String
        /// The key that was read last, and when.
        var last: String
        var time: Duration
        /// The way through it, from the second file on, and when it was made.
        var walk: DirectoryWalk?
        var made = Duration.zero

        /// Whether it has no way that leads to a key. Who reads one file by itself pays nothing for the others, and who
        /// reads what no listing has told of, little.
        func isLost(at key: String, _ now: Duration) -> Bool {
            guard let walk else { return !last.isExactly(key) }
            return now - made >= Limits.pageWindow && !walk.knows(key)
        }
    }

    var files: OrderedDictionary<ExactKey, File> = [:]
    /// The latest comes last.
    var visits: [Visit] = []
    /// Whether a task looks after what is old.
    var isSwept = false

    var bytes: Int { files.values.reduce(0) { $0 + $1.size } }

    /// Notes a reader in a directory; gives the key that was read there before where a new way through it is to be made.
    mutating func enter(_ prefix: String, _ key: String, _ now: Duration) -> String? {
        let known = visits.firstIndex { $0.prefix.isExactly(prefix) }.map { visits.remove(at: $0) }
        var visit = Visit(prefix: prefix, last: key, time: now)
        if let known, now - known.time < Limits.aheadWindow { visit = known }
        visit.time = now
        let isLost = visit.isLost(at: key, now)
        if isLost { visit.made = now }
        if visits.count == Limits.pages { visits.removeFirst() }
        visits.append(visit)
        return isLost ? visit.last : nil
    }

    mutating func follow(_ walk: DirectoryWalk, _ prefix: String) {
        guard let index = visits.firstIndex(where: { $0.prefix.isExactly(prefix) }) else { return }
        visits[index].walk = walk
    }

    /// Goes on to a key, and gives what to fetch.
    mutating func goOn(to key: String, in prefix: String, isAhead: Bool) -> [KnownPages.Entry] {
        guard let index = visits.firstIndex(where: { $0.prefix.isExactly(prefix) }) else { return [] }
        visits[index].last = key
        visits[index].walk?.advance(to: key, isAhead: isAhead)
        return visits[index].walk?.next(beside: files.count) ?? []
    }
}
