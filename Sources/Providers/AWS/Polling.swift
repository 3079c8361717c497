import HTTPKit
import ProviderAPI

/// How EC2 is asked again and again until something has happened there.
struct Polling: Sendable {
    private let schedule: PollSchedule

    init(first: Duration = .milliseconds(250), longest: Duration = .seconds(5), deadline: Duration) {
        schedule = PollSchedule(first: first, longest: longest, limit: deadline)
    }

    /// Asks until there is an answer. Throws what the question throws, `timedOut` at the deadline, and `cancelled` when
    /// the task is, both with `what` in it.
    @discardableResult
    func until<Answer>(
        _ what: String, _ ask: () async throws(ProviderError) -> Answer?
    ) async throws(ProviderError) -> Answer {
        try await poll(
            schedule,
            failing: { error in
                error.code == .cancelled
                    ? ProviderError(.cancelled, "\(what): interrupted")
                    : ProviderError(.timedOut, "\(what): \(error.message); it may still happen")
            }, ask)
    }
}
