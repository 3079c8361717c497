import ProviderAPI
import ProviderKit

/// The networks and subnets of the region, to find those that a person names.
struct NetworkPlan: Sendable {
    let vpcs: [EC2.VPC]
    let subnets: [EC2.NetworkRange]

    init(vpcs: [EC2.VPC], subnets: [EC2.NetworkRange]) {
        self.vpcs = vpcs
        self.subnets = subnets
    }

    /// Asks for them, in two calls.
    init(account: Account) async throws(ProviderError) {
        async let vpcs = account.ec2.vpcs(to: "read networks")
        async let subnets = account.ec2.subnets(to: "read subnets")
        do {
            self.init(
                vpcs: account.vpcs.apply(to: try await vpcs, id: \.id),
                subnets: account.subnets.apply(to: try await subnets, id: \.id))
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    /// A network by name or id; the default one for `default` where none is called so. Throws `invalidValue`.
    func vpc(named name: String?) throws(ProviderError) -> EC2.VPC {
        if let name, let vpc = try Self.only(vpcs.filter { $0.id == name || $0.tags[Tags.name] == name }, name) {
            return vpc
        }
        guard name == nil || name == "default" else {
            throw ProviderError(.invalidValue, "there is no network \(name ?? "") in this region")
        }
        guard let vpc = vpcs.first(where: \.isDefault) else {
            throw ProviderError(.invalidValue, "the region has no default network: name one")
        }
        return vpc
    }

    /// The subnet of an interface: `subnet`, or `network`, which names a subnet or a network. Of a network it is one in
    /// that zone, a default one first.
    func subnet(for interface: Specification, zone: String?) throws(ProviderError) -> EC2.NetworkRange {
        let network = interface.text("network")
        if let name = interface.text("subnet") ?? network {
            let named = subnets.filter { $0.id == name || $0.tags[Tags.name] == name }
            if let subnet = try Self.only(named, name) {
                guard zone == nil || subnet.zone == zone else {
                    throw ProviderError(
                        .invalidValue, "the subnet \(name) is in \(subnet.zone ?? "another zone"), not in \(zone ?? "")"
                    )
                }
                return subnet
            }
            guard interface.text("subnet") == nil else {
                throw ProviderError(.invalidValue, "there is no subnet \(name) in this region")
            }
        }
        let vpc = try self.vpc(named: network)
        let choices = subnets.filter { $0.vpc == vpc.id && (zone == nil || $0.zone == zone) }
        let first = choices.min { left, right in
            // Default ones first, then by zone and range: the same every time.
            (left.isDefault ? 0 : 1, left.zone ?? "", left.cidr ?? "")
                < (right.isDefault ? 0 : 1, right.zone ?? "", right.cidr ?? "")
        }
        guard let first else {
            let place = zone.map { " in \($0)" } ?? ""
            throw ProviderError(.invalidValue, "the network \(vpc.tags[Tags.name] ?? vpc.id) has no subnet\(place)")
        }
        return first
    }

    private static func only<Item>(_ items: [Item], _ name: String) throws(ProviderError) -> Item? {
        guard items.count < 2 else {
            throw ProviderError(.invalidValue, "\(items.count) are called \(name): give the id of one")
        }
        return items.first
    }
}
