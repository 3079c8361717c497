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

    /// Looks, and begins a refresh where what is known is merely old. Call with the lock held.
    func freshness(_ state: inout State, _ need: Need, _ id: Item.ID?) -> Freshness {
        guard let loaded = state.loaded, !state.isAllStale else { return .stale }
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
        // The marks are taken off with the epoch, in one moment: what an event names from here on must be read again.
        let (marked, isPartial, epoch) = state.withLock { state -> ([Item.ID: String], Bool, Int) in
            let isPartial =
                state.loaded != nil && !state.isAllStale && !state.stale.isEmpty
                && state.stale.count <= Self.partialLimit
                && (isCovered || began - (state.loaded ?? .zero) < owner.policy.cache)
            let marked = state.stale
            state.stale = [:]
            if !isPartial { state.isAllStale = false }
            return (marked, isPartial, state.epoch)
        }
        do throws(ProviderError) {
            if isPartial {
                try await fetch(marked, epoch: epoch, began: began)
            } else {
                try await fetchAll(marked, epoch: epoch, began: began)
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
            // Events that came meanwhile: whoever keeps what this flight brought must hear of what they name.
            if error == nil, state.isAllStale || !state.stale.isEmpty { startFlight(&state) }
        }
        flight.fulfil(error.map { .failure($0) } ?? .success(()))
    }

    private func fetchAll(_ marked: [Item.ID: String], epoch: Int, began: Duration) async throws(ProviderError) {
        let items: [Item]
        do throws(ProviderError) {
            let service = service
            items = try await owner.call("list \(Item.kind.rawValue)") {
                () async throws(ProviderError) -> [Item] in try await service.list()
            }
        } catch {
            state.withLock { state in
                state.isAllStale = true
                state.stale.merge(marked) { now, _ in now }
            }
            throw error
        }
        install(items, marked: marked, epoch: epoch, began: began)
    }

    private func fetch(_ named: [Item.ID: String], epoch: Int, began: Duration) async throws(ProviderError) {
        let ids = Array(named.keys)
        let service = service
        do throws(ProviderError) {
            let items = try await owner.call("read \(Item.kind.rawValue)") {
                () async throws(ProviderError) -> [Item] in try await service.items(ids)
            }
            install(items, of: ids, marked: named, epoch: epoch, began: began)
        } catch {
            state.withLock { $0.stale.merge(named) { now, _ in now } }
            throw error
        }
    }

    /// Reads these whole, each once however many ask.
    func complete(_ ids: [Item.ID]) async throws(ProviderError) {
        let (mine, others, epoch) = state.withLock { state -> ([Item.ID: Promise<Void>], [Promise<Void>], Int) in
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
            return (mine, others, state.epoch)
        }
        if !mine.isEmpty { Task { await self.completing(mine, epoch: epoch) } }
        for promise in Array(mine.values) + others { try await promise.value() }
    }

    private func completing(_ promises: [Item.ID: Promise<Void>], epoch: Int) async {
        let ids = Array(promises.keys)
        let service = service
        let began = owner.time.uptime()
        var result = Result<Void, ProviderError>.success(())
        do throws(ProviderError) {
            let items = try await owner.call("read \(Item.kind.rawValue)") {
                () async throws(ProviderError) -> [Item] in try await service.items(ids)
            }
            install(items, of: ids, marked: [:], epoch: epoch, began: began)
        } catch {
            result = .failure(error)
        }
        state.withLock { state in for id in ids { state.completions[id] = nil } }
        for promise in promises.values { promise.fulfil(result) }
    }
}

extension LiveCollection: InventoryMember {
    var kind: Kind { Item.kind }

    func markStale(id: String, detail: String) {
        state.withLock { state in
            state.stale[Item.ID(id)] = detail
            startFlight(&state)
        }
    }

    func markAllStale(detail: String) {
        state.withLock { state in
            state.isAllStale = true
            state.failure = nil
            if state.loaded != nil { startFlight(&state) }
        }
    }
}
