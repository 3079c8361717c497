import ProviderAPI

/// The keys of the configuration: kcli's own, those of clouds.yaml beside them.
enum OpenStackOptions {
    static let declared = [
        ProviderOption("cloud", .text, "the name of a cloud in clouds.yaml", standard: "OS_CLOUD"),
        ProviderOption("auth_url", .text, "the address of Identity", standard: "OS_AUTH_URL"),
        ProviderOption("user", .text, "the user to sign in as", standard: "OS_USERNAME"),
        ProviderOption("password", .secret, "the user's password", standard: "OS_PASSWORD"),
        ProviderOption("project", .text, "the project of the machines", standard: "OS_PROJECT_NAME"),
        ProviderOption("project_id", .text, "the same by its id", standard: "OS_PROJECT_ID"),
        ProviderOption("domain", .text, "the domain of user and project", standard: "OS_USER_DOMAIN_NAME, or default"),
        ProviderOption("user_domain", .text, "the domain of the user, where it is another one"),
        ProviderOption("project_domain", .text, "the domain of the project, where it is another one"),
        ProviderOption(
            "auth_type", .text, "password, token or v3applicationcredential", standard: "what the other keys tell"),
        ProviderOption("token", .secret, "a token, instead of a password", standard: "OS_TOKEN"),
        ProviderOption("application_credential_id", .text, "the id of an application credential"),
        ProviderOption("application_credential_secret", .secret, "its secret"),
        ProviderOption("region_name", .text, "the region of the services", standard: "the first of the catalogue"),
        ProviderOption("interface", .text, "public, internal or admin", standard: "public"),
        ProviderOption("ca_file", .text, "a PEM file with the authorities to trust", standard: "the system's"),
        ProviderOption(
            "endpoint_url", .map, "addresses in place of the catalogue's: of compute, image, network, ...",
            standard: "those of the catalogue"),
        ProviderOption(
            "external_network", .text, "the network that floating addresses come from, for every machine that is made"),
        ProviderOption("email", .text, "the address that new DNS zones name"),
    ]

    /// The account: the configuration first, then clouds.yaml, then the environment.
    static func account(
        _ settings: ProviderSettings, environment: (String) -> String?
    ) throws(ProviderError) -> Account {
        var fields = AccountFields()
        let names = [
            "auth_url": "auth_url", "user": "username", "project": "project_name", "project_id": "project_id",
            "auth_type": "auth_type", "application_credential_id": "application_credential_id",
            "region_name": "region_name", "interface": "interface", "ca_file": "cacert",
            "user_domain": "user_domain_name", "project_domain": "project_domain_name",
        ]
        for (key, name) in names { fields.add(name, settings.text(key)) }
        if let domain = settings.text("domain") {
            // kcli's one key; `default` is the id that every cloud has, `Default` its name.
            for owner in ["user", "project"] where settings.text("\(owner)_domain") == nil {
                fields.add(domain == "default" ? "\(owner)_domain_id" : "\(owner)_domain_name", domain)
            }
        }
        for secret in ["password", "token", "application_credential_secret"] {
            fields.add(secret, settings.secrets[secret])
        }
        try addEndpoints(settings, to: &fields)
        fields.beginSource()
        let cloud = settings.text("cloud") ?? (settings.text("auth_url") == nil ? environment("OS_CLOUD") : nil)
        if let cloud {
            guard let file = try CloudsFile(environment: environment), file.add(cloud, to: &fields) else {
                throw ProviderError(.invalidValue, "\(settings.name): no clouds.yaml has a cloud called \(cloud)")
            }
        } else {
            fields.add(environment: environment)
        }
        return try fields.account(of: settings.name)
    }

    /// Each under the name that clouds.yaml has for it.
    private static func addEndpoints(
        _ settings: ProviderSettings, to fields: inout AccountFields
    ) throws(ProviderError) {
        guard case .map(let addresses) = settings.values["endpoint_url"] else { return }
        for address in addresses {
            guard let service = CloudService(rawValue: address.key) else {
                let known = CloudService.allCases.map(\.rawValue).joined(separator: ", ")
                throw ProviderError(
                    .invalidValue, "\(settings.name): endpoint_url: '\(address.key)' is none of \(known)")
            }
            let name = service.rawValue.replacing("-", with: "_") + "_endpoint_override"
            fields.add(name, address.value.plainText)
        }
    }
}
