import Glibc

/// Where the time comes from, so that tests can drive it.
public struct TimeSource: Sendable {
    /// Nanoseconds since 1970.
    public let wall: @Sendable () -> Int64
    /// Time that only goes forward, for ages.
    public let uptime: @Sendable () -> Duration

    /// A source of time.
    public init(wall: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Duration) {
        self.wall = wall
        self.uptime = uptime
    }

    /// The machine's clocks (`clock_gettime(2)`).
    public static let system = TimeSource(
        wall: {
            let now = read(CLOCK_REALTIME)
            return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
        },
        uptime: {
            let now = read(CLOCK_MONOTONIC)
            return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
        })

    private static func read(_ clock: clockid_t) -> timespec {
        var now = timespec()
        clock_gettime(clock, &now)
        return now
    }
}

/// A moment as ISO 8601 in UTC, to the millisecond.
public func timestamp(_ nanoseconds: Int64) -> String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var fields = tm()
    gmtime_r(&seconds, &fields)
    func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let day = "\(fields.tm_year + 1900)-\(padded(Int(fields.tm_mon) + 1, 2))-\(padded(Int(fields.tm_mday), 2))"
    let clock = [fields.tm_hour, fields.tm_min, fields.tm_sec].map { padded(Int($0), 2) }.joined(separator: ":")
    return "\(day)T\(clock).\(padded(Int(nanoseconds / 1_000_000 % 1000), 3))Z"
}
