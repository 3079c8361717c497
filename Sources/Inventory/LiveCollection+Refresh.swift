import ProviderAPI
import Synchronization

extension LiveCollection {
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
        if age < owner.policy.cache { return .fresh }
        guard age < owner.policy.cache * 2, state.failure == nil else { return .stale }
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

    /// Reads these whole, each once however many ask; with all others that are not, where that is no more work.
    func complete(_ wanted: [Item.ID]) async throws(ProviderError) {
        let began = owner.time.uptime()
        let ids = service.completesTogether ? incomplete(and: wanted) : wanted
        let (mine, others, start) = state.withLock { state -> ([Item.ID: Promise<Void>], [Promise<Void>], Start) in
            var mine: [Item.ID: Promise<Void>] = [:]
            var others: [Promise<Void>] = []
            for id in ids {
                if let promise = state.completions[id] {
                    others.append(promise)
                } else {
                    let promise = Promise<Void>()
                    state.completions[id] = promise
                    mine[id] = promise
                }
            }
            return (mine, others, Start(epoch: state.epoch, marks: state.marks, uptime: began))
        }
        if !mine.isEmpty { Task { await self.completing(mine, start) } }
        for promise in Array(mine.values) + others { try await promise.value() }
    }

    private func incomplete(and wanted: [Item.ID]) -> [Item.ID] {
        let others = state.withLock { $0.records.values.filter { !$0.item.isComplete }.map(\.item.id) }
        return Array(Set(wanted).union(others))
    }

    private func completing(_ promises: [Item.ID: Promise<Void>], _ start: Start) async {
        let ids = Array(promises.keys)
        let service = service
        var result = Result<Void, ProviderError>.success(())
        do throws(ProviderError) {
            let items = try await owner.call("read \(Item.kind.rawValue)") {
                () async throws(ProviderError) -> [Item] in try await service.items(ids)
            }
            install(items, of: ids, start, clearsMarks: false)
        } catch {
            result = .failure(error)
        }
        state.withLock { state in for id in ids { state.completions[id] = nil } }
        for promise in promises.values { promise.fulfil(result) }
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

    func markStale(id: String, detail: String) {
        state.withLock { state in
            state.marks += 1
            state.stale[Item.ID(id)] = Mark(number: state.marks, detail: detail)
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
