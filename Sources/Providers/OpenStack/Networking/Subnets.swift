import HTTPKit
import ProviderAPI
import ProviderKit

/// The subnets.
struct Subnets: CollectionService {
    let cloud: Cloud

    static let supported: Set<Operation> = [.listSubnets, .createSubnet, .deleteSubnet, .updateSubnet, .serviceSubnet]
    var operations: Set<Operation> { Self.supported }
    let parameters =
        StandardParameters.subnet.filter { $0.name != "az" } + [
            Parameter("dhcp", .flag, "whether it gives addresses out"),
            Parameter("pools", .list, "each FIRST LAST of what it gives addresses from"),
            Parameter("dns", .list, "servers that resolve names"),
        ]

    func list() async throws(ProviderError) -> [Subnet] {
        let networks = Dictionary(
            try await cloud.networks().compactMap(\.payload).map { ($0.id, $0.title) }, uniquingKeysWith: { $1 })
        return try await cloud.subnets().map { listed in
            switch listed {
            case .payload(let subnet): return Subnet(subnet, networks)
            case .odd(let id, let name, let reason):
                var subnet = Subnet(id: .init(id), name: name)
                subnet.fault = reason
                return subnet
            }
        }
    }

    private func item(_ id: String) async throws(ProviderError) -> Subnet {
        guard let subnet = try await items([.init(id)]).first else {
            throw ProviderError(.notFound, "the subnet \(id) is no longer there")
        }
        return subnet
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Subnet {
        try specification.require(only: Set(parameters.map(\.name)))
        guard let range = specification.text("cidr") else {
            throw ProviderError(.invalidValue, "cidr is missing: a subnet is a range such as 10.0.1.0/24")
        }
        let network =
            if let name = specification.text("network") {
                try await cloud.network(named: name)
            } else {
                try await cloud.onlyNetwork()
            }
        var subnet: JSONValue = [
            "name": .text(specification.name), "cidr": .text(range), "network_id": .text(network.id),
            "ip_version": range.contains(":") ? 6 : 4,
        ]
        if let address = specification.text("gateway") { subnet["gateway_ip"] = .text(address) }
        if let flag = specification.flag("dhcp") { subnet["enable_dhcp"] = .bool(flag) }
        let servers = specification.texts("dns")
        if !servers.isEmpty { subnet["dns_nameservers"] = .array(servers.map(JSONValue.text)) }
        let routes = specification.texts("routes")
        if !routes.isEmpty { subnet["host_routes"] = try Self.routes(routes) }
        let pools = specification.texts("pools")
        if !pools.isEmpty { subnet["allocation_pools"] = try Self.pools(pools) }
        let made = try await cloud.document(
            SubnetPayload.self, "subnet", .post, .network, "subnets", body: ["subnet": subnet],
            to: "create subnet \(specification.name)")
        return Subnet(made, [network.id: network.title])
    }

    /// Each `CIDR via ADDRESS`.
    private static func routes(_ lines: [String]) throws(ProviderError) -> JSONValue {
        .array(
            try lines.map { (line) throws(ProviderError) in
                let words = line.split(separator: " ")
                guard words.count == 3, words[1] == "via" else {
                    throw ProviderError(.invalidValue, "routes: '\(line)' is not CIDR via ADDRESS")
                }
                return ["destination": .text(String(words[0])), "nexthop": .text(String(words[2]))]
            })
    }

    /// Each `FIRST LAST`.
    private static func pools(_ lines: [String]) throws(ProviderError) -> JSONValue {
        .array(
            try lines.map { (line) throws(ProviderError) in
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 2, words.allSatisfy({ AddressRange.bytes($0) != nil }) else {
                    throw ProviderError(.invalidValue, "pools: '\(line)' is not FIRST LAST")
                }
                return ["start": .text(words[0]), "end": .text(words[1])]
            })
    }

    func delete(_ id: Subnet.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.send(.delete, .network, "subnets/\(id)", to: "delete subnet \(id)")
    }

    func apply(_ change: Subnet.Change, to id: Subnet.ID, _ job: any JobReporter) async throws(ProviderError) -> Subnet
    {
        let fields: JSONValue =
            switch change {
            case .routes(let lines): ["host_routes": try Self.routes(lines)]
            case .service(.dhcp(let flag)): ["enable_dhcp": .bool(flag)]
            case .service(.pools(let lines)): ["allocation_pools": try Self.pools(lines)]
            case .service(.dns(let servers)): ["dns_nameservers": .array(servers.map(JSONValue.text))]
            case .service(.gateway(let address)): ["gateway_ip": JSONValue(address)]
            }
        try await cloud.send(.put, .network, "subnets/\(id)", body: ["subnet": fields], to: "change subnet \(id)")
        return try await item(id.rawValue)
    }
}

extension Subnet {
    init(_ subnet: SubnetPayload, _ networks: [String: String]) {
        self.init(
            id: .init(subnet.id), name: subnet.title, cidr: subnet.cidr,
            network: networks[subnet.network] ?? subnet.network, gateway: subnet.gateway,
            routes: (subnet.routes ?? []).map { "\($0.destination) via \($0.nexthop)" })
        dhcp = subnet.hasDHCP
        pools = (subnet.pools ?? []).map { "\($0.start) \($0.end)" }
        dns = subnet.servers ?? []
    }
}
