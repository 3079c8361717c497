import Synchronization

/// Calls back when a time is over, unless it is told before that nobody waits any more.
///
/// One sleep serves all: a sleep of its own for each request would stay with the system until its time, however long ago
/// the request was answered.
public final class Deadlines: Sendable {
    /// What one call of ``set(_:_:)`` is known by.
    public struct Ticket: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    private struct Waiting {
        let due: ContinuousClock.Instant
        let body: @Sendable () -> Void
    }

    private struct State {
        var waiting: [UInt64: Waiting] = [:]
        var last: UInt64 = 0
        var sleep: (end: ContinuousClock.Instant, task: Task<Void, Never>)?
    }

    /// Those of the process.
    public static let shared = Deadlines()
    private let state = Mutex(State())

    /// None set.
    init() {}

    /// Calls `body`, which must not wait, after that time.
    public func set(_ limit: Duration, _ body: @escaping @Sendable () -> Void) -> Ticket {
        let due = ContinuousClock.now + limit
        let (ticket, disturbed) = state.withLock { state in
            state.last += 1
            state.waiting[state.last] = Waiting(due: due, body: body)
            let ticket = Ticket(number: state.last)
            if let sleep = state.sleep, sleep.end <= due { return (ticket, nil as Task<Void, Never>?) }
            defer { state.sleep = (due, sleeping(until: due)) }
            return (ticket, state.sleep?.task)
        }
        disturbed?.cancel()
        return ticket
    }

    /// Nobody waits any more; nothing is called from now on.
    public func cancel(_ ticket: Ticket) {
        _ = state.withLock { $0.waiting.removeValue(forKey: ticket.number) }
    }

    private func sleeping(until end: ContinuousClock.Instant) -> Task<Void, Never> {
        Task {
            guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return }
            self.ring()
        }
    }

    private func ring() {
        let now = ContinuousClock.now
        let due = state.withLock { state in
            let due = state.waiting.filter { $0.value.due <= now }
            for number in due.keys { state.waiting[number] = nil }
            state.sleep = state.waiting.values.map(\.due).min().map { ($0, sleeping(until: $0)) }
            return due
        }
        for waiting in due.values.sorted(by: { $0.due < $1.due }) { waiting.body() }
    }
}
