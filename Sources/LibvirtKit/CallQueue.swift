import Dispatch
import Synchronization

/// Threads kept for blocking calls: a fixed number of lanes, each a serial queue, so that a peer that stopped answering
/// holds at most that many threads and never one of Swift's shared pool.
///
/// A caller that is cancelled leaves at once; its call, if it has begun, ends on its lane and the result is dropped.
public final class CallQueue: Sendable {
    private struct Job {
        let id: UInt64
        let start: @Sendable (Int) -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        /// Numbers of the lanes with nothing to do.
        var idle: Set<Int>
        var waiting: [Job] = []
        var running: [Int: Job] = [:]
        var nextID: UInt64 = 0
    }

    private let lanes: [DispatchQueue]
    private let state: Mutex<State>

    /// A queue that makes at most `width` calls at a time.
    public init(label: String, width: Int) {
        lanes = (0..<max(width, 1)).map { DispatchQueue(label: "\(label).\($0)") }
        state = Mutex(State(idle: Set(lanes.indices)))
    }

    /// Makes a blocking call on the first lane that is free; the call is told which, so that what belongs to a lane is
    /// used by one call at a time. Throws what the call throws, or `CancellationError`.
    public func run<Answer: Sendable>(_ call: @escaping @Sendable (_ lane: Int) throws -> Answer) async throws
        -> Answer
    {
        let pending = PendingCall<Answer>()
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard pending.begin(continuation) else { return }
                let job = Job(id: id) { lane in
                    pending.finish(Result { try call(lane) })
                } fail: { error in
                    pending.finish(.failure(error))
                }
                enqueue(job) { pending.isFinished }
            }
        } onCancel: {
            pending.finish(.failure(CancellationError()))
            state.withLock { state in state.waiting.removeAll { $0.id == id } }
        }
    }

    /// Lets all callers go with an error. Calls that have begun end on their lanes, whenever that is; the lanes are not
    /// used before.
    public func abandonAll(_ error: any Error) {
        let jobs = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting + state.running.values
        }
        for job in jobs { job.fail(error) }
    }

    private func enqueue(_ job: Job, isCancelled: () -> Bool) {
        let lane: Int? = state.withLock { state in
            // The lowest number first: the others stay unused as long as possible.
            if let lane = state.idle.min() {
                state.idle.remove(lane)
                state.running[lane] = job
                return lane
            }
            // Checked under the lock: a cancellation that came before this finds nothing to remove.
            if !isCancelled() { state.waiting.append(job) }
            return nil
        }
        if let lane { start(job, on: lane) }
    }

    private func start(_ job: Job, on lane: Int) {
        lanes[lane].async { [self] in
            job.start(lane)
            let next: Job? = state.withLock { state in
                guard !state.waiting.isEmpty else {
                    state.idle.insert(lane)
                    state.running[lane] = nil
                    return nil
                }
                let next = state.waiting.removeFirst()
                state.running[lane] = next
                return next
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
