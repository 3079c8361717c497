import Synchronization

/// Wakes all who wait for something, such as a stream that becomes readable.
final class ReadySignal: Sendable {
    private struct State {
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Wakes everybody.
    func send() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for the next signal; `arm` runs once nothing can be missed any more.
    func wait(_ arm: @Sendable () throws -> Void) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.waiters[id] = continuation }
                do {
                    try arm()
                    if Task.isCancelled { throw CancellationError() }
                } catch {
                    take(id)?.resume(throwing: error)
                }
            }
        } onCancel: {
            take(id)?.resume(throwing: CancellationError())
        }
    }

    private func take(_ id: Int) -> CheckedContinuation<Void, any Error>? {
        state.withLock { $0.waiters.removeValue(forKey: id) }
    }
}
