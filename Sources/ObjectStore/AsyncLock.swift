import DequeModule
import ProviderAPI
import Synchronization

/// Admits one task at a time, in the order they came; a cancelled one stops waiting.
final class AsyncLock: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var isHeld = false
        var nextID: UInt64 = 0
        var waiters: Deque<Waiter> = []
    }

    private let state = Mutex(State())

    /// Waits for the turn. Throws `cancelled` when the task is cancelled meanwhile; then nothing is held.
    func acquire() async throws(ProviderError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isHeld = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enter(Waiter(id: id, continuation: continuation)) }
        } onCancel: {
            leave(id)
        }
        if !isHeld { throw ProviderError(.cancelled, "interrupted") }
    }

    /// Lets the next one in.
    func release() {
        let next = state.withLock { state -> Waiter? in
            if let next = state.waiters.popFirst() { return next }
            state.isHeld = false
            return nil
        }
        next?.continuation.resume(returning: true)
    }

    private func enter(_ waiter: Waiter) {
        let answer = state.withLock { state -> Bool? in
            // Seen under the lock: a cancellation before it is noticed here, one after it finds the waiter in the queue.
            if Task.isCancelled { return false }
            if !state.isHeld {
                state.isHeld = true
                return true
            }
            state.waiters.append(waiter)
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private func leave(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }
}
