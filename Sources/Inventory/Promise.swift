import ProviderAPI
import Synchronization

/// A result that will be there once: any number of tasks wait for it, and each can be cancelled without the others.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case open([Int: CheckedContinuation<Result<Value, ProviderError>, Never>], next: Int)
        case fulfilled(Result<Value, ProviderError>)
    }

    private let state = Mutex(State.open([:], next: 0))

    /// Gives the result; the first one counts.
    func fulfil(_ result: Result<Value, ProviderError>) {
        let waiters = state.withLock { state -> [CheckedContinuation<Result<Value, ProviderError>, Never>] in
            guard case .open(let waiters, _) = state else { return [] }
            state = .fulfilled(result)
            return Array(waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }

    /// Whether the result is there.
    var isFulfilled: Bool {
        state.withLock { state in
            if case .fulfilled = state { true } else { false }
        }
    }

    /// Waits for the result. `cancelled` when the waiting task is.
    func value() async throws(ProviderError) -> Value {
        try await wait().get()
    }

    private func wait() async -> Result<Value, ProviderError> {
        let ticket = state.withLock { state -> Int in
            guard case .open(let waiters, let next) = state else { return -1 }
            state = .open(waiters, next: next + 1)
            return next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Result<Value, ProviderError>? in
                    switch state {
                    case .fulfilled(let result): return result
                    case .open(var waiters, let next):
                        if Task.isCancelled { return .failure(.interrupted) }
                        waiters[ticket] = continuation
                        state = .open(waiters, next: next)
                        return nil
                    }
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Result<Value, ProviderError>, Never>? in
                guard case .open(var waiters, let next) = state else { return nil }
                let waiter = waiters.removeValue(forKey: ticket)
                state = .open(waiters, next: next)
                return waiter
            }
            waiter?.resume(returning: .failure(.interrupted))
        }
    }
}

extension ProviderError {
    static let interrupted = ProviderError(.cancelled, "interrupted")
}

/// Runs an operation with a deadline. Past it the answer is `timedOut` at once, and the operation is cancelled; so it is
/// when the caller is. An operation that ignores its cancellation goes on by itself and its result is dropped.
///
/// `whole` is the time that the message names, where some of it had gone before.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ what: String, of whole: Duration? = nil,
    _ operation: @escaping @Sendable () async throws(ProviderError) -> Value
) async throws(ProviderError) -> Value {
    let promise = Promise<Value>()
    let work = Task {
        do throws(ProviderError) {
            promise.fulfil(.success(try await operation()))
        } catch {
            promise.fulfil(.failure(error))
        }
    }
    let deadline = Deadlines.shared.set(limit) {
        promise.fulfil(.failure(ProviderError(.timedOut, "\(what): no answer within \(seconds(whole ?? limit)) s")))
    }
    defer { Deadlines.shared.cancel(deadline) }
    do throws(ProviderError) {
        return try await promise.value()
    } catch {
        work.cancel()
        throw error
    }
}

/// A duration in seconds, as people write it.
func seconds(_ duration: Duration) -> String {
    let (whole, atto) = duration.components
    let tenths = atto / 100_000_000_000_000_000
    return tenths == 0 ? "\(whole)" : "\(whole).\(tenths)"
}

/// Runs a call again as long as the platform asks to come back later, when it said to or after a growing pause, and as long
/// as `limit` allows. What was refused so was not carried out, so it may be repeated whatever it is.
func retryingWhileThrottled<Value: Sendable>(
    for limit: Duration, _ call: @Sendable () async throws(ProviderError) -> Value
) async throws(ProviderError) -> Value {
    var pause = Duration.milliseconds(200)
    var waited = Duration.zero
    while true {
        do throws(ProviderError) {
            return try await call()
        } catch {
            let wait = error.retryAfter ?? pause
            guard error.code == .throttled, waited + wait <= limit else { throw error }
            do { try await Task.sleep(for: wait) } catch { throw .interrupted }
            waited += wait
            pause *= 2
        }
    }
}
