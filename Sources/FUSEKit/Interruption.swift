import CFUSE
import Synchronization

/// The link from the kernel's INTERRUPT of a request to the task that answers it.
final class Interruption: Sendable {
    private enum State {
        case waiting
        case running(Task<Void, Never>)
        case interrupted
        case finished
    }

    private let state = Mutex(State.waiting)

    /// What libfuse calls with a retained `Interruption`; it holds the request's lock while it does.
    static let callback: fuse_interrupt_func_t = { _, context in
        guard let context else { return }
        Unmanaged<Interruption>.fromOpaque(context).takeUnretainedValue().interrupt()
    }

    /// Names the task to cancel; cancels it if the interrupt came first.
    func adopt(_ task: Task<Void, Never>) {
        let isLate = state.withLock { state in
            switch state {
            case .waiting:
                state = .running(task)
                return false
            case .interrupted: return true
            case .running, .finished: return false
            }
        }
        if isLate { task.cancel() }
    }

    /// Cancels the task, from another thread: cancellation handlers are foreign code, which must neither run under
    /// libfuse's lock nor hold up the session.
    private func interrupt() {
        let task: Task<Void, Never>? = state.withLock { state in
            switch state {
            case .waiting:
                state = .interrupted
                return nil
            case .running(let task):
                state = .interrupted
                return task
            case .interrupted, .finished: return nil
            }
        }
        guard let task else { return }
        Task.detached { task.cancel() }
    }

    /// Lets go of the task, which holds the request, which holds this.
    func finish() {
        state.withLock { $0 = .finished }
    }
}
