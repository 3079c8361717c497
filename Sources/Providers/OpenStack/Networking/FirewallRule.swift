import ProviderAPI
import ProviderKit

/// Rules as Neutron has them; a group whose machines a rule is about is `group:NAME` in place of the range.
extension FirewallRule {
    /// What Neutron knows by name besides the usual ones (`protocol` of the API reference, "Create security group rule").
    private static let names: Set<String> = [
        "ah", "dccp", "egp", "esp", "gre", "hopopt", "igmp", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-nonxt",
        "ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "udplite", "vrrp",
    ]

    private static let group = "group:"

    /// Reads a line of a user.
    init(line: String) throws(ProviderError) {
        try self.init(line, protocols: Self.names) { $0.hasPrefix(Self.group) }
        // Of IPv6 Neutron makes the one of the other.
        if proto == "icmp", isAboutIPv6 { proto = "icmpv6" }
    }

    init(_ rule: SecurityGroupPayload.Rule, names: [String: String]) {
        // Neutron has a name of its own for ICMPv6, and knows numbers too.
        let proto = rule.protocol.map { $0 == "ipv6-icmp" || $0 == "58" ? "icmpv6" : $0 } ?? "any"
        let ports: Ports =
            switch rule.first {
            case nil: .any
            case let first? where proto.hasPrefix("icmp") || proto == "1": .message(type: first, code: rule.last)
            case let first?: .range(first...max(first, rule.last ?? first))
            }
        let range = rule.range ?? (rule.family == "IPv6" ? "::/0" : "0.0.0.0/0")
        self.init(
            Direction(rawValue: rule.direction) ?? .ingress, proto, ports,
            rule.group.map { Self.group + (names[$0] ?? $0) } ?? range)
    }

    private var isAboutIPv6: Bool { peer.contains(":") && !peer.hasPrefix(Self.group) }

    /// What `POST /v2.0/security-group-rules` takes. `groups` gives ids by names.
    func json(of group: String, groups: [String: String]) throws(ProviderError) -> JSONValue {
        var rule: JSONValue = [
            "security_group_id": .text(group), "direction": .text(direction.rawValue),
            "ethertype": isAboutIPv6 ? "IPv6" : "IPv4",
        ]
        if proto != "any" { rule["protocol"] = .text(proto) }
        switch ports {
        case .any: break
        case .range(let ports):
            rule["port_range_min"] = .number(ports.lowerBound)
            rule["port_range_max"] = .number(ports.upperBound)
        case .message(let type, let code):
            rule["port_range_min"] = .number(type)
            if let code { rule["port_range_max"] = .number(code) }
        }
        guard peer.hasPrefix(Self.group) else {
            rule["remote_ip_prefix"] = .text(peer)
            return rule
        }
        let name = String(peer.dropFirst(Self.group.count))
        guard let id = groups[name] else {
            throw ProviderError(.invalidValue, "rules: there is no security group \(name)")
        }
        rule["remote_group_id"] = .text(id)
        return rule
    }
}
