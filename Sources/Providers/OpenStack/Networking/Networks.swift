import HTTPKit
import ProviderAPI

/// The networks, each with the subnet and the router that make it usable.
struct Networks: CollectionService {
    let cloud: Cloud

    static let supported: Set<Operation> = [
        .listNetworks, .createNetwork, .deleteNetwork, .updateNetwork, .portsNetwork, .renameNetwork, .updateMTU,
        .describeNetwork, .guardNetwork, .shareNetwork,
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
            Parameter("shared", .flag, "whether other projects may use it, which takes an administrator"),
        ]

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
        let networks = try await list().filter { wanted.contains($0.id) }
        let machines = try await ports.get().filter { $0.isOfMachine && wanted.contains(.init($0.network)) }
        let used = Dictionary(grouping: machines, by: \.network)
        let names = try await cloud.names(ofServers: Set(machines.compactMap(\.device)))
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
        case .plan(let text):
            try await setPlan(text, of: id.rawValue, what)
        default:
            let fields = try Self.fields(of: change)
            try await cloud.send(.put, .network, "networks/\(id)", body: ["network": fields], to: what)
        }
        return try await item(id.rawValue)
    }

    /// What `PUT /v2.0/networks/{network_id}` takes. The MTU is that of the extension `net-mtu-writable`; nothing gives the
    /// largest that the network can have.
    private static func fields(of change: Network.Change) throws(ProviderError) -> JSONValue {
        switch change {
        case .domain(let text): ["dns_domain": .text(dotted(text))]
        case .active(let flag): ["admin_state_up": .bool(flag)]
        case .rename(let name): ["name": .text(name)]
        case .link(.mtu(let size)): ["mtu": .number(size ?? 0)]
        case .description(let text): ["description": .text(text)]
        case .portSecurity(let flag): ["port_security_enabled": .bool(flag)]
        case .shared(let flag): ["shared": .bool(flag)]
        case .dhcp, .plan, .service, .link: throw .unsupported(change.operation)
        }
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
            domain: network.undottedDomain, type: network.type,
            mode: network.isExternal == true ? "external" : nil, plan: network.plan)
        dualCIDR = ordered.count > 1 ? ordered[1].cidr : nil
        active = network.isUp
        mtu = network.mtu
        description = network.description.flatMap { $0.isEmpty ? nil : $0 }
        hasPortSecurity = network.hasPortSecurity
        isShared = network.isShared
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

    /// Names of servers by their ids, as far as Compute tells them now.
    func names(ofServers ids: Set<String>) async throws(ProviderError) -> [String: String] {
        guard !ids.isEmpty else { return [:] }
        switch await attempt(.compute, { () async throws(ProviderError) in try await self.named(ids) }) {
        case .success(let servers): return Dictionary(servers.map { ($0.id, $0.name) }) { _, last in last }
        case .failure(let error) where error.code == .cancelled: throw error
        // Without Compute they are told by their ids.
        case .failure: return [:]
        }
    }

    private func named(_ ids: Set<String>) async throws(ProviderError) -> [Named] {
        guard ids.count <= 3 else {
            return try await list(Named.self, "servers", .compute, "servers", to: "list servers").compactMap(\.payload)
        }
        var servers: [Named] = []
        for id in ids {
            let what = "look at server \(id)"
            let server = try await found(Named.self, "server", .compute, "servers/\(id)", to: what)
            if let server { servers.append(server) }
        }
        return servers
    }
}
