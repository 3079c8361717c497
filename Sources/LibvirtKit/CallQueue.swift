import Dispatch
import Synchronization

/// Threads kept for blocking calls: a fixed number of lanes, each a serial queue, so that a peer that stopped answering
/// holds at most that many threads and never one of Swift's shared pool.
///
/// A caller that is cancelled leaves at once; its call, if it has begun, ends on its lane and the result is dropped.
public final class CallQueue: Sendable {
    private struct Waiting {
        let id: UInt64
        let start: @Sendable () -> Void
    }

    private struct State {
        var idle: [DispatchQueue]
        var waiting: [Waiting] = []
        var nextID: UInt64 = 0
    }

    private let state: Mutex<State>

    /// A queue that makes at most `width` calls at a time.
    public init(label: String, width: Int) {
        let lanes = (0..<max(width, 1)).map { DispatchQueue(label: "\(label).\($0)") }
        state = Mutex(State(idle: lanes))
    }

    /// Makes a blocking call on one of the lanes. Throws what the call throws, or `CancellationError`.
    public func run<Answer: Sendable>(_ call: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        let pending = PendingCall<Answer>()
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard pending.begin(continuation) else { return }
                enqueue(Waiting(id: id) { pending.finish(Result(catching: call)) }) { pending.isFinished }
            }
        } onCancel: {
            pending.finish(.failure(CancellationError()))
            state.withLock { state in state.waiting.removeAll { $0.id == id } }
        }
    }

    private func enqueue(_ job: Waiting, isCancelled: () -> Bool) {
        let lane: DispatchQueue? = state.withLock { state in
            if let lane = state.idle.popLast() { return lane }
            // Checked under the lock: a cancellation that came before this finds nothing to remove.
            if !isCancelled() { state.waiting.append(job) }
            return nil
        }
        if let lane { start(job, on: lane) }
    }

    private func start(_ job: Waiting, on lane: DispatchQueue) {
        lane.async { [self] in
            job.start()
            let next: Waiting? = state.withLock { state in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                state.idle.append(lane)
                return nil
            }
            if let next { start(next, on: lane) }
        }
    }
}

/// One call's continuation: resumed once, by its answer or by its cancellation.
private final class PendingCall<Answer: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Answer, any Error>)
        case finished
    }

    private let state = Mutex(State.idle)

    var isFinished: Bool {
        state.withLock { state in
            if case .finished = state { return true }
            return false
        }
    }

    /// Takes the continuation; false where the call was cancelled before, and the continuation is then resumed.
    func begin(_ continuation: CheckedContinuation<Answer, any Error>) -> Bool {
        let isCancelled = state.withLock { state in
            if case .finished = state { return true }
            state = .waiting(continuation)
            return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        return !isCancelled
    }

    func finish(_ result: Result<Answer, any Error>) {
        let continuation: CheckedContinuation<Answer, any Error>? = state.withLock { state in
            defer { state = .finished }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(with: result)
    }
}
