public import ProviderAPI
import Synchronization

/// What a reader needs to be true of what it gets.
public struct Need: Sendable, Hashable {
    /// The facts that a bulk listing may leave out.
    public var detail: Bool
    /// The facts that no event tells of.
    public var polled: Bool

    /// A need.
    public init(detail: Bool = false, polled: Bool = false) {
        self.detail = detail
        self.polled = polled
    }
}

/// One collection of a provider as it is known now: what a bulk listing told, kept true by events, by age and by what
/// is written through it. Reads come from memory; one refresh at most is under way, and all who wait join it.
public final class LiveCollection<Item: Resource>: Sendable {
    /// That a resource may have changed: when, counted, and the platform's words for it.
    struct Mark {
        var number: Int
        var cause: Cause
    }

    struct State {
        var records: [Item.ID: Record<Item>] = [:]
        var ids: [String: Item.ID] = [:]
        /// Names that more than one resource could have.
        var contested: Set<String> = []
        /// Entry names in order; nil until somebody lists.
        var sorted: [String]?
        /// When the refresh that filled it began; nil before the first.
        var loaded: Duration?
        /// How long the last two listings of all took; the first counts twice.
        var listings: (before: Duration, last: Duration)?
        /// When membership last changed, nanoseconds since 1970.
        var modified: Int64
        var failure: (error: ProviderError, at: Duration)?
        /// Counts writes. A refresh that began before a write never undoes it.
        var epoch = 0
        var written: [Item.ID: Int] = [:]
        /// When each was written here last: what the platform says of that is no news.
        var echoes: [Item.ID: Duration] = [:]
        /// What the provider is being asked for, or has accepted and is doing.
        var underWay: [Item.ID: [Item.Change]] = [:]
        /// What events named since it was last read. A mark stays until a refresh that began after it has come in.
        var stale: [Item.ID: Mark] = [:]
        /// Everything may have changed, since this mark.
        var allStale: Int?
        /// Counts marks.
        var marks = 0
        var flight: Promise<Void>?
        var completions: [Item.ID: Promise<Void>] = [:]
        /// Where somebody goes through the details of one after the other.
        var sweep = Sweep()
    }

    /// How long a failed refresh answers those who come after it.
    static var failureLifetime: Duration { .seconds(1) }
    /// How long an event that brings nothing new is taken for the echo of a write.
    static var echoLifetime: Duration { .seconds(10) }
    /// A safety net under lost events.
    static var eventLifetime: Duration { .seconds(600) }
    /// More resources than these are cheaper to list anew.
    static var partialLimit: Int { 32 }

    /// The provider it belongs to.
    public let owner: LiveProvider
    /// How to reach the platform.
    public let service: any CollectionService<Item>
    /// Whether events tell of changes at all.
    let isWatched: Bool
    /// The attributes that events do not tell of; nil where they tell of none.
    public let unwatchedAttributes: Set<String>?
    let differences: @Sendable (Item, Item) -> [String]
    /// Where the times of its resources are kept from mount to mount; nil where they are not.
    let keeper: TimeKeeper<Item>?
    let state: Mutex<State>
    let writers = KeyedQueue<String>()

    /// The live view of a collection. `differences` names the attributes that differ between two states of an item, by
    /// their paths below it; `identity` tells whether it is as an earlier mount found it.
    public init(
        _ service: any CollectionService<Item>, of owner: LiveProvider, identity: ContentIdentity<Item>? = nil,
        differences: @escaping @Sendable (Item, Item) -> [String]
    ) {
        self.owner = owner
        self.service = service
        self.differences = differences
        let coverage = service.eventCoverage
        isWatched = coverage != .none
        if case .all(let exceptions) = coverage { unwatchedAttributes = exceptions } else { unwatchedAttributes = nil }
        let keeper = owner.times.flatMap { ledger in identity.map { TimeKeeper(ledger, $0) } }
        self.keeper = keeper
        let modified = keeper?.ledger.entry(TimeKeeper<Item>.collectionKey)?.base
        state = Mutex(State(modified: modified ?? owner.started))
        owner.add(self)
        if let keeper {
            keeper.ledger.add { [weak self] in
                self?.account(keeper) ?? .init(subject: Item.kind.rawValue, entries: [:], untold: nil)
            }
        }
    }

    // MARK: Reading

    /// The records behind the names of the directory, in order of name.
    public struct Listing: Sendable {
        /// The entry names, sorted.
        public let names: [String]
        /// When the set of names last changed, nanoseconds since 1970.
        public let modified: Int64
    }

    /// The names of the collection.
    public func listing() -> Answer<Listing> {
        whenFresh(.init()) { state in
            if let sorted = state.sorted { return Listing(names: sorted, modified: state.modified) }
            let sorted = state.ids.keys.sorted()
            state.sorted = sorted
            return Listing(names: sorted, modified: state.modified)
        }
    }

    /// Every record, in order of name.
    public func records(_ need: Need) -> Answer<[Record<Item>]> {
        guard need.detail else { return whenFresh(need) { Self.ordered(&$0) } }
        return .later { () async throws(ProviderError) -> [Record<Item>] in
            try await self.refresh(need)
            let incomplete = self.state.withLock { $0.records.values.filter { !$0.isComplete }.map(\.item.id) }
            if !incomplete.isEmpty { try await self.complete(incomplete) }
            return self.state.withLock { Self.ordered(&$0) }
        }
    }

    private static func ordered(_ state: inout State) -> [Record<Item>] {
        state.records.values.sorted { ($0.entryName, $0.item.id) < ($1.entryName, $1.item.id) }
    }

    /// The record of that entry name; nil where it is certain that there is none.
    public func record(named name: String) -> Answer<Record<Item>?> {
        whenFresh(.init()) { state in state.ids[name].flatMap { state.records[$0] } }
    }

    /// The record of that entry name, where that takes no waiting. The way of almost every look-up.
    public func recordAtHand(named name: String) -> Record<Item>? {
        state.withLock { state in
            guard let id = state.ids[name], freshness(&state, .init(), nil) != .stale else { return nil }
            return state.records[id]
        }
    }

    /// Whether it is certain, without waiting, that nothing has that entry name.
    public func isAbsent(named name: String) -> Bool {
        state.withLock { state in state.ids[name] == nil && freshness(&state, .init(), nil) != .stale }
    }

    /// The record of that id, with what is needed of it, where that takes no waiting. The way of almost every reader.
    public func recordAtHand(_ id: Item.ID, _ need: Need) -> Record<Item>? {
        let record = state.withLock { state in freshness(&state, need, id) == .stale ? nil : state.records[id] }
        guard let record, !need.detail || record.isComplete else { return nil }
        return record
    }

    /// The record of that id, with what is needed of it; `notFound` where it is gone.
    public func record(_ id: Item.ID, _ need: Need) -> Answer<Record<Item>> {
        let (record, isFresh) = state.withLock { state in (state.records[id], freshness(&state, need, id) != .stale) }
        if isFresh, let record, record.isComplete || !need.detail { return .now(record) }
        return .later { () async throws(ProviderError) -> Record<Item> in
            if !isFresh { try await self.refresh(need, id) }
            if need.detail, self.state.withLock({ $0.records[id]?.isComplete == false }) {
                try await self.complete(from: id)
            }
            guard let record = self.state.withLock({ $0.records[id] }) else { throw self.gone(id) }
            return record
        }
    }

    /// How many are known now, without asking anybody.
    public let count = KnownCount()

    /// When the set of names last changed, nanoseconds since 1970, as far as is known now; and whether it was ever read.
    public var membership: (modified: Int64, isLoaded: Bool) { state.withLock { ($0.modified, $0.loaded != nil) } }

    /// When anything in it last changed, as far as is known now, nanoseconds since 1970.
    public var lastChange: Int64 { state.withLock { $0.records.values.reduce($0.modified) { max($0, $1.modified) } } }

    /// What is known of it now, without asking anybody.
    public func known(_ id: Item.ID) -> Record<Item>? { state.withLock { $0.records[id] } }

    /// What is known under an entry name now, without asking anybody.
    public func known(named name: String) -> Record<Item>? {
        state.withLock { state in state.ids[name].flatMap { state.records[$0] } }
    }

    /// How long the facts of a need hold, as known now.
    public func validity(polled: Bool) -> Duration? {
        if isCovered && !polled { return nil }
        let loaded = state.withLock { $0.loaded } ?? .zero
        return max(.zero, owner.policy.cache - (owner.time.uptime() - loaded))
    }

    /// Whether events tell of changes now.
    var isCovered: Bool { isWatched && owner.isConnected }

    /// Whether they tell of every change of every attribute.
    var isWhollyTold: Bool { isCovered && unwatchedAttributes?.isEmpty == true }

    func gone(_ id: Item.ID) -> ProviderError {
        ProviderError(.notFound, "the \(Item.kind.singular) \(id) is no longer there")
    }

    private func whenFresh<Value: Sendable>(
        _ need: Need, _ body: @escaping @Sendable (inout State) -> Value
    ) -> Answer<Value> {
        let value = state.withLock { state -> Value? in
            switch freshness(&state, need, nil) {
            case .fresh, .usable: body(&state)
            case .stale: nil
            }
        }
        if let value { return .now(value) }
        return .later { () async throws(ProviderError) -> Value in
            try await self.refresh(need)
            return self.state.withLock { body(&$0) }
        }
    }
}
