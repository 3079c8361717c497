import ProviderAPI

/// Who asks, and for which project: what is presented to Identity for a token, and where the cloud is.
struct Account: Sendable {
    /// How a user proves who they are (Identity API v3, "Authentication and token management").
    enum Proof: Sendable {
        case password(user: Named, Secret)
        case applicationCredential(Named, user: Named?, Secret)
        case token(Secret)
    }

    /// Something by its id, or by its name within a domain.
    struct Named: Sendable, Hashable {
        var id: String?
        var name: String?
        var domain: Domain?

        var isEmpty: Bool { id == nil && name == nil }
    }

    /// A domain, by one of both.
    struct Domain: Sendable, Hashable {
        var id: String?
        var name: String?
    }

    /// What a token is for.
    enum Scope: Sendable, Hashable {
        case project(Named)
        case domain(Domain)
        /// What the credentials are bound to: application credentials have a project of their own.
        case own
    }

    /// The address of Identity, with its version or without.
    var address: String
    var proof: Proof
    var scope: Scope
    /// The region of the services; nil: the first that the catalogue has.
    var region: String?
    /// `public`, `internal` or `admin`.
    var interface: String
    /// Addresses of services that stand in place of the catalogue's.
    var addresses: [CloudService: String] = [:]
    /// The path of a PEM file with the authorities to trust; nil: the system's.
    var authorities: String?

    /// The body of `POST /v3/auth/tokens`.
    var request: JSONValue {
        var identity: JSONValue
        switch proof {
        case .password(let user, let password):
            var fields = user.json
            fields["password"] = .text(password.reveal())
            identity = ["methods": ["password"], "password": ["user": fields]]
        case .applicationCredential(let credential, let user, let secret):
            var fields = credential.json
            fields["secret"] = .text(secret.reveal())
            if let user { fields["user"] = user.json }
            identity = ["methods": ["application_credential"], "application_credential": fields]
        case .token(let token):
            identity = ["methods": ["token"], "token": ["id": .text(token.reveal())]]
        }
        var auth: JSONValue = ["identity": identity]
        switch scope {
        case .project(let project): auth["scope"] = ["project": project.json]
        case .domain(let domain): auth["scope"] = ["domain": domain.json]
        case .own: break
        }
        return ["auth": auth]
    }
}

extension Account.Named {
    fileprivate var json: JSONValue {
        if let id { return ["id": .text(id)] }
        var fields: JSONValue = ["name": JSONValue(name)]
        if let domain { fields["domain"] = domain.json }
        return fields
    }
}

extension Account.Domain {
    fileprivate var json: JSONValue {
        if let id { return ["id": .text(id)] }
        return ["name": JSONValue(name)]
    }
}
