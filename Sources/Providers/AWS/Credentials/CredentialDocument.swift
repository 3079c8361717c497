import FoundationEssentials
import ProviderAPI

/// Credentials as JSON: what containers, instances and programs answer with.
struct CredentialDocument: Decodable {
    let keyID: String?
    let secret: String?
    let token: String?
    let sessionToken: String?
    let expiration: String?
    /// `Success`, or what went wrong, where an instance answers.
    let code: String?

    private enum CodingKeys: String, CodingKey {
        case keyID = "AccessKeyId"
        case secret = "SecretAccessKey"
        case token = "Token"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
        case code = "Code"
    }

    /// Throws `credentialsMissing` where it holds none.
    func credentials(from source: String) throws(ProviderError) -> Credentials {
        guard let keyID, let secret, !keyID.isEmpty, !secret.isEmpty else {
            throw ProviderError(.credentialsMissing, "\(source) gives no credentials", cause: code)
        }
        return Credentials(
            keyID: keyID, secret: Secret(secret), token: (token ?? sessionToken).map { Secret($0) },
            expiration: expiration.flatMap(Self.seconds), source: source)
    }

    /// Seconds since 1970 of an ISO 8601 time, with or without a fraction.
    static func seconds(_ text: String) -> Int? {
        let plain = text.firstIndex(of: ".").map { String(text[..<$0]) + "Z" } ?? text
        guard let date = try? Date(plain, strategy: .iso8601) else { return nil }
        return Int(date.timeIntervalSince1970)
    }
}
