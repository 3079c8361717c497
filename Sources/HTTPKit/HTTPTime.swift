import Glibc

/// Clocks, waiting and chance, so that tests can drive them.
public struct HTTPTime: Sendable {
    /// Time that only goes forward.
    public let uptime: @Sendable () -> Duration
    /// Seconds since 1970.
    public let wall: @Sendable () -> Int
    /// Waits; throws when the task is cancelled.
    public let sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 up to 1, without 1.
    public let random: @Sendable () -> Double

    /// A time.
    public init(
        uptime: @escaping @Sendable () -> Duration, wall: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double
    ) {
        self.uptime = uptime
        self.wall = wall
        self.sleep = sleep
        self.random = random
    }

    /// The machine's.
    public static let system = HTTPTime(
        uptime: {
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
        },
        wall: { time(nil) },
        sleep: { try await Task.sleep(for: $0) },
        random: { Double.random(in: 0..<1) })

    /// Waits; `cancelled` when the task is.
    func pause(_ duration: Duration) async throws(HTTPError) {
        do {
            try await sleep(duration)
        } catch {
            throw HTTPError(.cancelled, "interrupted")
        }
    }
}
