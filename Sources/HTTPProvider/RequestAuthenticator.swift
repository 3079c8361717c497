public import HTTPKit
public import ProviderAPI
import Synchronization

/// Proves to a platform who sends a request.
public protocol RequestAuthenticator: Sendable {
    /// Adds the proof, before every attempt.
    func authenticate(_ request: inout HTTPRequest) async throws(ProviderError)
    /// The platform did not take the proof that the request was sent with (401 or 403): whether there is another, with which
    /// it is worth one more attempt. Where many are refused at once, one gets another for all.
    func renew(after response: HTTPResponse, to request: HTTPRequest) async throws(ProviderError) -> Bool
}

extension RequestAuthenticator {
    /// There is no other proof.
    public func renew(after response: HTTPResponse, to request: HTTPRequest) async throws(ProviderError) -> Bool {
        false
    }
}

/// Requests that anybody may send.
public struct Anonymous: RequestAuthenticator {
    /// No proof.
    public init() {}

    /// Adds nothing.
    public func authenticate(_ request: inout HTTPRequest) async throws(ProviderError) {}
}

/// A token that does not change, in a header of every request.
public struct FixedToken: RequestAuthenticator {
    private let header: String
    private let prefix: String
    private let token: Secret

    /// A token in `header`, behind `prefix`.
    public init(_ token: Secret, header: String = "Authorization", prefix: String = "Bearer ") {
        self.header = header
        self.prefix = prefix
        self.token = token
    }

    /// Adds the header.
    public func authenticate(_ request: inout HTTPRequest) async throws(ProviderError) {
        request.headers[header] = prefix + token.reveal()
    }
}

/// A token that is got by a call and ends: got when first needed, once for all who need it, and anew shortly before its
/// end or when the platform refuses it.
public final class RenewedToken: RequestAuthenticator {
    /// A token and its end.
    public struct Grant: Sendable {
        /// What proves.
        public let token: Secret
        /// Seconds since 1970; nil where it has no end.
        public let expiry: Int?

        /// A token that ends then.
        public init(token: Secret, expiry: Int?) {
            self.token = token
            self.expiry = expiry
        }
    }

    private struct State {
        var grant: Grant?
        var renewal: Task<Result<Grant, ProviderError>, Never>?
    }

    private let header: String
    private let prefix: String
    private let margin: Int
    private let time: HTTPTime
    private let fetch: @Sendable () async throws(ProviderError) -> Grant
    private let state = Mutex(State())

    /// A token that `fetch` gets; it counts as ended `margin` seconds before it does.
    public init(
        header: String = "Authorization", prefix: String = "Bearer ", margin: Int = 120, time: HTTPTime = .system,
        fetch: @escaping @Sendable () async throws(ProviderError) -> Grant
    ) {
        self.header = header
        self.prefix = prefix
        self.margin = margin
        self.time = time
        self.fetch = fetch
    }

    /// Adds the header, with a token that holds.
    public func authenticate(_ request: inout HTTPRequest) async throws(ProviderError) {
        request.headers[header] = prefix + (try await token()).reveal()
    }

    /// Gets another token, where the one that was refused is still the one that is kept.
    public func renew(after response: HTTPResponse, to request: HTTPRequest) async throws(ProviderError) -> Bool {
        guard response.status == 401 else { return false }
        let refused = request.headers[header]
        state.withLock { state in
            if let grant = state.grant, prefix + grant.token.reveal() == refused { state.grant = nil }
        }
        _ = try await token()
        return true
    }

    /// A token that holds.
    public func token() async throws(ProviderError) -> Secret {
        let now = time.wall()
        let margin = margin
        let fetch = fetch
        let (grant, renewal) = state.withLock { state -> (Grant?, Task<Result<Grant, ProviderError>, Never>?) in
            if let grant = state.grant, grant.expiry.map({ $0 - margin > now }) ?? true { return (grant, nil) }
            if let renewal = state.renewal { return (nil, renewal) }
            // It belongs to all who wait: one who gives up does not end it.
            let renewal = Task { () async -> Result<Grant, ProviderError> in
                do throws(ProviderError) { return .success(try await fetch()) } catch { return .failure(error) }
            }
            state.renewal = renewal
            return (nil, renewal)
        }
        if let grant { return grant.token }
        guard let renewal else { throw ProviderError(.failed, "no token") }
        let result = await renewal.value
        state.withLock { state in
            guard state.renewal == renewal else { return }
            state.renewal = nil
            if case .success(let grant) = result { state.grant = grant }
        }
        return try result.get().token
    }
}
