import FoundationEssentials
import HTTPKit
import HTTPProvider
import ProviderAPI

/// The role of a container, by the address that its environment names (ECS, EKS Pod Identity).
struct ContainerCredentials: CredentialSource {
    let environment: [String: String]
    let client: ServiceClient

    private static let patience = Duration.seconds(5)

    func credentials() async throws(ProviderError) -> Credentials? {
        guard let url = try self.url() else { return nil }
        var request = HTTPRequest(.get, url)
        request.deadline = Self.patience
        if let token = try self.token() { request.headers["Authorization"] = token }
        let answer = try await client.json(CredentialDocument.self, request, to: "read the container's credentials")
        return try answer.credentials(from: "the container")
    }

    private func url() throws(ProviderError) -> HTTPURL? {
        let text: String
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            text = "http://169.254.170.2" + path
        } else if let whole = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            text = whole
        } else {
            return nil
        }
        guard let url = try? HTTPURL(text), url.scheme == "https" || Self.isLocal(url.host) else {
            throw ProviderError(
                .credentialsMissing, "the address of the container's credentials is neither https nor of this machine")
        }
        return url
    }

    private static func isLocal(_ host: String) -> Bool {
        let links = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23", "localhost", "[::1]", "::1"]
        return links.contains(host) || host.hasPrefix("127.")
    }

    private func token() throws(ProviderError) -> String? {
        guard let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] else {
            return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ProviderError(.credentialsMissing, "the token of the container's credentials cannot be read: \(path)")
        }
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
    }
}

/// The role of an instance, by its metadata service, version 2.
struct InstanceCredentials: CredentialSource {
    let environment: [String: String]
    let client: ServiceClient

    /// Where there is no such service, nobody answers: that must not take long.
    private static let patience = Duration.seconds(1)

    func credentials() async throws(ProviderError) -> Credentials? {
        guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { return nil }
        let text = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
        guard let base = try? HTTPURL(text) else {
            throw ProviderError(.credentialsMissing, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no address")
        }
        var start = HTTPRequest(.put, base.appending(path: "latest/api/token"))
        start.headers["X-aws-ec2-metadata-token-ttl-seconds"] = "21600"
        start.deadline = Self.patience
        guard let token = try? await client.send(start, to: "open the instance's metadata").text else { return nil }
        let roles = base.appending(path: "latest/meta-data/iam/security-credentials/")
        let listing = try await read(roles, token)
        guard let role = listing.text.split(whereSeparator: \.isNewline).first else { return nil }
        var request = HTTPRequest(.get, roles.appending(path: String(role)))
        request.headers["X-aws-ec2-metadata-token"] = token
        request.deadline = Self.patience
        let answer = try await client.json(CredentialDocument.self, request, to: "read the instance's credentials")
        return try answer.credentials(from: "the instance")
    }

    private func read(_ url: HTTPURL, _ token: String) async throws(ProviderError) -> HTTPResponse {
        var request = HTTPRequest(.get, url)
        request.headers["X-aws-ec2-metadata-token"] = token
        request.deadline = Self.patience
        return try await client.send(request, to: "read the instance's role")
    }
}
