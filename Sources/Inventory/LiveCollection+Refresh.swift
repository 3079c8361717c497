import ProviderAPI
import Synchronization

/// How good what is known is for a need.
enum Freshness: Sendable {
    case fresh
    /// Old, and a refresh is under way: one more interval at most.
    case usable
    case stale
}

/// What was so when a refresh began: what came after it is newer than what the refresh brings.
struct Start: Sendable {
    var epoch: Int
    var marks: Int
    var uptime: Duration
}

extension LiveCollection {
    /// Looks, and begins a refresh where what is known is merely old. Call with the lock held.
    func freshness(_ state: inout State, _ need: Need, _ id: Item.ID?) -> Freshness {
        guard let loaded = state.loaded, state.allStale == nil else { return .stale }
        if let id {
            if state.stale[id] != nil { return .stale }
        } else if !state.stale.isEmpty {
            return .stale
        }
        let age = owner.time.uptime() - loaded
        if isCovered && !need.polled { return age < Self.eventLifetime ? .fresh : .stale }
        // Listings that take longer than the interval would be old when they come, and asked for without a pause. One that
        // was slow for once counts for nothing.
        let took = state.listings.map { min($0.before, $0.last) } ?? .zero
        let interval = max(owner.policy.cache, took * 2)
        if age < interval { return .fresh }
        guard age < interval * 2, state.failure == nil else { return .stale }
        startFlight(&state)
        return .usable
    }

    /// Waits until what is known is good enough.
    func refresh(_ need: Need, _ id: Item.ID? = nil) async throws(ProviderError) {
        for _ in 0..<3 {
            let now = owner.time.uptime()
            let flight = try state.withLock { state throws(ProviderError) -> Promise<Void>? in
                guard freshness(&state, need, id) == .stale else { return nil }
                if state.flight == nil, let failure = state.failure, now - failure.at < Self.failureLifetime {
                    throw failure.error
                }
                return startFlight(&state)
            }
            guard let flight else { return }
            try await flight.value()
        }
    }

    /// The refresh under way, or a new one. Call with the lock held.
    @discardableResult func startFlight(_ state: inout State) -> Promise<Void> {
        if let flight = state.flight { return flight }
        let flight = Promise<Void>()
        state.flight = flight
        Task { await self.fly(flight) }
        return flight
    }

    private func fly(_ flight: Promise<Void>) async {
        let began = owner.time.uptime()
        let (ids, start) = state.withLock { state -> ([Item.ID]?, Start) in
            let age = began - (state.loaded ?? .zero)
            let isPartial =
                state.loaded != nil && state.allStale == nil && !state.stale.isEmpty
                && state.stale.count <= Self.partialLimit && (isCovered || age < owner.policy.cache)
            let start = Start(epoch: state.epoch, marks: state.marks, uptime: began)
            return (isPartial ? Array(state.stale.keys) : nil, start)
        }
        do throws(ProviderError) {
            if let ids {
                try await fetch(ids, start)
            } else {
                try await fetchAll(start)
            }
            land(flight, nil)
        } catch {
            land(flight, error)
        }
    }

    private func land(_ flight: Promise<Void>, _ error: ProviderError?) {
        let now = owner.time.uptime()
        state.withLock { state in
            state.flight = nil
            state.failure = error.map { ($0, now) }
            // What was named meanwhile is read at once: readers who rely on events are not to find it by asking.
            let isNamed = state.allStale != nil || !state.stale.isEmpty
            if error == nil, isNamed { startFlight(&state) }
        }
        flight.fulfil(error.map { .failure($0) } ?? .success(()))
        // What readers have kept cannot be made true now: they must come and hear why.
        if error != nil { owner.distrust() }
    }

    private func fetchAll(_ start: Start) async throws(ProviderError) {
        let service = service
        let items = try await owner.call("list \(Item.kind.rawValue)") {
            () async throws(ProviderError) -> [Item] in try await service.list()
        }
        install(items, start)
    }

    private func fetch(_ ids: [Item.ID], _ start: Start) async throws(ProviderError) {
        let service = service
        let items = try await owner.call("read \(Item.kind.rawValue)") {
            () async throws(ProviderError) -> [Item] in try await service.items(ids)
        }
        install(items, of: ids, start, clearsMarks: true)
    }
}

extension LiveCollection: InventoryMember {
    var kind: Kind { Item.kind }

    var cache: CacheState {
        let now = owner.time.uptime()
        return state.withLock { state in
            CacheState(
                count: state.records.count, age: state.loaded.map { now - $0 },
                stale: state.allStale == nil ? state.stale.count : state.records.count,
                isRefreshing: state.flight != nil, hasFailed: state.failure != nil)
        }
    }

    func markStale(id: String, _ cause: Cause) {
        state.withLock { state in
            state.marks += 1
            let mark = Mark(number: state.marks, cause: cause.following(state.stale[Item.ID(id)]?.cause))
            state.stale[Item.ID(id)] = mark
            startFlight(&state)
        }
    }

    func markAllStale(detail: String) {
        state.withLock { state in
            state.marks += 1
            state.allStale = state.marks
            state.failure = nil
            if state.loaded != nil { startFlight(&state) }
        }
    }
}
