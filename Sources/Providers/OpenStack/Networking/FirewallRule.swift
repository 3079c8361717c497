import ProviderAPI

/// A rule of a security group as a line: `ingress|egress PROTOCOL PORTS CIDR`, or `group:NAME` for the range.
struct FirewallRule: Hashable {
    var direction: String
    /// `tcp`, `udp`, `icmp`, ..., or `any`.
    var `protocol`: String
    /// `22`, `8000-9000`, or `any`; of ICMP the type, or `TYPE-CODE`.
    var ports: String
    /// A range, or the group whose machines it is about.
    var remote: String

    /// A line, checked; addresses and groups are left to the service.
    init(line: String) throws(ProviderError) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 4, ["ingress", "egress"].contains(words[0]) else {
            throw ProviderError(.invalidValue, "rules: '\(line)' is not ingress|egress PROTOCOL PORTS CIDR")
        }
        (direction, `protocol`, ports, remote) = (words[0], words[1].lowercased(), words[2].lowercased(), words[3])
        guard ports == "any" || Self.bounds(ports) != nil else {
            throw ProviderError(
                .invalidValue, "rules: '\(ports)' in '\(line)' is no port, no range of ports, not any")
        }
        guard ports == "any" || `protocol` != "any" else {
            throw ProviderError(.invalidValue, "rules: '\(line)' has ports of no protocol")
        }
        guard remote.hasPrefix("group:") || remote.contains("/") else {
            throw ProviderError(
                .invalidValue, "rules: '\(remote)' in '\(line)' is no range such as 10.0.0.0/8, and no group:NAME")
        }
    }

    init(_ rule: SecurityGroupPayload.Rule, names: [String: String]) {
        direction = rule.direction
        // Neutron has a name of its own for ICMPv6, and knows numbers too.
        `protocol` = rule.protocol ?? "any"
        switch (rule.first, rule.last) {
        case (nil, _): ports = "any"
        case (let first?, let last?) where last != first: ports = "\(first)-\(last)"
        case (let first?, _): ports = "\(first)"
        }
        if let group = rule.group {
            remote = "group:" + (names[group] ?? group)
        } else {
            remote = rule.range ?? (rule.family == "IPv6" ? "::/0" : "0.0.0.0/0")
        }
    }

    var line: String { "\(direction) \(`protocol`) \(ports) \(remote)" }

    private static func bounds(_ text: String) -> (Int, Int)? {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = numbers.first ?? nil, (0...65535).contains(first) else { return nil }
        guard numbers.count == 2 else { return numbers.count == 1 ? (first, first) : nil }
        guard let last = numbers[1], (first...65535).contains(last) else { return nil }
        return (first, last)
    }

    /// What `POST /v2.0/security-group-rules` takes. `groups` gives ids by names.
    func json(of group: String, groups: [String: String]) throws(ProviderError) -> JSONValue {
        var rule: JSONValue = [
            "security_group_id": .text(group), "direction": .text(direction),
            "ethertype": remote.contains(":") && !remote.hasPrefix("group:") ? "IPv6" : "IPv4",
        ]
        if `protocol` != "any" { rule["protocol"] = .text(`protocol`) }
        if let (first, last) = Self.bounds(ports) {
            rule["port_range_min"] = .number(first)
            // Of ICMP the second number is the code, which may be any.
            if !`protocol`.hasPrefix("icmp") || ports.contains("-") { rule["port_range_max"] = .number(last) }
        }
        guard remote.hasPrefix("group:") else {
            rule["remote_ip_prefix"] = .text(remote)
            return rule
        }
        let name = String(remote.dropFirst("group:".count))
        guard let id = groups[name] else {
            throw ProviderError(.invalidValue, "rules: there is no security group \(name)")
        }
        rule["remote_group_id"] = .text(id)
        return rule
    }
}
