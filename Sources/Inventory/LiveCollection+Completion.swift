import ProviderAPI
import Synchronization

extension LiveCollection {
    /// Reads one whole, and with it those that its reader will ask for next.
    func complete(from id: Item.ID) async throws(ProviderError) {
        let (window, isJoined) = state.withLock { state in
            state.completions[id] == nil ? (Self.window(&state, from: id), false) : ([id], true)
        }
        let began = owner.time.uptime()
        do throws(ProviderError) {
            try await complete(window)
        } catch {
            // What many together could not be, one may be.
            guard window.count > 1 || isJoined, error.code != .cancelled else { throw error }
            state.withLock { $0.sweep = Sweep() }
            return try await complete([id])
        }
        guard window.count > 1 else { return }
        let took = owner.time.uptime() - began
        state.withLock { $0.sweep.ended(after: took) }
    }

    /// What to read when one is asked for: itself, and those beside it in order of name that lack their details, as far as
    /// the sweep reaches. Call with the lock held.
    private static func window(_ state: inout State, from id: Item.ID) -> [Item.ID] {
        guard let sorted = state.sorted, let name = state.records[id]?.entryName else { return [id] }
        let position = place(of: name, in: sorted)
        guard position < sorted.count else { return [id] }
        let names = sorted[state.sweep.window(at: position, of: sorted.count)]
        return [id]
            + names.compactMap { name in
                guard let other = state.ids[name], other != id, state.records[other]?.isComplete == false else {
                    return nil
                }
                return other
            }
    }

    /// Reads these whole, each once however many ask.
    func complete(_ ids: [Item.ID]) async throws(ProviderError) {
        let began = owner.time.uptime()
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
