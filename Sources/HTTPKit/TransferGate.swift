import DequeModule
import Synchronization

/// Lets a bounded number of exchanges begin, in the order they came. Waiting can be cancelled.
final class TransferGate: Sendable {
    private struct State {
        var free: Int
        var next = 0
        var waiters: Deque<(ticket: Int, continuation: CheckedContinuation<Bool, Never>)> = []
    }

    private let state: Mutex<State>

    init(_ limit: Int) {
        state = Mutex(State(free: max(1, limit)))
    }

    /// Waits for a place; `cancelled` when the task is, and then none is held.
    func enter() async throws(HTTPError) {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiters.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.waiters.remove(at: index).continuation
            }
            waiter?.resume(returning: false)
        }
        if !isIn { throw HTTPError(.cancelled, "interrupted") }
    }

    /// Gives a place back.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if let next = state.waiters.popFirst() { return next.continuation }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }
}
