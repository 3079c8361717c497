import FoundationEssentials
public import HTTPKit
public import ProviderAPI
public import XMLKit

/// One API of a platform: requests go out paced and authenticated, again where that is safe, and come back as values or
/// as a ``ProviderError`` with the platform's own words.
public struct ServiceClient: Sendable {
    /// Sends.
    public let client: HTTPClient
    /// When a request is sent again.
    public var retry: RetryPolicy
    /// How many calls a second.
    public var limits: RateLimits?
    /// Who sends.
    public var authenticator: any RequestAuthenticator
    /// Reads error bodies.
    public var interpreter: any FaultInterpreter
    /// Clocks and chance.
    public var time: HTTPTime

    /// An API that is spoken so.
    public init(
        _ client: HTTPClient, retry: RetryPolicy = .standard, limits: RateLimits? = nil,
        authenticator: any RequestAuthenticator = Anonymous(), interpreter: any FaultInterpreter = PlainFaults(),
        time: HTTPTime = .system
    ) {
        self.client = client
        self.retry = retry
        self.limits = limits
        self.authenticator = authenticator
        self.interpreter = interpreter
        self.time = time
    }

    /// The answer to a request, where it is a success or one of the `accepted` statuses.
    ///
    /// `what` names the operation for messages ("start the machine web1"); `group` is the one whose pace counts. Beside the
    /// `accepted` statuses are the answers that `isAccepted` takes. The range that the request asks for goes to `sink`,
    /// where there is one, as it comes.
    public func send(
        _ request: HTTPRequest, to what: String, group: String = "", accepting accepted: Set<Int> = [],
        or isAccepted: (HTTPResponse) -> Bool = { _ in false }, limit: Int = 64 << 20,
        into sink: (any ByteSink)? = nil
    ) async throws(ProviderError) -> HTTPResponse {
        let part = sink.map { PartialContent(of: request, into: $0) }
        var attempts = Retry(policy, time)
        var isRenewed = false
        while true {
            let sent = try await prepare(request, group, what)
            let response: HTTPResponse
            do throws(HTTPError) {
                response = try await client.send(sent, limit: limit, to: part)
            } catch {
                if try await again(&attempts, error, request, what) { continue }
                throw part?.failure(error, what) ?? ProviderError(error, doing: what)
            }
            if response.isSuccess { try part?.check(response, what) }
            if response.isSuccess || accepted.contains(response.status) || isAccepted(response) { return response }
            if !isRenewed, isAboutCredentials(response) {
                isRenewed = true
                if try await authenticator.renew(after: response, to: sent) { continue }
            }
            if try await again(&attempts, response, request, what) { continue }
            throw failure(response, what)
        }
    }

    /// Status and headers of a success, whose body is to be pulled.
    public func open(_ request: HTTPRequest, to what: String, group: String = "") async throws(ProviderError)
        -> HTTPStream
    {
        var attempts = Retry(policy, time)
        var isRenewed = false
        while true {
            let sent = try await prepare(request, group, what)
            let response: HTTPResponse
            do throws(HTTPError) {
                let stream = try await client.open(sent)
                if (200..<300).contains(stream.status) { return stream }
                let body = try await stream.collect(limit: 1 << 20)
                response = HTTPResponse(status: stream.status, headers: stream.headers, body: body, url: stream.url)
            } catch {
                if try await again(&attempts, error, request, what) { continue }
                throw ProviderError(error, doing: what)
            }
            if !isRenewed, isAboutCredentials(response) {
                isRenewed = true
                if try await authenticator.renew(after: response, to: sent) { continue }
            }
            if try await again(&attempts, response, request, what) { continue }
            throw failure(response, what)
        }
    }

    /// The JSON of a success.
    public func json<Value: Decodable>(
        _ type: Value.Type, _ request: HTTPRequest, to what: String, group: String = ""
    ) async throws(ProviderError) -> Value {
        let response = try await send(request, to: what, group: group)
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            throw ProviderError(.malformedReply, "cannot \(what)", cause: "not the JSON that was expected: \(error)")
        }
    }

    /// The XML of a success.
    public func xml(_ request: HTTPRequest, to what: String, group: String = "") async throws(ProviderError)
        -> XMLElement
    {
        let response = try await send(request, to: what, group: group)
        do throws(XMLError) {
            return try XMLElement(parsing: response.body)
        } catch {
            throw ProviderError(.malformedReply, "cannot \(what)", cause: "\(error)")
        }
    }

    /// Whether other credentials might do better.
    private func isAboutCredentials(_ response: HTTPResponse) -> Bool {
        if response.status == 401 || response.status == 403 { return true }
        return interpreter.fault(in: response)?.meaning == .credentialsExpired
    }

    /// What an answer that is no success means.
    public func failure(_ response: HTTPResponse, _ what: String) -> ProviderError {
        ProviderError(response, interpreter.fault(in: response), doing: what, now: time.wall())
    }

    /// The policy, with the platform's own ways to ask for patience.
    private var policy: RetryPolicy {
        var policy = retry
        let (judge, interpreter) = (retry.judge, interpreter)
        policy.judge = { request, response in
            if interpreter.fault(in: response)?.isThrottling == true { return .refused }
            return judge(request, response)
        }
        return policy
    }

    private func prepare(_ request: HTTPRequest, _ group: String, _ what: String) async throws(ProviderError)
        -> HTTPRequest
    {
        do throws(HTTPError) {
            try await limits?.take(group)
        } catch {
            throw ProviderError(error, doing: what)
        }
        var sent = request
        try await authenticator.authenticate(&sent)
        return sent
    }

    private func again(
        _ attempts: inout Retry, _ error: HTTPError, _ request: HTTPRequest, _ what: String
    ) async throws(ProviderError) -> Bool {
        do throws(HTTPError) {
            return try await attempts.isAgain(error, of: request)
        } catch {
            throw ProviderError(error, doing: what)
        }
    }

    private func again(
        _ attempts: inout Retry, _ response: HTTPResponse, _ request: HTTPRequest, _ what: String
    ) async throws(ProviderError) -> Bool {
        do throws(HTTPError) {
            return try await attempts.isAgain(response, to: request)
        } catch {
            throw ProviderError(error, doing: what)
        }
    }
}
