import ProviderAPI
import Synchronization

/// Pages of listings that were read a moment ago: who walks or fills a directory asks for one name after the other, and
/// a page has told them all at once.
///
/// A look-up by itself is always asked for. Where many follow one another in one directory, the page that they are of
/// serves them, for as long as a stat(2) is good, and is then read again: one call a second instead of two a name. What
/// was done here since has to be laid over it (``RecentChanges``).
final class KnownPages: Sendable {
    /// What a page tells of a key.
    struct Entry: Sendable {
        let object: ObjectInfo?
        let isDirectory: Bool
        /// When the page was asked for.
        let asked: Duration
    }

    /// What to do for a look-up.
    enum Word: Sendable {
        case known(Entry)
        /// Read the page that begins there, since others of it are likely to be asked for.
        case list(after: Start)
        case ask
    }

    /// Where a page begins.
    struct Start: Sendable {
        /// The store's word for it; nil for the first page.
        var token: String?
        /// The last key of the page before.
        var key: String?
    }

    struct Page: Sendable {
        let prefix: String
        let start: Start
        /// The last key that it tells of; nil for all that follow.
        let end: String?
        let content: ObjectPage
        let asked: Duration
    }

    /// Look-ups in a directory, since when.
    struct Demand: Sendable {
        let prefix: String
        let since: Duration
        var count = 0
        /// Whether a page was read for them.
        var isServed = false
    }

    struct State: Sendable {
        /// The one read last comes last.
        var pages: [Page] = []
        var demands: [Demand] = []
    }

    private let state = Mutex(State())
    private let uptime: @Sendable () -> Duration

    /// None known, by a clock of that reading.
    init(uptime: @escaping @Sendable () -> Duration) { self.uptime = uptime }

    /// What is known of a key directly below a prefix.
    func look(_ key: String, in prefix: String) -> Word {
        let now = uptime()
        return state.withLock { state in
            let demand = state.count(prefix, now)
            guard state.demands[demand].count > Limits.singleLookUps else { return .ask }
            let pages = state.pages.filter { $0.prefix.isExactly(prefix) }
            let page = pages.last { $0.covers(key) }
            if let page, now - page.asked < Limits.pageWindow { return .known(page.entry(key)) }
            // One that ends before the key is no help, and is not read in vain again before it is forgotten.
            let isVain = page == nil && pages.contains { now - $0.asked < Limits.pageMemory }
            guard !isVain, !state.demands[demand].isServed else { return .ask }
            state.demands[demand].isServed = true
            return .list(after: page?.start ?? Start())
        }
    }

    /// Takes a page that was asked for at that time, and gives where the next one begins.
    @discardableResult
    func note(_ content: ObjectPage, of prefix: String, after start: Start, asked: Duration) -> Start {
        let greatest = [content.objects.last?.key, content.prefixes.last].compactMap(\.self).max { $0.precedes($1) }
        let end = content.next == nil ? nil : greatest ?? start.key ?? ""
        let next = Start(token: content.next, key: end)
        // Only what is in order can be searched.
        guard content.objects.map(\.key).areInOrder, content.prefixes.areInOrder else { return next }
        let page = Page(prefix: prefix, start: start, end: end, content: content, asked: asked)
        state.withLock { state in
            state.pages.removeAll { old in
                let isSame = old.start.token == start.token || asked - old.asked > Limits.pageMemory
                return isSame && old.prefix.isExactly(prefix)
            }
            state.pages.append(page)
            if state.pages.count > Limits.pages { state.pages.removeFirst() }
        }
        return next
    }

    /// The objects directly below a prefix that pages have told of, however long ago, in the order of their keys.
    func objects(in prefix: String) -> [Entry] {
        let pages = state.withLock { $0.pages.filter { $0.prefix.isExactly(prefix) } }
        let inOrder = pages.sorted { ($0.start.key ?? "").precedes($1.start.key ?? "") }
        var objects: [Entry] = []
        for page in inOrder {
            // Pages of different moments may tell of the same keys.
            for object in page.content.objects where objects.last?.object?.key.precedes(object.key) ?? true {
                objects.append(Entry(object: object, isDirectory: false, asked: page.asked))
            }
        }
        return objects
    }

    /// A directory that was just made holds nothing.
    func noteEmpty(_ prefix: String) {
        note(ObjectPage(objects: [], prefixes: []), of: prefix, after: Start(), asked: uptime())
    }

    /// Forgets what was told of the directories that a change reached into in other ways than by single objects.
    func forget() { state.withLock { $0.pages = [] } }
}

extension KnownPages.Page {
    /// Whether it tells of an object and of a directory of that key.
    func covers(_ key: String) -> Bool {
        if let first = start.key, !first.precedes(key) { return false }
        guard let end else { return true }
        return !end.precedes(key + "/")
    }

    func entry(_ key: String) -> KnownPages.Entry {
        let object = content.objects.partition { $0.key.precedes(key) }
        let directory = content.prefixes.partition { $0.precedes(key + "/") }
        return KnownPages.Entry(
            object: content.objects[object...].first.flatMap { $0.key.isExactly(key) ? $0 : nil },
            isDirectory: content.prefixes[directory...].first?.isExactly(key + "/") ?? false, asked: asked)
    }
}

extension KnownPages.State {
    /// Counts a look-up; the index of those in the same directory.
    mutating func count(_ prefix: String, _ now: Duration) -> Int {
        demands.removeAll { now - $0.since >= Limits.pageWindow }
        let known = demands.firstIndex { $0.prefix.isExactly(prefix) }
        var demand = known.map { demands.remove(at: $0) } ?? KnownPages.Demand(prefix: prefix, since: now)
        demand.count += 1
        if demands.count == Limits.pages { demands.removeFirst() }
        demands.append(demand)
        return demands.count - 1
    }
}

extension String {
    /// Whether the bytes come before those of another.
    func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension [String] {
    fileprivate var areInOrder: Bool { zip(self, dropFirst()).allSatisfy { $0.precedes($1) } }
}

extension Array {
    /// How many elements from the first fulfil a condition that the later ones do not.
    func partition(_ isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
