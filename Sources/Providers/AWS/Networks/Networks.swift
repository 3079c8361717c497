import ProviderAPI
import ProviderKit
import XMLKit

extension EC2.VPC {
    /// Its name, for messages and for what names it.
    var label: String { tags[Tags.name] ?? id }
}

/// The VPCs of an account in a region.
struct Networks: CollectionService {
    let account: Account

    var ec2: EC2 { account.ec2 }
    var operations: Set<Operation> { Self.all }
    static let all: Set<Operation> = [.listNetworks, .createNetwork, .deleteNetwork, .portsNetwork]

    let parameters =
        StandardParameters.network.filter { ["cidr", "plan"].contains($0.name) } + [
            Parameter("mode", .choice(["route", "isolated"]), "whether it has a way to the internet (route)"),
            Parameter("az", .text, "the availability zone of its first subnet"),
        ]
    private static let standardRange = "10.0.0.0/16"

    func list() async throws(ProviderError) -> [Network] {
        async let vpcs = ec2.vpcs(to: "list networks")
        async let gateways = ec2.internetGateways(to: "list networks")
        do {
            let open = Set(try await gateways.flatMap(\.vpcs))
            return account.vpcs.apply(to: try await vpcs, id: \.id).map { Network($0, isOpen: open.contains($0.id)) }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    func items(_ ids: [Network.ID]) async throws(ProviderError) -> [Network] {
        let wanted = Set(ids)
        async let instances = ec2.instances(to: "read the machines of networks")
        let networks = try await list().filter { wanted.contains($0.id) }
        do {
            let found = account.instances.apply(to: try await instances, id: \.id)
            return networks.map { network in
                var network = network
                let users = found.filter { instance in
                    instance.vpc == network.id.rawValue
                        || instance.interfaces.contains { $0.vpc == network.id.rawValue }
                }
                network.ports = users.map(\.label).sorted()
                network.isComplete = true
                return network
            }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    // MARK: Making

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Network {
        try specification.require(only: Set(parameters.map(\.name)))
        let name = specification.name
        let cidr = specification.text("cidr") ?? Self.standardRange
        guard let range = AddressRange(cidr), range.isIPv4, (16...28).contains(range.prefix) else {
            throw ProviderError(
                .invalidValue, "cidr: '\(cidr)' is no range that a VPC can have, such as \(Self.standardRange)")
        }
        let vpcs = account.vpcs.apply(to: try await ec2.vpcs(to: "look for \(name)"), id: \.id)
        guard !vpcs.contains(where: { $0.tags[Tags.name] == name }) else {
            throw ProviderError(.alreadyExists, "there is a network \(name) already")
        }
        var tags = [Tags.name: name]
        tags[Tags.networkPlan] = specification.text("plan")
        var form = QueryForm()
        form.set("CidrBlock", range.description)
        form.tag("vpc", tags)
        let answer = try await ec2.call("CreateVpc", form, to: "create \(name)")
        guard let vpc = answer.first("vpc").flatMap(EC2.VPC.init) else {
            throw ProviderError(.malformedReply, "create \(name): EC2 does not name the VPC that it made")
        }
        account.vpcs.noteMade(vpc.id, vpc)
        let isOpen = specification.text("mode") != "isolated"
        do throws(ProviderError) {
            try await furnish(vpc, range, isOpen: isOpen, zone: specification.text("az") ?? account.zone)
        } catch {
            // The first refusal is what the user is told; what remains of the half is taken away.
            await undoing { () async throws(ProviderError) in try await unwind(vpc, "give up \(name)") }
            account.vpcs.noteGone(vpc.id)
            throw error
        }
        return Network(vpc, isOpen: isOpen, ports: [])
    }

    /// What makes a VPC usable: names in DNS, a subnet, and a way out.
    private func furnish(_ vpc: EC2.VPC, _ range: AddressRange, isOpen: Bool, zone: String?)
        async throws(ProviderError)
    {
        let what = "create \(vpc.label)"
        try await settled(vpc, what)
        for attribute in ["EnableDnsSupport", "EnableDnsHostnames"] {
            try await ec2.carryOut(
                "ModifyVpcAttribute", ["VpcId": vpc.id, "\(attribute).Value": "true"], to: what)
        }
        let place = range.prefix < 24 ? range.parts(prefix: 24, limit: 1).first ?? range : range
        let owner = [Tags.owner: vpc.id]
        var form = QueryForm()
        form.set("VpcId", vpc.id)
        form.set("CidrBlock", place.description)
        form.set("AvailabilityZone", zone)
        form.tag("subnet", owner.merging([Tags.name: "\(vpc.label)-subnet1"]) { $1 })
        let answer = try await ec2.call("CreateSubnet", form, to: what)
        guard let subnet = answer.first("subnet").flatMap(EC2.NetworkRange.init) else {
            throw ProviderError(.malformedReply, "\(what): EC2 does not name the subnet that it made")
        }
        account.subnets.noteMade(subnet.id, subnet)
        guard isOpen else { return }
        try await ec2.carryOut(
            "ModifySubnetAttribute", ["SubnetId": subnet.id, "MapPublicIpOnLaunch.Value": "true"], to: what)
        let gateway = try await ec2.make(
            "CreateInternetGateway", [:],
            tags: ("internet-gateway", owner.merging([Tags.name: vpc.label]) { $1 }),
            id: "internetGateway/internetGatewayId", to: what)
        try await ec2.carryOut("AttachInternetGateway", ["InternetGatewayId": gateway, "VpcId": vpc.id], to: what)
        guard
            let table = try await ec2.routeTables([("vpc-id", [vpc.id]), ("association.main", ["true"])], to: what)
                .first
        else {
            throw ProviderError(.failed, "\(what): the VPC has no main route table")
        }
        try await ec2.carryOut(
            "CreateRoute",
            ["RouteTableId": table.id, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway], to: what)
    }

    private func settled(_ vpc: EC2.VPC, _ what: String) async throws(ProviderError) {
        try await Polling(deadline: .seconds(60)).until(what) { () async throws(ProviderError) -> Bool? in
            let state = try await ec2.vpcs([("vpc-id", [vpc.id])], to: what).first?.state
            return state == "available" ? true : nil
        }
    }

    // MARK: Unmaking

    func delete(_ id: Network.ID, _ job: any JobReporter) async throws(ProviderError) {
        let found = try await ec2.vpcs([("vpc-id", [id.rawValue])], to: "read \(id)")
        guard let vpc = found.first else { throw ProviderError(.notFound, "\(id): there is no such network") }
        let what = "delete \(vpc.label)"
        let users = try await ec2.networkInterfaces([("vpc-id", [vpc.id])], to: what)
        if let user = users.first {
            let words = user.instance.map { "the machine \($0) is on it" } ?? "\(user.id) is on it"
            throw ProviderError(.busy, "\(vpc.label) is in use: \(words)")
        }
        try await refuseForeign(vpc, what)
        try await unwind(vpc, what)
        account.vpcs.noteGone(vpc.id)
    }

    /// Subnets and groups that were made by themselves are not deleted with the network.
    private func refuseForeign(_ vpc: EC2.VPC, _ what: String) async throws(ProviderError) {
        let subnets = account.subnets.apply(
            to: try await ec2.subnets([("vpc-id", [vpc.id])], to: what), asked: [], id: \.id)
        if let subnet = subnets.first(where: { $0.tags[Tags.owner] != vpc.id }) {
            throw ProviderError(.notEmpty, "\(vpc.label) has the subnet \(subnet.label): delete it first")
        }
        let groups = try await ec2.securityGroups([("vpc-id", [vpc.id])], to: what)
        if let group = groups.first(where: { $0.name != "default" }) {
            throw ProviderError(.notEmpty, "\(vpc.label) has the security group \(group.name): delete it first")
        }
    }

    /// What came with the VPC goes before it: the way out, the subnets, their route tables.
    private func unwind(_ vpc: EC2.VPC, _ what: String) async throws(ProviderError) {
        for gateway in try await ec2.internetGateways([("attachment.vpc-id", [vpc.id])], to: what) {
            try await ec2.carryOut(
                "DetachInternetGateway", ["InternetGatewayId": gateway.id, "VpcId": vpc.id], to: what)
            guard gateway.tags[Tags.owner] == vpc.id else { continue }
            try await ec2.carryOut("DeleteInternetGateway", ["InternetGatewayId": gateway.id], to: what)
        }
        for subnet in try await ec2.subnets([("vpc-id", [vpc.id])], to: what)
        where subnet.tags[Tags.owner] == vpc.id {
            try await ec2.carryOut("DeleteSubnet", ["SubnetId": subnet.id], to: what)
            account.subnets.noteGone(subnet.id)
        }
        for table in try await ec2.routeTables([("vpc-id", [vpc.id])], to: what)
        where !table.associations.contains(where: \.isMain) && table.tags[Tags.owner] != nil {
            try await ec2.carryOut("DeleteRouteTable", ["RouteTableId": table.id], to: what)
        }
        try await ec2.carryOut("DeleteVpc", ["VpcId": vpc.id], to: what)
    }
}

extension Network {
    /// A VPC as a network; without the names of its machines it is incomplete.
    init(_ vpc: EC2.VPC, isOpen: Bool, ports: [String]? = nil) {
        self.init(
            id: .init(vpc.id), name: vpc.label, cidr: vpc.cidr, dhcp: true, type: vpc.isDefault ? "default" : "vpc",
            mode: isOpen ? "route" : "isolated", plan: vpc.tags[Tags.networkPlan] ?? vpc.tags["plan"],
            ports: ports ?? [])
        dualCIDR = vpc.cidr6
        active = vpc.state.map { $0 == "available" }
        isComplete = ports != nil
    }
}
