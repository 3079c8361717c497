import FoundationEssentials
import HTTPKit
import HTTPProvider
import ProviderAPI
import XMLKit

/// STS's query API, version 2011-06-15: who the caller is, and the credentials of roles.
/// https://docs.aws.amazon.com/STS/latest/APIReference/
struct Identity: Sendable {
    /// Who signs the requests.
    struct Caller: Sendable, Hashable {
        var account: String
        var arn: String
    }

    static let version = "2011-06-15"
    let endpoint: HTTPURL
    /// A client that signs with these credentials, or not at all.
    let client: @Sendable (Credentials?) -> ServiceClient
    /// The client of the account's own credentials.
    let own: ServiceClient

    /// GetCallerIdentity.
    func caller() async throws(ProviderError) -> Caller {
        let answer = try await call("GetCallerIdentity", QueryForm(), by: own, to: "read the account")
        let result = answer.first("GetCallerIdentityResult")
        return Caller(account: result?.text("Account") ?? "", arn: result?.text("Arn") ?? "")
    }

    private func call(_ action: String, _ form: QueryForm, by client: ServiceClient, to what: String)
        async throws(ProviderError) -> XMLElement
    {
        var request = HTTPRequest(
            .post, endpoint, headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
            body: .text(form.body(action: action, version: Self.version)))
        // They give something out and change nothing.
        request.isRepeatable = true
        return try await client.xml(request, to: what)
    }
}

extension Identity: RoleService {
    /// AssumeRole.
    func assume(_ role: RoleWish, with credentials: Credentials) async throws(ProviderError) -> Credentials {
        var form = Self.form(role)
        form.set("ExternalId", role.externalID)
        return try await assume("AssumeRole", form, role, by: client(credentials))
    }

    /// AssumeRoleWithWebIdentity.
    func assume(_ role: RoleWish, webIdentity file: String) async throws(ProviderError) -> Credentials {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ProviderError(.credentialsMissing, "the token of the role \(role.arn) cannot be read: \(file)")
        }
        var form = Self.form(role)
        form.set("WebIdentityToken", text.filter { !$0.isWhitespace })
        return try await assume("AssumeRoleWithWebIdentity", form, role, by: client(nil))
    }

    private static func form(_ role: RoleWish) -> QueryForm {
        var form = QueryForm()
        form.set("RoleArn", role.arn)
        form.set("RoleSessionName", role.session)
        form.set("DurationSeconds", role.seconds)
        return form
    }

    private func assume(_ action: String, _ form: QueryForm, _ role: RoleWish, by client: ServiceClient)
        async throws(ProviderError) -> Credentials
    {
        let what = "take on the role \(role.arn)"
        let answer = try await call(action, form, by: client, to: what)
        guard let given = answer.first("\(action)Result/Credentials"), let id = given.text("AccessKeyId"),
            let secret = given.text("SecretAccessKey")
        else {
            throw ProviderError(.malformedReply, "\(what): STS gives no credentials")
        }
        return Credentials(
            keyID: id, secret: Secret(secret), token: given.text("SessionToken").map { Secret($0) },
            expiration: given.text("Expiration").flatMap(CredentialDocument.seconds), source: "the role \(role.arn)")
    }
}
