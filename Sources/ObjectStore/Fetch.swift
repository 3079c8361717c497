import ProviderAPI
import Synchronization

/// One ranged read under way or done, for which several may wait, each cancellable.
final class Fetch: Sendable {
    private struct State {
        var result: Result<[UInt8], ProviderError>?
        var duration: Duration?
        var waiters: [UInt64: CheckedContinuation<Result<[UInt8], ProviderError>, Never>] = [:]
        var nextID: UInt64 = 0
    }

    /// The bytes of the object it covers.
    let range: Range<Int>
    private let began = ContinuousClock.now
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Begins to read.
    init(_ range: Range<Int>, read: @escaping @Sendable () async -> Result<[UInt8], ProviderError>) {
        self.range = range
        task.withLock { task in
            task = Task { [weak self] in
                let result = await read()
                self?.settle(result)
            }
        }
    }

    deinit { cancel() }

    /// Nobody will ask for it any more.
    func cancel() { task.withLock { $0?.cancel() } }

    /// The bytes, where they are there.
    var present: [UInt8]? {
        state.withLock { state in
            if case .success(let bytes)? = state.result { bytes } else { nil }
        }
    }

    /// How long it took; nil while it is under way or where it failed.
    var duration: Duration? { state.withLock { $0.duration } }

    /// Whether it ended in an error.
    var hasFailed: Bool {
        state.withLock { state in
            if case .failure? = state.result { true } else { false }
        }
    }

    /// The bytes. Throws what the read threw, and `cancelled` when the waiting task is cancelled.
    func bytes() async throws(ProviderError) -> [UInt8] {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(id, continuation) }
        } onCancel: {
            leave(id)
        }
        return try result.get()
    }

    private static var interrupted: Result<[UInt8], ProviderError> {
        .failure(ProviderError(.cancelled, "interrupted"))
    }

    private func wait(_ id: UInt64, _ continuation: CheckedContinuation<Result<[UInt8], ProviderError>, Never>) {
        let answer = state.withLock { state -> Result<[UInt8], ProviderError>? in
            if let result = state.result { return result }
            if Task.isCancelled { return Self.interrupted }
            state.waiters[id] = continuation
            return nil
        }
        if let answer { continuation.resume(returning: answer) }
    }

    private func leave(_ id: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.resume(returning: Self.interrupted)
    }

    private func settle(_ result: Result<[UInt8], ProviderError>) {
        let waiters = state.withLock { state in
            state.result = result
            if case .success = result { state.duration = ContinuousClock.now - began }
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: result) }
    }
}
