/// How often a long operation is asked for its state, and for how long.
public struct PollSchedule: Sendable, Hashable {
    /// The first pause.
    public var first: Duration
    /// Each pause is so many times the one before.
    public var growth: Double
    /// The longest pause.
    public var longest: Duration
    /// In all.
    public var limit: Duration

    /// A schedule.
    public init(first: Duration = .seconds(1), growth: Double = 1.5, longest: Duration = .seconds(15), limit: Duration)
    {
        self.first = first
        self.growth = growth
        self.longest = longest
        self.limit = limit
    }
}

/// Asks until there is a value: at once, then as the schedule says.
///
/// - Throws: what `probe` throws; what `failing` makes of the end of the schedule (`timedOut`) or of the task's
///   cancellation (`cancelled`).
public func poll<Value, Failure: Error>(
    _ schedule: PollSchedule, time: HTTPTime = .system, failing: (HTTPError) -> Failure,
    _ probe: () async throws(Failure) -> Value?
) async throws(Failure) -> Value {
    let start = time.uptime()
    var pause = schedule.first
    while true {
        if let value = try await probe() { return value }
        let left = schedule.limit - (time.uptime() - start)
        guard left > .zero else {
            throw failing(
                HTTPError(.timedOut, "not done within \(schedule.limit.milliseconds / 1000) s", wasSent: true))
        }
        do throws(HTTPError) {
            try await time.pause(min(pause, left))
        } catch {
            throw failing(error)
        }
        pause = min(pause * schedule.growth, schedule.longest)
    }
}
