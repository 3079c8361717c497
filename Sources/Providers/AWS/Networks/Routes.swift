import ProviderAPI
import ProviderKit

/// The route tables of a region, to tell which holds for a subnet.
struct RoutePlan: Sendable {
    /// A route that a person asks for.
    struct Wish: Sendable, Hashable {
        var destination: String
        var target: String
    }

    private var bySubnet: [String: EC2.RouteTable] = [:]
    private var main: [String: EC2.RouteTable] = [:]

    init(_ tables: [EC2.RouteTable]) {
        for table in tables {
            for association in table.associations {
                if let subnet = association.subnet { bySubnet[subnet] = table }
                if association.isMain, let vpc = table.vpc { main[vpc] = table }
            }
        }
    }

    /// Its own table, or the main one of its VPC.
    func table(of subnet: EC2.NetworkRange) -> EC2.RouteTable? {
        bySubnet[subnet.id] ?? subnet.vpc.flatMap { main[$0] }
    }

    /// The table that is associated with it and with no other subnet.
    func ownTable(of subnet: EC2.NetworkRange) -> EC2.RouteTable? {
        guard let table = bySubnet[subnet.id], table.associations.count == 1 else { return nil }
        return table
    }

    /// Its routes as lines. Those inside the VPC are always there and not told.
    func routes(of subnet: EC2.NetworkRange) -> [String] {
        (table(of: subnet)?.freeRoutes ?? []).map { "\($0.destination) via \($0.target)" }.sorted()
    }

    /// Reads lines `CIDR via TARGET`. Throws `invalidValue`.
    static func wishes(_ lines: [String]) throws(ProviderError) -> [Wish] {
        var wishes: [Wish] = []
        for line in lines where !line.isEmpty {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard words.count == 3, words[1] == "via", let range = AddressRange(words[0]) else {
                throw ProviderError(.invalidValue, "routes: '\(line)' is not CIDR via TARGET")
            }
            guard !wishes.contains(where: { $0.destination == range.description }) else {
                throw ProviderError(.invalidValue, "routes: \(range) is there twice")
            }
            wishes.append(Wish(destination: range.description, target: words[2]))
        }
        return wishes
    }
}

extension EC2.RouteTable {
    /// Those that somebody made: neither the VPC's own nor what a gateway announces.
    var freeRoutes: [Route] { routes.filter { $0.target != "local" && $0.origin != "EnableVgwRoutePropagation" } }
}

/// Changes the routes of subnets.
struct Router: Sendable {
    /// A route as EC2 takes it: `key` is the parameter that names its target.
    private struct Resolved {
        var destination: String
        var key: String
        var target: String
    }

    let account: Account

    private var ec2: EC2 { account.ec2 }

    /// Makes the routes of a subnet what is wished, by the difference. A subnet that shares its table gets one of its own
    /// first, so that no other is changed.
    func set(_ wishes: [RoutePlan.Wish], of subnet: EC2.NetworkRange) async throws(ProviderError) {
        let what = "change the routes of \(subnet.label)"
        let plan = RoutePlan(try await ec2.routeTables([("vpc-id", [subnet.vpc ?? ""])], to: what))
        var resolved: [Resolved] = []
        for wish in wishes {
            let (key, target) = try await target(of: wish, subnet, what)
            resolved.append(Resolved(destination: wish.destination, key: key, target: target))
        }
        let old = plan.table(of: subnet)?.freeRoutes ?? []
        let wanted = Dictionary(resolved.map { ($0.destination, $0.target) }) { $1 }
        guard Dictionary(old.map { ($0.destination, $0.target) }, uniquingKeysWith: { $1 }) != wanted else { return }
        if let own = plan.ownTable(of: subnet) {
            return try await change(own.id, from: own.freeRoutes, to: resolved, what)
        }
        let table = try await ec2.make(
            "CreateRouteTable", ["VpcId": subnet.vpc ?? ""],
            tags: ("route-table", [Tags.name: subnet.label, Tags.owner: subnet.id]), id: "routeTable/routeTableId",
            to: what)
        do throws(ProviderError) {
            // The subnet gets it once it is whole: no packet is without its route meanwhile.
            try await change(table, from: [], to: resolved, what)
            try await associate(table, with: subnet, plan, what)
        } catch {
            await undoing { () async throws(ProviderError) in
                try await ec2.carryOut("DeleteRouteTable", ["RouteTableId": table], to: what)
            }
            throw error
        }
    }

    private func change(_ table: String, from old: [EC2.RouteTable.Route], to new: [Resolved], _ what: String)
        async throws(ProviderError)
    {
        let there = Dictionary(old.map { ($0.destination, $0.target) }) { $1 }
        for route in new where there[route.destination] != route.target {
            let action = there[route.destination] == nil ? "CreateRoute" : "ReplaceRoute"
            try await ec2.carryOut(
                action,
                ["RouteTableId": table, Self.place(route.destination): route.destination, route.key: route.target],
                to: what)
        }
        let wanted = Set(new.map(\.destination))
        for destination in there.keys.sorted() where !wanted.contains(destination) {
            try await ec2.carryOut(
                "DeleteRoute", ["RouteTableId": table, Self.place(destination): destination], to: what)
        }
    }

    private static func place(_ destination: String) -> String {
        if destination.hasPrefix("pl-") { return "DestinationPrefixListId" }
        return destination.contains(":") ? "DestinationIpv6CidrBlock" : "DestinationCidrBlock"
    }

    private func associate(_ table: String, with subnet: EC2.NetworkRange, _ plan: RoutePlan, _ what: String)
        async throws(ProviderError)
    {
        let shared = plan.table(of: subnet)?.associations.first { $0.subnet == subnet.id }
        if let shared {
            _ = try await ec2.make(
                "ReplaceRouteTableAssociation", ["AssociationId": shared.id, "RouteTableId": table], tags: nil,
                id: "newAssociationId", to: what)
        } else {
            _ = try await ec2.make(
                "AssociateRouteTable", ["SubnetId": subnet.id, "RouteTableId": table], tags: nil, id: "associationId",
                to: what)
        }
    }

    /// The parameter that names a target, and its id: an id of AWS's, `internet`, or a machine's name.
    private func target(of wish: RoutePlan.Wish, _ subnet: EC2.NetworkRange, _ what: String)
        async throws(ProviderError) -> (key: String, target: String)
    {
        let kinds = [
            ("igw-", "GatewayId"), ("vgw-", "GatewayId"), ("nat-", "NatGatewayId"), ("eni-", "NetworkInterfaceId"),
            ("i-", "InstanceId"), ("tgw-", "TransitGatewayId"), ("pcx-", "VpcPeeringConnectionId"),
            ("eigw-", "EgressOnlyInternetGatewayId"), ("lgw-", "LocalGatewayId"), ("cagw-", "CarrierGatewayId"),
        ]
        if let kind = kinds.first(where: { wish.target.hasPrefix($0.0) }) { return (kind.1, wish.target) }
        if wish.target == "internet" {
            let gateways = try await ec2.internetGateways([("attachment.vpc-id", [subnet.vpc ?? ""])], to: what)
            guard let gateway = gateways.first else {
                throw ProviderError(.invalidValue, "routes: the network of \(subnet.label) has no internet gateway")
            }
            return ("GatewayId", gateway.id)
        }
        let machines = try await ec2.instances([("tag:\(Tags.name)", [wish.target])], to: what)
            .filter { $0.tags[Tags.name] == wish.target && $0.vpc == subnet.vpc }
        guard let machine = machines.first, machines.count == 1 else {
            throw ProviderError(
                .invalidValue, "routes: '\(wish.target)' is no gateway, no interface and no one machine of this network"
            )
        }
        return ("InstanceId", machine.id)
    }
}
