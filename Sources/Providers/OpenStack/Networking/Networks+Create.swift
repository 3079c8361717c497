import HTTPKit
import ProviderAPI
import ProviderKit

extension Networks {
    /// The network; its subnets where a range was given; a router to the outside where it is to have one. All of it or
    /// nothing.
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Network {
        try specification.require(only: Set(parameters.map(\.name)))
        var ranges: [String] = []
        for key in ["cidr", "dual_cidr"] {
            if let text = specification.text(key) { ranges.append(try Self.range(text, key)) }
        }
        // Without a word about ranges it is one that can be used.
        if specification.values["cidr"] == nil, specification.values["dual_cidr"] == nil {
            ranges = [try await freeRange()]
        }
        let outside = try await outside(specification, hasRange: !ranges.isEmpty)
        var undo = Unwinding(cloud: cloud)
        do throws(ProviderError) {
            let id = try await makeNetwork(specification)
            undo.steps.append("networks/\(id)")
            try await tag(id, specification)
            var subnets: [String] = []
            for range in ranges { subnets.append(try await makeSubnet(range, of: id, specification)) }
            if let outside {
                let router = try await makeRouter(specification.name, to: outside)
                undo.steps.append("routers/\(router)")
                for subnet in subnets {
                    try await cloud.send(
                        .put, .network, "routers/\(router)/add_router_interface", body: ["subnet_id": .text(subnet)],
                        to: "connect \(specification.name)")
                    undo.interfaces.append((router, subnet))
                }
            }
            guard let network = try await items([.init(id)]).first else {
                throw ProviderError(.notFound, "\(specification.name) went away at once")
            }
            return network
        } catch {
            await undo.run()
            throw error
        }
    }

    /// What was made so far, and how it goes again.
    private struct Unwinding {
        let cloud: Cloud
        var steps: [String] = []
        var interfaces: [(router: String, subnet: String)] = []

        /// The first failure is the one to tell; what undoing meets is of no use to anybody.
        func run() async {
            let (cloud, what) = (cloud, "undo a network")
            for (router, subnet) in interfaces {
                await undoing { () async throws(ProviderError) in
                    try await cloud.send(
                        .put, .network, "routers/\(router)/remove_router_interface",
                        body: ["subnet_id": .text(subnet)], to: what)
                }
            }
            for step in steps.reversed() {
                await undoing { () async throws(ProviderError) in
                    try await cloud.send(.delete, .network, step, to: what)
                }
            }
        }
    }

    private static func range(_ text: String, _ key: String) throws(ProviderError) -> String {
        let parts = text.split(separator: "/")
        guard parts.count == 2, AddressRange(text) != nil else {
            throw ProviderError(.invalidValue, "\(key): '\(text)' is no range such as 10.0.0.0/24")
        }
        return text
    }

    /// The network to route to; nil where it is to stay by itself.
    private func outside(_ specification: Specification, hasRange: Bool) async throws(ProviderError) -> String? {
        let wish = specification.flag("nat")
        guard hasRange, wish ?? true else { return nil }
        let network = try await cloud.externalNetworkID()
        guard network != nil || wish == nil else {
            throw ProviderError(.invalidValue, "nat: \(cloud.name) has no external network to route to")
        }
        return network
    }

    private struct Made: Decodable, Sendable {
        var id: String
    }

    private func makeNetwork(_ specification: Specification) async throws(ProviderError) -> String {
        var network: JSONValue = ["name": .text(specification.name)]
        if let text = specification.text("domain") { network["dns_domain"] = .text(Self.dotted(text)) }
        if let size = specification.number("mtu") { network["mtu"] = .number(size) }
        if let text = specification.text("description") { network["description"] = .text(text) }
        if let flag = specification.flag("port_security") { network["port_security_enabled"] = .bool(flag) }
        // Only an administrator may say it, and only `true` is saying something.
        if specification.flag("shared") == true { network["shared"] = true }
        let what = "create network \(specification.name)"
        return try await cloud.document(
            Made.self, "network", .post, .network, "networks", body: ["network": network], to: what
        ).id
    }

    private func tag(_ id: String, _ specification: Specification) async throws(ProviderError) {
        guard let plan = specification.text("plan") else { return }
        try await cloud.send(
            .put, .network, "networks/\(id)/tags", body: ["tags": [.text("plan=" + plan)]],
            to: "create network \(specification.name)")
    }

    /// The first of 192.168.0.0/16 that no subnet which the project sees overlaps.
    private func freeRange() async throws(ProviderError) -> String {
        let taken = try await cloud.subnets().compactMap(\.payload).compactMap { AddressRange($0.cidr) }
        let range = AddressRange("192.168.0.0/16")?.parts(prefix: 24).first { range in
            !taken.contains { $0.overlaps(range) }
        }
        guard let range else {
            throw ProviderError(.invalidValue, "cidr: none of 192.168.0.0/16 is free: say which range it is to have")
        }
        return range.description
    }

    /// Named by its range, as kcli names it.
    private func makeSubnet(
        _ range: String, of network: String, _ specification: Specification
    ) async throws(ProviderError) -> String {
        var subnet: JSONValue = [
            "network_id": .text(network), "cidr": .text(range), "name": .text(range),
            "ip_version": range.contains(":") ? 6 : 4, "enable_dhcp": .bool(specification.flag("dhcp") ?? true),
        ]
        if range.contains(":") {
            subnet["ipv6_address_mode"] = "slaac"
            subnet["ipv6_ra_mode"] = "slaac"
        } else if let address = specification.text("gateway") {
            subnet["gateway_ip"] = .text(address)
        }
        let servers = specification.texts("dns")
        if !servers.isEmpty { subnet["dns_nameservers"] = .array(servers.map(JSONValue.text)) }
        return try await cloud.document(
            Made.self, "subnet", .post, .network, "subnets", body: ["subnet": subnet],
            to: "create subnet \(range)"
        ).id
    }

    /// How a router is marked that was made for a network, and goes with it.
    static let routerMark = "infrafs: of a network"

    private func makeRouter(_ name: String, to outside: String) async throws(ProviderError) -> String {
        let router: JSONValue = [
            "name": .text(name), "description": .text(Self.routerMark),
            "external_gateway_info": ["network_id": .text(outside)],
        ]
        return try await cloud.document(
            Made.self, "router", .post, .network, "routers", body: ["router": router],
            to: "create router \(name)"
        ).id
    }

    // MARK: Deletion

    /// Unwinds what makes it usable, in order. `busy` while machines, ports or a router of somebody's are on it; nothing is
    /// touched then.
    func delete(_ id: Network.ID, _ job: any JobReporter) async throws(ProviderError) {
        let what = "delete network \(id)"
        let ports = try await cloud.ports(query: [("network_id", id.rawValue)])
        // Neutron's own (DHCP, metadata) go with the network.
        let users = ports.filter { !$0.isOfRouter && $0.owner?.hasPrefix("network:") != true }
        guard users.isEmpty else {
            let names = try await cloud.names(ofServers: Set(users.compactMap(\.device)))
            let words = Set(users.map { port in port.device.flatMap { names[$0] } ?? "port \(port.id)" }).sorted()
            throw ProviderError(.busy, "the network is in use by \(words.joined(separator: ", "))")
        }
        let own = try await ownRouters(Set(ports.filter(\.isOfRouter).compactMap(\.device)), what)
        for port in ports where port.isOfRouter {
            guard let router = port.device else { continue }
            try await cloud.send(
                .put, .network, "routers/\(router)/remove_router_interface", body: ["port_id": .text(port.id)], to: what
            )
        }
        for router in own { try await deleteRouterIfUnused(router, what) }
        try await cloud.send(.delete, .network, "networks/\(id)", to: what)
    }

    /// The routers, all of which were made for a network; `busy` where one was not.
    private func ownRouters(_ ids: Set<String>, _ what: String) async throws(ProviderError) -> [String] {
        try await ids.sorted().concurrently { id throws(ProviderError) in
            let router = try await cloud.found(RouterPayload.self, "router", .network, "routers/\(id)", to: what)
            guard router?.description == Self.routerMark else {
                throw ProviderError(
                    .busy, "the network is in use by the router \(router?.name ?? id): take it off the network first")
            }
            return id
        }
    }

    /// A router that was made for a network goes with the last that it serves.
    private func deleteRouterIfUnused(_ id: String, _ what: String) async throws(ProviderError) {
        let others = try await cloud.ports(query: [("device_id", id)]).filter { $0.owner != "network:router_gateway" }
        guard others.isEmpty else { return }
        try await cloud.send(.delete, .network, "routers/\(id)", to: what)
    }
}
