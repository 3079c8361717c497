import LibvirtKit
import ProviderAPI
import Synchronization

/// One attempt to connect that any number of callers wait for: each leaves when it is cancelled, all leave when it takes
/// too long, and the attempt itself goes on until libvirt answers or fails.
final class Attempt: Sendable {
    typealias Outcome = Result<Connection, ProviderError>

    private struct State {
        var outcome: Outcome?
        var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }

    private let state = Mutex(State())

    /// The connection, or why there is none.
    func value() async throws(ProviderError) -> Connection {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, id: id) }
        } onCancel: {
            cancel(id)
        }
        return try outcome.get()
    }

    /// Answers everybody, those who come later too; a second answer is passed over.
    func finish(_ outcome: Outcome) {
        let waiters = state.withLock { state in
            guard state.outcome == nil else { return [CheckedContinuation<Outcome, Never>]() }
            state.outcome = outcome
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    private func wait(_ continuation: CheckedContinuation<Outcome, Never>, id: Int) {
        let outcome: Outcome? = state.withLock { state in
            if let outcome = state.outcome { return outcome }
            if state.cancelled.remove(id) != nil { return .failure(ProviderError(.cancelled, "interrupted")) }
            state.waiters[id] = continuation
            return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
    }

    private func cancel(_ id: Int) {
        let continuation = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: id)
            if waiter == nil, state.outcome == nil { state.cancelled.insert(id) }
            return waiter
        }
        continuation?.resume(returning: .failure(ProviderError(.cancelled, "interrupted")))
    }
}
