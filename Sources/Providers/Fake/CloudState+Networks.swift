import ProviderAPI

extension CloudState {
    static let networkModes = ["nat", "isolated", "route", "open", "bridge"]

    /// The networks with the names of the machines on each.
    func networksWithPorts(_ asked: Set<Network.ID>? = nil) -> [Network] {
        var ports: [String: [String]] = [:]
        for machine in machines.all {
            for nic in machine.facts.nics {
                if let network = nic.network { ports[network, default: []].append(machine.facts.name) }
            }
        }
        return networks.facts.filter { asked?.contains($0.id) ?? true }.map { network in
            var network = network
            network.ports = ports[network.name] ?? []
            return network
        }
    }

    mutating func createNetwork(_ specification: Specification) throws(ProviderError) -> Network.ID {
        try specification.require(only: Set((StandardParameters.network + NetworkService.use).map(\.name)))
        try Self.checkNew(specification.name, on: networks)
        let range = try range(of: specification)
        let nat = specification.flag("nat")
        let mode = try Self.word(
            "mode", specification.text("mode") ?? (nat == false ? "isolated" : "nat"), Self.networkModes)
        if let nat, nat != (mode == "nat") {
            throw ProviderError(.invalidValue, "nat \(nat ? "yes" : "no") contradicts mode \(mode): set one of the two")
        }
        if let dual = specification.text("dual_cidr") {
            guard AddressRange.isCIDR(dual), dual.contains(":") else {
                throw ProviderError(.invalidValue, "dual_cidr: \(dual) is no IPv6 range such as fd00:1::/64")
            }
        }
        var network = Network(
            id: Network.ID("net-" + random.hex(11)), name: specification.name, cidr: specification.text("cidr"),
            dhcp: specification.flag("dhcp") ?? (range != nil), domain: specification.text("domain"),
            type: mode == "bridge" ? "bridged" : "routed", mode: mode, plan: specification.text("plan"))
        network.dualCIDR = specification.text("dual_cidr")
        network.active = true
        network.autostart = specification.flag("autostart") ?? true
        network.description = specification.text("description")
        network.hasPortSecurity = specification.flag("port_security") ?? true
        network.isShared = specification.flag("shared") ?? false
        network.addServers(in: range)
        networks.insert(NetworkRecord(facts: network, range: range))
        emit(network.id, "created")
        return network.id
    }

    private func range(of specification: Specification) throws(ProviderError) -> AddressRange? {
        guard let text = specification.text("cidr") else {
            guard specification.flag("dhcp") != true else {
                throw ProviderError(.invalidValue, "dhcp needs a range: set cidr, such as 192.168.50.0/24")
            }
            return nil
        }
        guard let range = AddressRange(text), range.prefix <= 30, range.prefix >= 8 else {
            throw ProviderError(.invalidValue, "cidr: \(text) is no range such as 192.168.50.0/24")
        }
        if let other = networks.all.first(where: { $0.range?.overlaps(range) ?? false }) {
            throw ProviderError(.invalidValue, "cidr: \(text) overlaps the network \(other.facts.name)")
        }
        return range
    }

    mutating func deleteNetwork(_ id: Network.ID) throws(ProviderError) {
        let network = try networks.get(id).facts
        let users = machines.facts.filter { $0.nics.contains { $0.network == network.name } }.map(\.name)
        guard users.isEmpty else {
            throw ProviderError(
                .busy, "the network \(network.name) is in use by \(users.prefix(3).joined(separator: ", "))")
        }
        if let subnet = subnets.facts.first(where: { $0.network == network.name }) {
            throw ProviderError(.busy, "the network \(network.name) has the subnet \(subnet.name): delete that first")
        }
        if let group = groups.facts.first(where: { $0.network == network.name }) {
            throw ProviderError(.busy, "the security group \(group.name) is of the network \(network.name)")
        }
        networks.remove(id)
        emit(id, "deleted")
    }

    mutating func change(_ change: Network.Change, of id: Network.ID) throws(ProviderError) {
        let record = try networks.get(id)
        if case .dhcp(true) = change, record.range == nil {
            throw ProviderError(.busy, "the network \(record.facts.name) has no range to give addresses from")
        }
        var facts = record.facts
        switch change {
        case .service(let change): try facts.apply(change, in: record.range)
        case .link(let change): try facts.apply(change)
        case .rename(let name): return try rename(id, to: name)
        default: break
        }
        try networks.update(id) { network in
            switch change {
            case .dhcp(let dhcp): network.facts.dhcp = dhcp
            case .domain(let domain): network.facts.domain = domain.isEmpty ? nil : domain
            case .plan(let plan): network.facts.plan = plan.isEmpty ? nil : plan
            case .active(let active): network.facts.active = active
            case .description(let text): network.facts.description = text.isEmpty ? nil : text
            case .portSecurity(let flag): network.facts.hasPortSecurity = flag
            case .shared(let flag): network.facts.isShared = flag
            case .service, .link, .rename: network.facts = facts
            }
        }
        emit(id, "changed")
    }

    /// Gives a network another name, by which all that is on it tells of it from then on.
    private mutating func rename(_ id: Network.ID, to name: String) throws(ProviderError) {
        let old = try networks.get(id).facts.name
        guard old != name else { return }
        try Self.checkNew(name, on: networks)
        try networks.update(id) { $0.facts.name = name }
        for machine in machines.all.map(\.facts) where machine.nics.contains(where: { $0.network == old }) {
            machines.touch(machine.id) { machine in
                for place in machine.facts.nics.indices where machine.facts.nics[place].network == old {
                    machine.facts.nics[place].network = name
                }
            }
            emit(machine.id, "changed")
        }
        for subnet in subnets.facts where subnet.network == old {
            subnets.touch(subnet.id) { $0.facts.network = name }
            emit(subnet.id, "changed")
        }
        for group in groups.facts where group.network == old {
            groups.touch(group.id) { $0.facts.network = name }
            emit(group.id, "changed")
        }
        emit(id, "renamed")
    }

    mutating func createSubnet(_ specification: Specification) throws(ProviderError) -> Subnet.ID {
        try specification.require(only: Set((StandardParameters.subnet + SubnetService.service).map(\.name)))
        try Self.checkNew(specification.name, on: subnets)
        let network = try Self.named(specification.text("network") ?? "default", on: networks)
        guard let cidr = specification.text("cidr"), let range = AddressRange(cidr) else {
            throw ProviderError(.invalidValue, "cidr: give the range of the subnet, such as 10.16.1.0/24")
        }
        guard network.range?.contains(range) ?? false else {
            throw ProviderError(.invalidValue, "cidr: \(cidr) is not inside the network \(network.facts.name)")
        }
        let siblings = subnets.facts.filter { $0.network == network.facts.name }
        if let other = siblings.first(where: { $0.cidr.flatMap { AddressRange($0) }?.overlaps(range) ?? false }) {
            throw ProviderError(.invalidValue, "cidr: \(cidr) overlaps the subnet \(other.name)")
        }
        let gateway = specification.text("gateway") ?? range.address(1)
        guard range.host(of: gateway) != nil else {
            throw ProviderError(.invalidValue, "gateway: \(gateway) is not an address of \(cidr)")
        }
        var subnet = Subnet(
            id: Subnet.ID("subnet-" + random.hex(8)), name: specification.name, cidr: cidr,
            az: specification.text("az") ?? "zone-a", network: network.facts.name, gateway: gateway,
            routes: try Self.routes(specification.texts("routes")))
        subnet.dhcp = specification.flag("dhcp") ?? true
        try subnet.apply(.pools(specification.texts("pools")))
        try subnet.apply(.dns(specification.texts("dns")))
        subnets.insert(Plain(facts: subnet))
        emit(subnet.id, "created")
        return subnet.id
    }

    /// Routes as they are kept; each is `CIDR via TARGET`.
    static func routes(_ lines: [String]) throws(ProviderError) -> [String] {
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, words[1] == "via", AddressRange.isCIDR(words[0]), !words[2].isEmpty else {
                throw ProviderError(.invalidValue, "routes: '\(line)' is not CIDR via TARGET")
            }
        }
        return lines
    }
}

extension CloudState {
    mutating func deleteSubnet(_ id: Subnet.ID) throws(ProviderError) {
        guard subnets.remove(id) != nil else { throw Shelf<Plain<Subnet>>.missing(id) }
        emit(id, "deleted")
    }

    mutating func change(_ change: Subnet.Change, of id: Subnet.ID) throws(ProviderError) {
        switch change {
        case .routes(let lines):
            let routes = try Self.routes(lines)
            try subnets.update(id) { $0.facts.routes = routes }
        case .service(let change):
            var facts = try subnets.get(id).facts
            try facts.apply(change)
            try subnets.update(id) { $0.facts = facts }
        }
        emit(id, "changed")
    }
}

extension Subnet {
    /// Takes a change of what it gives out; `invalidValue` where it cannot be.
    fileprivate mutating func apply(_ change: ServiceChange) throws(ProviderError) {
        let range = cidr.flatMap { AddressRange($0) }
        func check(_ address: String, _ file: String) throws(ProviderError) {
            guard range?.host(of: address) != nil else {
                throw ProviderError(.invalidValue, "\(file): '\(address)' is no address of \(cidr ?? name)")
            }
        }
        switch change {
        case .dhcp(let flag): dhcp = flag
        case .gateway(let address):
            if let address { try check(address, "gateway") }
            gateway = address
        case .dns(let servers): dns = servers
        case .pools(let lines):
            for line in lines {
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 2 else {
                    throw ProviderError(.invalidValue, "pools: '\(line)' is not FIRST LAST")
                }
                for word in words { try check(word, "pools") }
            }
            pools = lines
        }
    }
}
