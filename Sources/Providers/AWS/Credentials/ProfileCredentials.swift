import ProviderAPI

/// Credentials of a profile: its own, those that a program gives, or those of a role that it may take on.
struct ProfileCredentials: CredentialSource {
    let files: SharedFiles
    let name: String
    /// Whether somebody asked for this profile: it must be there then.
    let isNamed: Bool
    let roles: any RoleService
    /// Where the words of `credential_source` lead.
    let machine: [String: any CredentialSource]
    let process: @Sendable (String) async throws(ProviderError) -> Credentials

    func credentials() async throws(ProviderError) -> Credentials? {
        guard files.profile(name) != nil else {
            guard isNamed else { return nil }
            throw ProviderError(
                .credentialsMissing,
                "there is no profile \(name) in AWS's configuration: see `aws configure list-profiles`")
        }
        return try await credentials(of: name, seen: [])
    }

    private func credentials(of name: String, seen: [String]) async throws(ProviderError) -> Credentials? {
        guard let profile = files.profile(name) else {
            throw ProviderError(
                .credentialsMissing, "the profile \(seen.last ?? name) wants the profile \(name), which is not there")
        }
        // A profile that is its own source gives its own keys.
        if let role = profile["role_arn"], seen.last != name {
            guard !seen.contains(name) else {
                throw ProviderError(
                    .credentialsMissing, "the profiles \(seen.joined(separator: ", ")) want each other's credentials")
            }
            return try await assumed(role, profile, name, seen: seen + [name])
        }
        if let id = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] {
            return Credentials(
                keyID: id, secret: Secret(secret), token: profile["aws_session_token"].map { Secret($0) },
                source: "the profile \(name)")
        }
        if let command = profile["credential_process"] { return try await process(command) }
        if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
            throw ProviderError(
                .credentialsMissing,
                "the profile \(name) signs in with IAM Identity Center: give it credential_process = aws configure "
                    + "export-credentials --profile \(name)")
        }
        return nil
    }

    private func assumed(_ role: String, _ profile: [String: String], _ name: String, seen: [String])
        async throws(ProviderError) -> Credentials
    {
        guard profile["mfa_serial"] == nil else {
            throw ProviderError(
                .credentialsMissing, "the profile \(name) wants a code of a device, which nobody can be asked for here")
        }
        let wish = RoleWish(
            arn: role, session: profile["role_session_name"] ?? "infrafs", externalID: profile["external_id"],
            seconds: profile["duration_seconds"].flatMap { Int($0) })
        if let file = profile["web_identity_token_file"] { return try await roles.assume(wish, webIdentity: file) }
        let source: Credentials?
        if let next = profile["source_profile"] {
            source = try await credentials(of: next, seen: seen)
        } else if let place = profile["credential_source"] {
            guard let found = machine[place] else {
                throw ProviderError(
                    .credentialsMissing, "the profile \(name): credential_source '\(place)' is none that AWS has")
            }
            source = try await found.credentials()
        } else {
            throw ProviderError(
                .credentialsMissing,
                "the profile \(name) has a role_arn, and neither source_profile nor credential_source")
        }
        guard let source else {
            throw ProviderError(
                .credentialsMissing, "the profile \(name) finds no credentials to take on its role with")
        }
        return try await roles.assume(wish, with: source)
    }
}

/// A role to take on.
struct RoleWish: Sendable, Hashable {
    var arn: String
    var session: String
    var externalID: String?
    var seconds: Int?
}

/// What gives the credentials of roles: STS.
protocol RoleService: Sendable {
    /// AssumeRole, signed with these.
    func assume(_ role: RoleWish, with credentials: Credentials) async throws(ProviderError) -> Credentials
    /// AssumeRoleWithWebIdentity, with the token in that file.
    func assume(_ role: RoleWish, webIdentity file: String) async throws(ProviderError) -> Credentials
}

/// The role that the environment of a pod names (`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`).
struct WebIdentityCredentials: CredentialSource {
    let environment: [String: String]
    let roles: any RoleService

    func credentials() async throws(ProviderError) -> Credentials? {
        guard let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"], let role = environment["AWS_ROLE_ARN"] else {
            return nil
        }
        let session = environment["AWS_ROLE_SESSION_NAME"] ?? "infrafs"
        return try await roles.assume(RoleWish(arn: role, session: session), webIdentity: file)
    }
}
