import Synchronization

/// Tasks that wait until a condition may have changed.
final class WaitingRoom: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Returns at the next ``release()``, at a cancellation of the task, or at once where the condition does not hold.
    /// The condition is tested under the room's lock: it must not enter the room.
    func wait(while condition: @Sendable () -> Bool) async {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.cancelled.contains(ticket) || !condition() { return true }
                    state.waiting[ticket] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.cancelled.insert(ticket)
                return state.waiting.removeValue(forKey: ticket)
            }
            continuation?.resume()
        }
        state.withLock { _ = $0.cancelled.remove(ticket) }
    }

    /// Lets everybody look again.
    func release() {
        let all = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in all.values { continuation.resume() }
    }
}
