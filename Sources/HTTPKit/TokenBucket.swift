import Synchronization

/// Paces calls: so many a second, and so many at once after a rest. Callers are served in the order they came.
public final class TokenBucket: Sendable {
    private struct State {
        /// Below zero while callers wait for tokens that they have taken already.
        var tokens: Double
        var refilled: Duration

        mutating func refill(_ now: Duration, _ rate: Double, _ burst: Double) {
            let elapsed = max(.zero, now - refilled) / .seconds(1)
            tokens = min(burst, tokens + elapsed * rate)
            refilled = max(refilled, now)
        }
    }

    private let rate: Double
    private let burst: Double
    private let time: HTTPTime
    private let state: Mutex<State>

    /// A full bucket; `rate` is tokens a second.
    public init(rate: Double, burst: Int, time: HTTPTime = .system) {
        precondition(rate > 0 && burst > 0, "a bucket that never fills would hold every caller for ever")
        self.rate = rate
        self.burst = Double(burst)
        self.time = time
        state = Mutex(State(tokens: Double(burst), refilled: time.uptime()))
    }

    /// Takes tokens, and waits until they are there. `cancelled` when the task is; the tokens go back then.
    public func take(_ count: Int = 1) async throws(HTTPError) {
        let now = time.uptime()
        let wait = state.withLock { state -> Duration in
            state.refill(now, rate, burst)
            state.tokens -= Double(count)
            return state.tokens >= 0 ? .zero : .seconds(-state.tokens / rate)
        }
        guard wait > .zero else { return }
        do throws(HTTPError) {
            try await time.pause(wait)
        } catch {
            state.withLock { $0.tokens += Double(count) }
            throw error
        }
    }
}

/// The buckets of one account: one for each group of calls that the platform counts by itself.
public final class RateLimits: Sendable {
    /// Tokens a second, and at once after a rest.
    public struct Limit: Sendable, Hashable {
        /// A second.
        public let rate: Double
        /// At once.
        public let burst: Int

        /// A limit.
        public init(rate: Double, burst: Int) {
            self.rate = rate
            self.burst = burst
        }
    }

    private let standard: Limit
    private let groups: [String: Limit]
    private let time: HTTPTime
    private let buckets = Mutex<[String: TokenBucket]>([:])

    /// Limits: `standard` for each group that has none of its own.
    public init(_ standard: Limit, groups: [String: Limit] = [:], time: HTTPTime = .system) {
        self.standard = standard
        self.groups = groups
        self.time = time
    }

    /// Takes a token of a group, and waits until one is there.
    public func take(_ group: String = "") async throws(HTTPError) {
        let bucket = buckets.withLock { buckets in
            if let bucket = buckets[group] { return bucket }
            let limit = groups[group] ?? standard
            let bucket = TokenBucket(rate: limit.rate, burst: limit.burst, time: time)
            buckets[group] = bucket
            return bucket
        }
        try await bucket.take()
    }
}
