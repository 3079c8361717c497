/// What an answer means for another attempt.
public enum RetryVerdict: Sendable, Hashable {
    /// It counts.
    case final
    /// Another attempt may do better, where the request may be repeated.
    case again
    /// The request was not carried out: it may be repeated whatever it is.
    case refused
}

/// When a request is sent again, and after what pause.
public struct RetryPolicy: Sendable {
    /// In all, the first included.
    public var attempts: Int
    /// The first pause is up to this long, and each next one up to twice as long; how long exactly is chance, so that
    /// many clients do not come back at once.
    public var base: Duration
    /// The longest pause by chance.
    public var cap: Duration
    /// The longest pause that a server may ask for; when it asks for more, its answer counts.
    public var longestRetryAfter: Duration
    /// All pauses together.
    public var budget: Duration
    /// What an answer means.
    public var judge: @Sendable (HTTPRequest, HTTPResponse) -> RetryVerdict

    /// A policy.
    public init(
        attempts: Int, base: Duration = .milliseconds(200), cap: Duration = .seconds(20),
        longestRetryAfter: Duration = .seconds(60), budget: Duration = .seconds(90),
        judge: @escaping @Sendable (HTTPRequest, HTTPResponse) -> RetryVerdict = { RetryPolicy.byStatus($1.status) }
    ) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.longestRetryAfter = longestRetryAfter
        self.budget = budget
        self.judge = judge
    }

    /// Five attempts.
    public static let standard = RetryPolicy(attempts: 5)
    /// One attempt.
    public static let never = RetryPolicy(attempts: 1)

    /// What a status alone means.
    public static func byStatus(_ status: Int) -> RetryVerdict {
        switch status {
        case 429: .refused
        case 408, 500, 502, 503, 504: .again
        default: .final
        }
    }

    /// The pause before the attempt after this one (the first is 0): chance between nothing and the doubled base.
    func pause(after attempt: Int, _ random: Double) -> Duration {
        var longest = base
        for _ in 0..<min(attempt, 32) where longest < cap { longest *= 2 }
        return min(longest, cap) * random
    }

    /// Whether a failure may be followed by another attempt.
    func allows(_ error: HTTPError, of request: HTTPRequest) -> Bool {
        switch error.code {
        case .resolve, .connect, .proxy: true
        case .connectionLost, .timedOut: request.isRepeatable || !error.wasSent
        case .malformed: request.isRepeatable
        case .invalidRequest, .tls, .cancelled, .tooLarge, .redirectRefused, .bodyFailed, .failed: false
        }
    }
}

extension HTTPClient {
    /// Sends a request, again where the policy allows it. The last answer counts, whatever its status.
    public func send(
        _ request: HTTPRequest, retrying policy: RetryPolicy, time: HTTPTime = .system, limit: Int = 64 << 20
    ) async throws(HTTPError) -> HTTPResponse {
        try await send(retrying: policy, time: time, limit: limit) { _ async throws(HTTPError) in request }
    }

    /// Sends what `prepare` makes anew (and signs) for each attempt, counted from 0.
    public func send(
        retrying policy: RetryPolicy, time: HTTPTime = .system, limit: Int = 64 << 20,
        prepare: @Sendable (Int) async throws(HTTPError) -> HTTPRequest
    ) async throws(HTTPError) -> HTTPResponse {
        var retry = Retry(policy, time)
        while true {
            let request = try await prepare(retry.attempt)
            do throws(HTTPError) {
                let response = try await send(request, limit: limit)
                guard try await retry.isAgain(response, to: request) else { return response }
            } catch {
                guard try await retry.isAgain(error, of: request) else { throw error }
            }
        }
    }
}

/// How far a request has come with its attempts: for callers that send in other ways than ``HTTPClient/send(retrying:time:limit:prepare:)``.
public struct Retry: Sendable {
    /// The attempt that runs, counted from 0.
    public private(set) var attempt = 0
    private var waited = Duration.zero
    private let policy: RetryPolicy
    private let time: HTTPTime

    /// Before the first attempt.
    public init(_ policy: RetryPolicy, _ time: HTTPTime = .system) {
        self.policy = policy
        self.time = time
    }

    /// Whether an answer asks for another attempt, which is then due: the pause is over when this returns.
    public mutating func isAgain(_ response: HTTPResponse, to request: HTTPRequest) async throws(HTTPError) -> Bool {
        switch policy.judge(request, response) {
        case .final: return false
        case .again where !request.isRepeatable: return false
        case .again, .refused: break
        }
        let wanted = response.headers.retryAfter(now: time.wall())
        if let wanted, wanted > policy.longestRetryAfter { return false }
        return try await pause(atLeast: wanted ?? .zero)
    }

    /// Whether a failure may be followed by another attempt, which is then due.
    public mutating func isAgain(_ error: HTTPError, of request: HTTPRequest) async throws(HTTPError) -> Bool {
        guard policy.allows(error, of: request) else { return false }
        return try await pause(atLeast: .zero)
    }

    private mutating func pause(atLeast least: Duration) async throws(HTTPError) -> Bool {
        let pause = max(least, policy.pause(after: attempt, time.random()))
        guard attempt + 1 < policy.attempts, waited + pause <= policy.budget else { return false }
        try await time.pause(pause)
        attempt += 1
        waited += pause
        return true
    }
}
