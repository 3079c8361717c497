import ProviderAPI

/// The networks, each with the subnet and the router that make it usable.
struct Networks: CollectionService {
    let cloud: Cloud

    static let supported: Set<Operation> = [
        .listNetworks, .createNetwork, .deleteNetwork, .updateNetwork, .portsNetwork,
    ]
    var operations: Set<Operation> { Self.supported }
    let parameters =
        StandardParameters.network.filter {
            ["cidr", "dual_cidr", "dhcp", "nat", "domain", "plan"].contains($0.name)
        } + [
            Parameter("gateway", .text, "the router's address in it"),
            Parameter("dns", .list, "servers that resolve names"), Parameter("mtu", .number, "bytes of a frame"),
            Parameter("description", .text, "free text"),
            Parameter("port_security", .flag, "whether addresses are checked and security groups hold"),
        ]
    let completesTogether = true

    func list() async throws(ProviderError) -> [Network] {
        async let networks = result { () async throws(ProviderError) in try await cloud.networks() }
        async let subnets = result { () async throws(ProviderError) in try await cloud.subnets() }
        let ranges = Dictionary(grouping: try await subnets.get().compactMap(\.payload), by: \.network)
        return try await networks.get().map { listed in
            switch listed {
            case .payload(let network): return Network(network, ranges[network.id] ?? [])
            case .odd(let id, let name, let reason):
                var network = Network(id: .init(id), name: name)
                network.fault = reason
                return network
            }
        }
    }

    func items(_ ids: [Network.ID]) async throws(ProviderError) -> [Network] {
        let wanted = Set(ids)
        async let ports = result { () async throws(ProviderError) in try await cloud.ports(query: []) }
        async let servers = result { () async throws(ProviderError) in try await cloud.serverNames() }
        let networks = try await list().filter { wanted.contains($0.id) }
        let used = Dictionary(grouping: try await ports.get().filter(\.isOfMachine), by: \.network)
        let names = try await servers.get()
        return networks.map { network in
            var network = network
            let devices = Set((used[network.id.rawValue] ?? []).compactMap(\.device))
            network.ports = devices.map { names[$0] ?? $0 }.sorted()
            network.isComplete = true
            return network
        }
    }

    private func result<Value: Sendable>(
        _ body: @Sendable () async throws(ProviderError) -> Value
    ) async -> Result<Value, ProviderError> {
        do throws(ProviderError) { return .success(try await body()) } catch { return .failure(error) }
    }

    private func item(_ id: String) async throws(ProviderError) -> Network {
        guard let network = try await items([.init(id)]).first else {
            throw ProviderError(.notFound, "the network \(id) is no longer there")
        }
        return network
    }

    func apply(_ change: Network.Change, to id: Network.ID, _ job: any JobReporter) async throws(ProviderError)
        -> Network
    {
        let what = "change network \(id)"
        switch change {
        case .dhcp(let flag):
            for subnet in try await cloud.subnets().compactMap(\.payload) where subnet.network == id.rawValue {
                try await cloud.send(
                    .put, .network, "subnets/\(subnet.id)", body: ["subnet": ["enable_dhcp": .bool(flag)]], to: what)
            }
        case .domain(let text):
            try await cloud.send(
                .put, .network, "networks/\(id)", body: ["network": ["dns_domain": .text(Self.dotted(text))]], to: what)
        case .active(let flag):
            try await cloud.send(
                .put, .network, "networks/\(id)", body: ["network": ["admin_state_up": .bool(flag)]], to: what)
        case .plan(let text):
            try await setPlan(text, of: id.rawValue, what)
        case .nat, .autostart: throw .unsupported(change.operation)
        }
        return try await item(id.rawValue)
    }

    /// DNS names of Neutron end in a dot.
    static func dotted(_ domain: String) -> String {
        domain.isEmpty || domain.hasSuffix(".") ? domain : domain + "."
    }

    /// kcli keeps no plan for networks here: it is a tag, `plan=NAME`.
    private func setPlan(_ plan: String, of id: String, _ what: String) async throws(ProviderError) {
        let now = try await cloud.document(NetworkPayload.self, "network", .network, "networks/\(id)", to: what)
        var tags = (now.tags ?? []).filter { !$0.hasPrefix("plan=") }
        if !plan.isEmpty { tags.append("plan=" + plan) }
        try await cloud.send(
            .put, .network, "networks/\(id)/tags", body: ["tags": .array(tags.map(JSONValue.text))], to: what)
    }
}

extension Network {
    init(_ network: NetworkPayload, _ subnets: [SubnetPayload]) {
        let ordered = subnets.sorted { ($0.version ?? 4, $0.id) < ($1.version ?? 4, $1.id) }
        self.init(
            id: .init(network.id), name: network.title, cidr: ordered.first?.cidr,
            dhcp: ordered.first?.hasDHCP,
            domain: network.domain.flatMap { domain in
                domain.isEmpty ? nil : domain.hasSuffix(".") ? String(domain.dropLast()) : domain
            },
            type: network.type, mode: network.isExternal == true ? "external" : nil,
            plan: network.tags?.first { $0.hasPrefix("plan=") }.map { String($0.dropFirst("plan=".count)) })
        dualCIDR = ordered.count > 1 ? ordered[1].cidr : nil
        active = network.isUp
        isComplete = false
    }
}

extension Cloud {
    func subnets() async throws(ProviderError) -> [Listed<SubnetPayload>] {
        try await list(SubnetPayload.self, "subnets", .network, "subnets", to: "list subnets")
    }

    private struct Named: Decodable, Sendable {
        var id: String
        var name: String
    }

    /// Names of the servers by their ids.
    func serverNames() async throws(ProviderError) -> [String: String] {
        let servers = try await list(Named.self, "servers", .compute, "servers", to: "list servers")
        return Dictionary(servers.compactMap(\.payload).map { ($0.id, $0.name) }) { _, last in last }
    }
}
