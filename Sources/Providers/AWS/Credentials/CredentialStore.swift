import ProviderAPI
import Synchronization

/// The credentials that are in use: found once, and again shortly before they end. All who ask meanwhile wait for the
/// one search.
final class CredentialStore: Sendable {
    private typealias Search = Task<Result<Credentials, ProviderError>, Never>

    private struct State {
        var known: Credentials?
        var search: Search?
    }

    /// How long before their end credentials are renewed.
    private static let margin = 300
    private let sources: [any CredentialSource]
    private let now: @Sendable () -> Int
    private let state = Mutex(State())

    /// The first of the sources that has any counts. `now` is seconds since 1970.
    init(_ sources: [any CredentialSource], now: @escaping @Sendable () -> Int) {
        self.sources = sources
        self.now = now
    }

    /// Credentials that hold for some minutes more, where the source has such. Throws `credentialsMissing` where nobody
    /// has any, and what the source says that has and cannot give them.
    func current() async throws(ProviderError) -> Credentials {
        let search: Search? = state.withLock { state in
            if let known = state.known, known.expiration.map({ $0 - Self.margin > now() }) ?? true { return nil }
            if let search = state.search { return search }
            let search = Search { await self.find() }
            state.search = search
            return search
        }
        guard let search else { return try known() }
        switch await search.value {
        case .success(let found): return found
        case .failure(let error):
            // What is known may hold for some minutes still.
            if let known = state.withLock({ $0.known }), (known.expiration ?? .max) > now() { return known }
            throw error
        }
    }

    private func known() throws(ProviderError) -> Credentials {
        guard let known = state.withLock({ $0.known }) else {
            throw ProviderError(.credentialsMissing, "no credentials are known")
        }
        return known
    }

    /// AWS no longer takes these: the next who asks searches anew. False where that cannot help.
    func discard(_ used: Credentials) -> Bool {
        guard used.expiration != nil else { return false }
        state.withLock { state in
            if state.known?.keyID == used.keyID { state.known = nil }
        }
        return true
    }

    private func find() async -> Result<Credentials, ProviderError> {
        let result = await search()
        state.withLock { state in
            state.search = nil
            if case .success(let found) = result { state.known = found }
        }
        return result
    }

    private func search() async -> Result<Credentials, ProviderError> {
        do throws(ProviderError) {
            for source in sources {
                if let found = try await source.credentials() { return .success(found) }
            }
        } catch {
            return .failure(error)
        }
        return .failure(
            ProviderError(
                .credentialsMissing,
                "no AWS credentials: give access_key_id and access_key_secret, or a profile, or set the environment"))
    }
}
