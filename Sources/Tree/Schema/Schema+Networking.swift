import ProviderAPI

extension Network: Described {
    static let schema = ResourceSchema<Network>(
        help: "networks that machines can be on",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the platform's name; write another to rename") { .text($0.name) }
                .writing(.renameNetwork) { (text, network) throws(ProviderError) in
                    let name = try Parsing.name(text)
                    return name == network.name ? nil : .rename(name)
                },
            .fact("cidr", "its range") { Value($0.cidr) },
            .fact("dual_cidr", "the second range of a dual-stack network") { Value($0.dualCIDR) },
            .fact("dhcp", "whether it gives addresses out: yes or no") { $0.dhcp.map(Value.flag) ?? .none }
                .writing(.updateNetwork) { (text, network) throws(ProviderError) in
                    let flag = try Parsing.flag(text)
                    return flag == network.dhcp ? nil : .dhcp(flag)
                },
            .fact("nat", "whether its machines reach out through the host: yes or no") {
                $0.mode.map { .flag($0 == "nat") } ?? .none
            }
            .writing(.linkNetwork) { (text, network) throws(ProviderError) in
                let flag = try Parsing.flag(text)
                return flag == (network.mode == "nat") ? nil : .link(.nat(flag))
            },
            .fact("domain", "the DNS domain of its machines") { Value($0.domain) }
                .writing(.updateNetwork) { (text, network) in text == network.domain ?? "" ? nil : .domain(text) },
            .fact("type", "routed, bridged, ...") { Value($0.type) },
            .fact("mode", "nat, isolated, route, open, bridge, ...") { Value($0.mode) },
        ] + service + link + use + [
            .fact("plan", "the plan it belongs to, in kcli's sense") { Value($0.plan) }
                .writing(.updateNetwork) { (text, network) in text == network.plan ?? "" ? nil : .plan(text) },
            .fact("status", "up when it is available, else down; write up or down") {
                $0.active.map { .text($0 ? "up" : "down") } ?? .none
            }.writing(.updateNetwork) { (text, network) throws(ProviderError) in
                let active = try isUp(text)
                return active == network.active ? nil : .active(active)
            },
            .fact("autostart", "whether it starts with its host: yes or no", requires: .linkNetwork) {
                $0.autostart.map(Value.flag) ?? .none
            }.writing(.linkNetwork) { (text, network) throws(ProviderError) in
                let flag = try Parsing.flag(text)
                return flag == network.autostart ? nil : .link(.autostart(flag))
            },
            .fact("ports", "the machines on it, one a line", detail: true) { Value($0.ports) },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ],
        obstacle: { network, _ in
            guard !network.ports.isEmpty else { return nil }
            return ProviderError(.busy, "\(network.name) is used by \(network.ports.joined(separator: ", "))")
        },
        rename: { .rename($0) }, renaming: .renameNetwork)

    private typealias Row = Attribute<Network>

    /// Its own servers for addresses and names.
    private static let service: [Row] = [
        .fact("gateway", "the host's address in it", requires: .serviceNetwork) { Value($0.gateway) },
        .fact("dhcp_range", "FIRST LAST, one range a line", requires: .serviceNetwork) { Value($0.dhcpRange) }
            .writing(.serviceNetwork, document: true) { (text, network) in
                let ranges = Parsing.lines(text)
                return ranges == network.dhcpRange ? nil : .service(.dhcpRange(ranges))
            },
        .fact("reservations", "MAC ADDRESS [NAME], one a line", requires: .serviceNetwork) { Value($0.reservations) }
            .writing(.serviceNetwork, document: true) { (text, network) in
                let reservations = Parsing.lines(text)
                return reservations == network.reservations ? nil : .service(.reservations(reservations))
            },
        .fact("leases", "ADDRESS MAC UNTIL [NAME], one a line", detail: true, requires: .serviceNetwork) {
            Value($0.leases)
        },
        .fact("dns", "whether it answers questions for names: yes or no", requires: .serviceNetwork) {
            $0.dns.map(Value.flag) ?? .none
        }.writing(.serviceNetwork) { (text, network) throws(ProviderError) in
            let flag = try Parsing.flag(text)
            return flag == network.dns ? nil : .service(.dns(flag))
        },
        .fact("forwarders", "[DOMAIN] ADDRESS of who is asked for other names, one a line", requires: .serviceNetwork) {
            Value($0.forwarders)
        }.writing(.serviceNetwork, document: true) { (text, network) in
            let forwarders = Parsing.lines(text)
            return forwarders == network.forwarders ? nil : .service(.forwarders(forwarders))
        },
    ]

    /// How it is joined to its host.
    private static let link: [Row] = [
        .fact("bridge", "the bridge of the host that it is", requires: .linkNetwork) { Value($0.bridge) },
        .fact("device", "the interface of the host that it goes out by", requires: .linkNetwork) { Value($0.device) },
        .fact("mtu", "bytes of the largest packet; nothing is the platform's own", requires: .updateMTU) {
            Value($0.mtu)
        }.writing(.updateMTU) { (text, network) throws(ProviderError) in
            let mtu = text.isEmpty ? nil : try Parsing.number(text)
            return mtu == network.mtu ? nil : .link(.mtu(mtu))
        },
        .fact("vlans", "NAME [default] [TAG...], one a line", requires: .linkNetwork) { Value($0.vlans) }
            .writing(.linkNetwork, document: true) { (text, network) in
                let vlans = Parsing.lines(text)
                return vlans == network.vlans ? nil : .link(.vlans(vlans))
            },
    ]

    /// What it is for, and who may use it.
    private static let use: [Row] = [
        .fact("description", "free text", requires: .describeNetwork) { Value($0.description) }
            .writing(.describeNetwork, document: true) { (text, network) in
                text == network.description ?? "" ? nil : .description(text)
            },
        .fact(
            "port_security", "whether addresses are checked and security groups hold for new ports: yes or no",
            requires: .guardNetwork
        ) { $0.hasPortSecurity.map(Value.flag) ?? .none }
        .writing(.guardNetwork) { (text, network) throws(ProviderError) in
            let flag = try Parsing.flag(text)
            return flag == network.hasPortSecurity ? nil : .portSecurity(flag)
        },
        .fact("shared", "whether other projects may use it: yes or no", requires: .shareNetwork) {
            $0.isShared.map(Value.flag) ?? .none
        }.writing(.shareNetwork) { (text, network) throws(ProviderError) in
            let flag = try Parsing.flag(text)
            return flag == network.isShared ? nil : .shared(flag)
        },
    ]

    static func isUp(_ text: String) throws(ProviderError) -> Bool {
        switch text {
        case "up": true
        case "down": false
        default: throw ProviderError(.invalidValue, "'\(Parsing.shown(text))' is neither up nor down")
        }
    }
}

extension Subnet: Described {
    static let schema = ResourceSchema<Subnet>(
        help: "ranges of networks",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the platform's name") { .text($0.name) },
            .fact("cidr", "its range") { Value($0.cidr) },
            .fact("az", "availability zone") { Value($0.az) },
            .fact("network", "the network it belongs to") { Value($0.network) },
            .fact("gateway", "the router's address in it; nothing is none") { Value($0.gateway) }
                .writing(.serviceSubnet) { (text, subnet) in
                    text == subnet.gateway ?? "" ? nil : .service(.gateway(text.isEmpty ? nil : text))
                },
        ] + service + [
            .fact("routes", "CIDR via TARGET, one a line") { Value($0.routes) }
                .writing(.updateSubnet, document: true) { (text, subnet) in
                    let routes = Parsing.lines(text)
                    return routes == subnet.routes ? nil : .routes(routes)
                },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ])

    /// What it gives out and tells.
    private static let service: [Attribute<Subnet>] = [
        .fact("dhcp", "whether it gives addresses out: yes or no", requires: .serviceSubnet) {
            $0.dhcp.map(Value.flag) ?? .none
        }.writing(.serviceSubnet) { (text, subnet) throws(ProviderError) in
            let flag = try Parsing.flag(text)
            return flag == subnet.dhcp ? nil : .service(.dhcp(flag))
        },
        .fact("pools", "FIRST LAST of what it gives addresses from, one range a line", requires: .serviceSubnet) {
            Value($0.pools)
        }.writing(.serviceSubnet, document: true) { (text, subnet) in
            let pools = Parsing.lines(text)
            return pools == subnet.pools ? nil : .service(.pools(pools))
        },
        .fact("dns", "servers that resolve names, one a line", requires: .serviceSubnet) { Value($0.dns) }
            .writing(.serviceSubnet, document: true) { (text, subnet) in
                let servers = Parsing.lines(text)
                return servers == subnet.dns ? nil : .service(.dns(servers))
            },
    ]
}

extension SecurityGroup: Described {
    static let schema = ResourceSchema<SecurityGroup>(
        help: "rules about who may talk to a machine",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the platform's name") { .text($0.name) },
            .fact("description", "free text") { Value($0.description) }
                .writing(.updateSecurityGroup) { (text, group) in
                    text == group.description ?? "" ? nil : .description(text)
                },
            .fact("network", "the network it belongs to") { Value($0.network) },
            .fact("rules", "ingress|egress PROTOCOL PORTS CIDR, one a line") { Value($0.rules) }
                .writing(.updateSecurityGroup, document: true) { (text, group) in
                    let rules = Parsing.lines(text)
                    return rules == group.rules ? nil : .rules(rules)
                },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ])
}

extension DNSZone: Described {
    static let schema = ResourceSchema<DNSZone>(
        help: "DNS zones: ZONE/NAME/TYPE holds the records, one a line, ttl beside them",
        attributes: [], inline: names)

    private static let names = Group<DNSZone>(
        name: "", help: "the records of one name",
        shape: .open(
            files: { zone, name in
                zone.sets(of: name).map { records($0.type) } + [ttl]
            },
            make: { (type) throws(ProviderError) in
                guard !type.isEmpty, type.utf8.allSatisfy({ (65...90).contains($0) || (48...57).contains($0) }) else {
                    throw ProviderError(
                        .invalidValue, "'\(Parsing.shown(type))' is no record type: write A, AAAA, CNAME, ...")
                }
                return records(type)
            },
            remove: { (_, name, type) in .remove(name: name, type: type) }),
        elements: { zone in
            var seen: Set<String> = []
            return zone.records.map(\.name).filter { seen.insert($0).inserted }
        })

    private func sets(of name: String) -> [RecordSet] { records.filter { $0.name == name } }

    private static let ttl = Group<DNSZone>.File("ttl", "seconds") { Value($0.sets(of: $1).first?.ttl) }
        .writing(.updateTTL) { (text, zone, name) throws(ProviderError) in
            let seconds = try Parsing.number(text)
            return zone.sets(of: name).allSatisfy { $0.ttl == seconds } ? nil : .ttl(name: name, seconds: seconds)
        }

    private static func records(_ type: String) -> Group<DNSZone>.File {
        .init(type, "the \(type) records, one a line") { zone, name in
            Value(zone.sets(of: name).first { $0.type == type }?.values ?? [])
        }.writing(.updateDNS, document: true) { (text, zone, name) throws(ProviderError) in
            let values = Parsing.lines(text)
            let set = zone.sets(of: name).first { $0.type == type }
            guard !values.isEmpty else {
                throw ProviderError(.invalidValue, "write one value a line, or remove the file")
            }
            if set?.values == values { return nil }
            // Those of NS and SOA are the zone's own, and long.
            let ttl = set?.ttl ?? zone.sets(of: name).first { !["NS", "SOA"].contains($0.type) }?.ttl
            return .set(RecordSet(name: name, type: type, ttl: ttl, values: values))
        }
    }
}
