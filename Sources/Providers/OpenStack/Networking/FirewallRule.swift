import FoundationEssentials
import ProviderAPI
import ProviderKit

/// What Neutron has in place of ranges, by names and ids.
struct RulePeers: Sendable {
    /// Names of security groups and of address groups, by ids. A name that is not one group's alone, or no word, is none: the
    /// id stands for it.
    private let names: [String: String]
    private let ids: [FirewallRule.PeerKind: [String: String]]

    init(groups: [(id: String, name: String)], addresses: [(id: String, name: String)]) {
        var names: [String: String] = [:]
        var ids: [FirewallRule.PeerKind: [String: String]] = [:]
        for (kind, all) in [(FirewallRule.PeerKind.group, groups), (.addresses, addresses)] {
            let counts = Dictionary(all.map { ($0.name, 1) }, uniquingKeysWith: +)
            for one in all {
                ids[kind, default: [:]][one.id] = one.id
                guard counts[one.name] == 1, !one.name.isEmpty, !one.name.contains(where: \.isWhitespace) else {
                    continue
                }
                names[one.id] = one.name
                ids[kind, default: [:]][one.name] = one.id
            }
        }
        self.names = names
        self.ids = ids
    }

    func word(of id: String) -> String { names[id] ?? id }

    /// The id of a word; nil where there is none. One that looks like an id may be that of another project's.
    func id(of word: String, _ kind: FirewallRule.PeerKind) -> String? {
        ids[kind]?[word] ?? (UUID(uuidString: word) == nil ? nil : word)
    }
}

/// Rules as Neutron has them. A group whose machines a rule is about is `group:NAME` in place of the range, a group of
/// addresses `addresses:NAME`; of IPv6, `group6:NAME` and `addresses6:NAME`.
extension FirewallRule {
    /// What Neutron knows by name besides the usual ones (`protocol` of the API reference, "Create security group rule").
    private static let protocols: Set<String> = [
        "ah", "dccp", "egp", "esp", "gre", "hopopt", "igmp", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-nonxt",
        "ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "udplite", "vrrp",
    ]

    /// What a rule can be about besides a range.
    enum PeerKind: String, CaseIterable, Sendable {
        case group, addresses
    }

    /// The parts of a peer that is no range.
    private static func parts(_ peer: String) -> (kind: PeerKind, isIPv6: Bool, word: String)? {
        for kind in PeerKind.allCases {
            for (prefix, isIPv6) in [("\(kind.rawValue):", false), ("\(kind.rawValue)6:", true)]
            where peer.hasPrefix(prefix) && peer.count > prefix.count {
                return (kind, isIPv6, String(peer.dropFirst(prefix.count)))
            }
        }
        return nil
    }

    /// Reads a line of a user.
    init(line: String) throws(ProviderError) {
        try self.init(line, protocols: Self.protocols) { Self.parts($0) != nil }
        // Of IPv6 Neutron makes the one of the other.
        if proto == "icmp", isAboutIPv6 { proto = "icmpv6" }
    }

    init(_ rule: SecurityGroupPayload.Rule, peers: RulePeers) {
        // Neutron has a name of its own for ICMPv6, and knows numbers too.
        let proto = rule.protocol.map { $0 == "ipv6-icmp" || $0 == "58" ? "icmpv6" : $0 } ?? "any"
        let ports: Ports =
            switch rule.first {
            case nil: .any
            case let first? where proto.hasPrefix("icmp") || proto == "1": .message(type: first, code: rule.last)
            case let first?: .range(first...max(first, rule.last ?? first))
            }
        self.init(Direction(rawValue: rule.direction) ?? .ingress, proto, ports, Self.peer(rule, peers))
    }

    /// Everybody only where Neutron names nobody.
    private static func peer(_ rule: SecurityGroupPayload.Rule, _ peers: RulePeers) -> String {
        let isIPv6 = rule.family == "IPv6"
        for (kind, id) in [(PeerKind.group, rule.group), (.addresses, rule.addresses)] {
            if let id { return "\(kind.rawValue)\(isIPv6 ? "6" : ""):\(peers.word(of: id))" }
        }
        return rule.range ?? (isIPv6 ? "::/0" : "0.0.0.0/0")
    }

    private var isAboutIPv6: Bool { Self.parts(peer)?.isIPv6 ?? peer.contains(":") }

    /// What `POST /v2.0/security-group-rules` takes.
    func json(of group: String, peers: RulePeers) throws(ProviderError) -> JSONValue {
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
        guard let (kind, _, word) = Self.parts(peer) else {
            rule["remote_ip_prefix"] = .text(peer)
            return rule
        }
        guard let id = peers.id(of: word, kind) else {
            throw ProviderError(
                .invalidValue, "rules: there is no \(kind == .group ? "security" : "address") group \(word)")
        }
        rule[kind == .group ? "remote_group_id" : "remote_address_group_id"] = .text(id)
        return rule
    }
}
