import FoundationEssentials
import HTTPKit
import HTTPProvider
import ProviderAPI
import Synchronization

/// The token of an account, and what came with it: fetched when it is first needed, renewed before it expires and when
/// a service no longer takes it. However many ask, one request is under way.
final class Keystone: Sendable {
    /// A token with what it is good for.
    struct Session: Sendable {
        let token: Secret
        /// When another one is to be got, in seconds since 1970.
        let renewal: Int
        let catalog: ServiceCatalog
        let user: TokenPayload.Named?
        let project: TokenPayload.Named?
        let roles: [String]
    }

    private enum State {
        case none
        case fetching(Task<Result<Session, ProviderError>, Never>)
        case known(Session)
    }

    let account: Account
    private let name: String
    private let client: ServiceClient
    private let time: HTTPTime
    private let state = Mutex(State.none)
    private let known = Mutex<Set<CloudService>?>(nil)

    /// How long before its end a token is no longer used, in seconds; a quarter of its time where that is less.
    private static let margin = 120

    init(name: String, account: Account, client: HTTPClient, time: HTTPTime) {
        self.name = name
        self.account = account
        self.time = time
        self.client = ServiceClient(client, interpreter: CloudFaults(), time: time)
    }

    /// The services of the catalogue; nil before anybody has asked for a token.
    var services: Set<CloudService>? { known.withLock { $0 } }

    /// The session, renewed where its token is about to expire.
    func session() async throws(ProviderError) -> Session {
        let now = time.wall()
        let task = state.withLock { state -> Task<Result<Session, ProviderError>, Never>? in
            switch state {
            case .known(let session) where now < session.renewal: return nil
            case .fetching(let task): return task
            case .known, .none:
                let task = Task { await self.fetching() }
                state = .fetching(task)
                return task
            }
        }
        guard let task else {
            guard case .known(let session) = state.withLock({ $0 }) else { return try await self.session() }
            return session
        }
        return try await task.value.get()
    }

    private func fetching() async -> Result<Session, ProviderError> {
        let result: Result<Session, ProviderError>
        do throws(ProviderError) {
            result = .success(try await fetch())
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            if case .success(let session) = result { state = .known(session) } else { state = .none }
        }
        if case .success(let session) = result { known.withLock { $0 = session.catalog.services } }
        return result
    }

    private func fetch() async throws(ProviderError) -> Session {
        var request = HTTPRequest(.post, try address(), headers: ["Content-Type": "application/json"])
        request.headers["Accept"] = "application/json"
        request.body = .bytes(try Cloud.encode(account.request))
        // Asking twice makes two tokens, which does no harm.
        request.isRepeatable = true
        let response: HTTPResponse
        let began = time.wall()
        do throws(ProviderError) {
            response = try await client.send(request, to: "sign in")
        } catch {
            throw refusal(error)
        }
        guard let token = response.headers["X-Subject-Token"] else {
            throw ProviderError(.malformedReply, "\(name): Identity answered without a token")
        }
        let payload = try Cloud.decode(TokenPayload.self, response.body, "signing in").token
        guard let expiry = Self.seconds(payload.expires) else {
            throw ProviderError(.malformedReply, "\(name): Identity told no time of expiry")
        }
        // By its length, not by its end: the clock here may be another one.
        let lifetime = expiry - (payload.issued.flatMap(Self.seconds) ?? began)
        let catalog = try ServiceCatalog(
            payload.catalog ?? [], region: account.region, interface: account.interface, given: account.addresses)
        return Session(
            token: Secret(token), renewal: began + max(0, lifetime - min(Self.margin, lifetime / 4)), catalog: catalog,
            user: payload.user, project: payload.project,
            roles: (payload.roles ?? []).compactMap(\.name))
    }

    /// Identity tells 401 for anything that is wrong about the credentials.
    private func refusal(_ error: ProviderError) -> ProviderError {
        switch error.code {
        case .notFound:
            ProviderError(
                .unreachable, "\(name): there is no Identity v3 at auth_url", cause: error.cause ?? error.message)
        default: error
        }
    }

    private func address() throws(ProviderError) -> HTTPURL {
        var text = account.address
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasSuffix("/v2.0") { text.removeLast(5) }
        if !text.hasSuffix("/v3") { text += "/v3" }
        do throws(HTTPError) {
            return try HTTPURL(text + "/auth/tokens")
        } catch {
            throw ProviderError(.invalidValue, "\(name): auth_url is no address", cause: error.message)
        }
    }

    /// `2026-01-31T12:00:00.000000Z` as seconds since 1970.
    static func seconds(_ text: String) -> Int? {
        let whole = text.split(separator: ".", maxSplits: 1).first.map(String.init) ?? text
        let zoned = whole.hasSuffix("Z") ? whole : whole + "Z"
        return (try? Date(zoned, strategy: .iso8601)).map { Int($0.timeIntervalSince1970) }
    }
}

extension Keystone: RequestAuthenticator {
    /// Adds the token.
    func authenticate(_ request: inout HTTPRequest) async throws(ProviderError) {
        request.headers["X-Auth-Token"] = try await session().token.reveal()
    }

    /// A token that is refused is forgotten, and another one asked for: once, however many requests were sent with it.
    func renew(after response: HTTPResponse, to request: HTTPRequest) async throws(ProviderError) -> Bool {
        guard response.status == 401 else { return false }
        let refused = request.headers["X-Auth-Token"]
        state.withLock { state in
            if case .known(let session) = state, session.token.reveal() == refused { state = .none }
        }
        _ = try await session()
        return true
    }
}
