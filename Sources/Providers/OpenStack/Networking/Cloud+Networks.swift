import ProviderAPI

extension Cloud {
    /// A network by its name or its id; `invalidValue` where several have the name.
    func network(named text: String) async throws(ProviderError) -> NetworkPayload {
        try Self.one(
            of: try await networks().compactMap(\.payload), named: text, "network",
            missing: "\(name) has none called \(text): see networks/", by: { ($0.id, $0.name) })
    }

    /// The one network of the project, or the one called `default`, as kcli takes it; nil where there is none.
    func soleNetwork() async throws(ProviderError) -> NetworkPayload? {
        let project = try await keystone.session().project?.id
        let candidates = try await networks().compactMap(\.payload).filter { network in
            network.isExternal != true && (network.project == project || network.isShared == true)
        }
        guard candidates.count < 2 else {
            let standard = candidates.filter { $0.name == "default" }
            if standard.count == 1 { return standard.first }
            let names = candidates.map(\.title).sorted().joined(separator: ", ")
            throw ProviderError(.invalidValue, "nics: which network is it on? The project has \(names)")
        }
        return candidates.first
    }

    /// The same; `invalidValue` where there is none.
    func onlyNetwork() async throws(ProviderError) -> NetworkPayload {
        guard let network = try await soleNetwork() else {
            throw ProviderError(.invalidValue, "network: the project has none: make one in networks/")
        }
        return network
    }

    /// The network of the outside: the one of the configuration, or the only one that is external.
    func externalNetworkID() async throws(ProviderError) -> String? {
        let external = try await networks().compactMap(\.payload).filter { $0.isExternal == true }
        guard let wanted = externalNetwork else { return external.count == 1 ? external.first?.id : nil }
        guard let network = external.first(where: { $0.name == wanted || $0.id == wanted }) else {
            throw ProviderError(.invalidValue, "external_network: \(name) has none called \(wanted)")
        }
        return network.id
    }
}
