import ProviderAPI

/// The parts of an account from wherever they come, by the names that OS_* variables and clouds.yaml have for them
/// (`auth_url`, `username`, ...). Nearer sources win.
struct AccountFields: Sendable {
    private(set) var values: [String: String] = [:]
    private var secrets: [String: Secret] = [:]

    private static let secretNames: Set<String> = ["password", "token", "application_credential_secret"]
    /// Names that say the same in other ways.
    private static let alternatives: [Set<String>] = [
        ["username", "user_id"], ["user_domain_name", "user_domain_id"], ["project_domain_name", "project_domain_id"],
        ["project_name", "project_id", "tenant_name", "tenant_id", "domain_name", "domain_id"],
        ["application_credential_id", "application_credential_name"],
    ]
    /// Ways to prove who one is, with what belongs to each.
    private static let proofs: [Set<String>] = [
        ["password"], ["token"],
        ["application_credential_id", "application_credential_name", "application_credential_secret"],
    ]
    /// What nearer sources have set.
    private var settled: Set<String> = []

    /// What is added from here on is of a source farther away: it says nothing of what was said in another way.
    mutating func beginSource() { settled = Set(values.keys).union(secrets.keys) }

    private func isSettled(_ name: String) -> Bool {
        if Self.alternatives.contains(where: { $0.contains(name) && !$0.isDisjoint(with: settled) }) { return true }
        let isProof = name == "auth_type" || Self.proofs.contains { $0.contains(name) }
        return isProof && Self.proofs.contains { !$0.contains(name) && !$0.isDisjoint(with: settled) }
    }

    /// Sets a part, unless a nearer source has set it.
    mutating func add(_ name: String, _ text: String?) {
        guard let text, !text.isEmpty, !isSettled(name) else { return }
        if Self.secretNames.contains(name) {
            add(name, Secret(text))
        } else if values[name] == nil {
            values[name] = text
        }
    }

    /// Sets a secret part, unless a nearer source has set it.
    mutating func add(_ name: String, _ secret: Secret?) {
        guard let secret, secrets[name] == nil, !isSettled(name) else { return }
        secrets[name] = secret
    }

    /// What OS_* variables say (openstackclient's "Environment variables").
    mutating func add(environment: (String) -> String?) {
        let names = [
            "auth_url", "username", "user_id", "password", "token", "project_name", "project_id", "tenant_name",
            "tenant_id", "user_domain_name", "user_domain_id", "project_domain_name", "project_domain_id",
            "default_domain", "domain_name", "domain_id", "region_name", "interface", "auth_type", "cacert",
            "application_credential_id", "application_credential_name", "application_credential_secret",
        ]
        for name in names { add(name, environment("OS_" + name.uppercased())) }
    }

    /// The account, or what is missing of it. `provider` names the entry of the configuration.
    func account(of provider: String) throws(ProviderError) -> Account {
        guard let address = values["auth_url"] else {
            throw ProviderError(
                .credentialsMissing,
                "\(provider): auth_url is missing: give it in the configuration, in clouds.yaml or as OS_AUTH_URL")
        }
        let proof = try proof(provider)
        return Account(
            address: address, proof: proof, scope: try scope(proof, provider), region: values["region_name"],
            interface: try interface(provider), addresses: addresses, authorities: values["cacert"])
    }

    /// `compute_endpoint_override` and the like, as clouds.yaml has them.
    private var addresses: [CloudService: String] {
        var addresses: [CloudService: String] = [:]
        for service in CloudService.allCases {
            for type in [service.rawValue] + service.types where addresses[service] == nil {
                addresses[service] = values[type.replacing("-", with: "_") + "_endpoint_override"]
            }
        }
        return addresses
    }

    private func interface(_ provider: String) throws(ProviderError) -> String {
        // clouds.yaml knows both `public` and `publicURL`.
        let text = values["interface"] ?? "public"
        let word = text.hasSuffix("URL") ? String(text.dropLast(3)) : text
        guard ["public", "internal", "admin"].contains(word) else {
            throw ProviderError(
                .invalidValue, "\(provider): interface '\(text)' is none of public, internal, admin")
        }
        return word
    }

    private func proof(_ provider: String) throws(ProviderError) -> Account.Proof {
        let kind = values["auth_type"]?.replacing("v3", with: "") ?? likelyKind
        switch kind {
        case "password":
            guard let password = secrets["password"] else { throw Self.missing("password", provider) }
            return .password(user: try user(provider), password)
        case "applicationcredential", "application_credential":
            guard let secret = secrets["application_credential_secret"] else {
                throw Self.missing("application_credential_secret", provider)
            }
            let id = values["application_credential_id"]
            guard id == nil else { return .applicationCredential(.init(id: id), user: nil, secret) }
            guard let name = values["application_credential_name"] else {
                throw Self.missing("application_credential_id", provider)
            }
            return .applicationCredential(.init(name: name), user: try user(provider), secret)
        case "token":
            guard let token = secrets["token"] else { throw Self.missing("token", provider) }
            return .token(token)
        default:
            throw ProviderError(
                .invalidValue, "\(provider): auth_type '\(kind)' is none of password, token, v3applicationcredential")
        }
    }

    /// What was given tells.
    private var likelyKind: String {
        if secrets["application_credential_secret"] != nil { return "applicationcredential" }
        return secrets["password"] == nil && secrets["token"] != nil ? "token" : "password"
    }

    private static func missing(_ part: String, _ provider: String) -> ProviderError {
        ProviderError(.credentialsMissing, "\(provider): \(part) is missing in the configuration of this cloud")
    }

    private func user(_ provider: String) throws(ProviderError) -> Account.Named {
        let user = Account.Named(id: values["user_id"], name: values["username"], domain: domain("user"))
        guard !user.isEmpty else { throw Self.missing("user", provider) }
        return user
    }

    private func domain(_ owner: String) -> Account.Domain {
        if let id = values["\(owner)_domain_id"] { return .init(id: id) }
        if let name = values["\(owner)_domain_name"] ?? values["default_domain"] { return .init(name: name) }
        return .init(id: "default")
    }

    private func scope(_ proof: Account.Proof, _ provider: String) throws(ProviderError) -> Account.Scope {
        if case .applicationCredential = proof { return .own }
        let project = Account.Named(
            id: values["project_id"] ?? values["tenant_id"], name: values["project_name"] ?? values["tenant_name"],
            domain: domain("project"))
        if !project.isEmpty { return .project(project) }
        if values["domain_id"] != nil || values["domain_name"] != nil {
            return .domain(.init(id: values["domain_id"], name: values["domain_name"]))
        }
        if case .token = proof { return .own }
        throw ProviderError(.credentialsMissing, "\(provider): project is missing: which one are the machines in?")
    }
}
