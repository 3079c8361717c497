import ProviderAPI

/// What requests are signed with.
struct Credentials: Sendable, Hashable {
    var keyID: String
    var secret: Secret
    var token: Secret?
    /// Seconds since 1970; nil where they do not end.
    var expiration: Int?
    /// Where they came from, for messages.
    var source: String
}

/// One place that credentials may come from.
protocol CredentialSource: Sendable {
    /// Credentials; nil where this place has none for us. Throws where it has, and they cannot be had.
    func credentials() async throws(ProviderError) -> Credentials?
}

/// Credentials that are there already.
struct FixedCredentials: CredentialSource {
    let value: Credentials?

    func credentials() async throws(ProviderError) -> Credentials? { value }
}

extension FixedCredentials {
    /// Those of the environment, as AWS's own tools read them.
    init(environment: [String: String]) {
        guard let id = environment["AWS_ACCESS_KEY_ID"], !id.isEmpty,
            let secret = environment["AWS_SECRET_ACCESS_KEY"], !secret.isEmpty
        else {
            self.init(value: nil)
            return
        }
        let token = environment["AWS_SESSION_TOKEN"] ?? environment["AWS_SECURITY_TOKEN"]
        self.init(
            value: Credentials(
                keyID: id, secret: Secret(secret), token: token.flatMap { $0.isEmpty ? nil : Secret($0) },
                source: "the environment"))
    }
}
