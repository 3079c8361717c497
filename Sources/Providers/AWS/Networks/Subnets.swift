import ProviderAPI
import ProviderKit
import XMLKit

extension EC2.NetworkRange {
    /// Its name, for messages.
    var label: String { tags[Tags.name] ?? id }
}

/// The subnets of the VPCs, with their routes.
struct Subnets: CollectionService {
    let account: Account

    var ec2: EC2 { account.ec2 }
    var operations: Set<Operation> { Self.all }
    static let all: Set<Operation> = [.listSubnets, .createSubnet, .deleteSubnet, .updateSubnet]

    let parameters =
        StandardParameters.subnet.filter { $0.name != "gateway" } + [
            Parameter("public", .flag, "whether its machines get public addresses")
        ]

    func list() async throws(ProviderError) -> [Subnet] {
        async let subnets = ec2.subnets(to: "list subnets")
        async let vpcs = ec2.vpcs(to: "list subnets")
        async let tables = ec2.routeTables(to: "list subnets")
        do {
            let names = Dictionary(
                account.vpcs.apply(to: try await vpcs, id: \.id).map { ($0.id, $0.label) }
            ) { $1 }
            let routes = RoutePlan(try await tables)
            return account.subnets.apply(to: try await subnets, id: \.id).map { subnet in
                Subnet(subnet, networks: names, routes: routes.routes(of: subnet))
            }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    private func item(_ id: String) async throws(ProviderError) -> Subnet {
        guard let subnet = try await items([.init(id)]).first else {
            throw ProviderError(.notFound, "\(id): there is no such subnet")
        }
        return subnet
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Subnet {
        try specification.require(only: Set(parameters.map(\.name)))
        let name = specification.name
        let plan = try await NetworkPlan(account: account)
        let vpc = try plan.vpc(named: specification.text("network"))
        guard !plan.subnets.contains(where: { $0.vpc == vpc.id && $0.tags[Tags.name] == name }) else {
            throw ProviderError(.alreadyExists, "there is a subnet \(name) in \(vpc.label) already")
        }
        guard let cidr = specification.text("cidr"), let range = AddressRange(cidr) else {
            throw ProviderError(
                .invalidValue, "cidr: give the range of the subnet, inside \(vpc.cidr ?? "its network")")
        }
        let routes = try RoutePlan.wishes(specification.texts("routes"))
        var form = QueryForm()
        form.set("VpcId", vpc.id)
        form.set("CidrBlock", range.description)
        form.set("AvailabilityZone", specification.text("az") ?? account.zone)
        form.tag("subnet", [Tags.name: name])
        let answer = try await ec2.call("CreateSubnet", form, to: "create \(name)")
        guard let subnet = answer.first("subnet").flatMap(EC2.NetworkRange.init) else {
            throw ProviderError(.malformedReply, "create \(name): EC2 does not name the subnet that it made")
        }
        account.subnets.noteMade(subnet.id, subnet)
        do throws(ProviderError) {
            if specification.flag("public") ?? false {
                try await ec2.carryOut(
                    "ModifySubnetAttribute", ["SubnetId": subnet.id, "MapPublicIpOnLaunch.Value": "true"],
                    to: "create \(name)")
            }
            if !routes.isEmpty { try await Router(account: account).set(routes, of: subnet) }
        } catch {
            await undoing { () async throws(ProviderError) in try await remove(subnet) }
            throw error
        }
        return try await item(subnet.id)
    }

    func delete(_ id: Subnet.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await remove(try await range(id))
    }

    private func range(_ id: Subnet.ID) async throws(ProviderError) -> EC2.NetworkRange {
        let found = try await ec2.subnets([("subnet-id", [id.rawValue])], to: "read \(id)")
        guard let subnet = account.subnets.apply(to: found, asked: [id.rawValue], id: \.id).first else {
            throw ProviderError(.notFound, "\(id): there is no such subnet")
        }
        return subnet
    }

    /// The subnet, and the route table that was made for it alone.
    private func remove(_ subnet: EC2.NetworkRange) async throws(ProviderError) {
        let what = "delete \(subnet.label)"
        let users = try await ec2.networkInterfaces([("subnet-id", [subnet.id])], to: what)
        if let user = users.first {
            let words = user.instance.map { "the machine \($0) is in it" } ?? "\(user.id) is in it"
            throw ProviderError(.busy, "\(subnet.label) is in use: \(words)")
        }
        let tables = try await ec2.routeTables([("association.subnet-id", [subnet.id])], to: what)
        try await ec2.carryOut("DeleteSubnet", ["SubnetId": subnet.id], to: what)
        account.subnets.noteGone(subnet.id)
        for table in tables where table.tags[Tags.owner] == subnet.id {
            // What EC2 has not parted yet.
            let now = try await ec2.routeTables([("route-table-id", [table.id])], to: what)
            for association in now.flatMap(\.associations) where association.subnet == subnet.id {
                try await ec2.carryOut("DisassociateRouteTable", ["AssociationId": association.id], to: what)
            }
            try await ec2.carryOut("DeleteRouteTable", ["RouteTableId": table.id], to: what)
        }
    }

    func apply(_ change: Subnet.Change, to id: Subnet.ID, _ job: any JobReporter) async throws(ProviderError) -> Subnet
    {
        guard case .routes(let lines) = change else { throw .unsupported(change.operation) }
        try await Router(account: account).set(try RoutePlan.wishes(lines), of: try await range(id))
        return try await item(id.rawValue)
    }
}

extension Subnet {
    /// A subnet with the names of networks by id.
    init(_ subnet: EC2.NetworkRange, networks: [String: String], routes: [String]) {
        self.init(
            id: .init(subnet.id), name: subnet.label, cidr: subnet.cidr, az: subnet.zone,
            network: subnet.vpc.map { networks[$0] ?? $0 },
            gateway: subnet.cidr.flatMap { AddressRange($0)?.address(1) }, routes: routes)
    }
}
