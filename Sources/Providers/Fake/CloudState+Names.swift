import ProviderAPI

extension CloudState {
    /// Rules as they are kept: parsed, written one way, sorted, each once.
    static func rules(_ lines: [String]) throws(ProviderError) -> [String] {
        var rules: Set<String> = []
        for line in lines where !line.isEmpty { rules.insert(try rule(line)) }
        return rules.sorted()
    }

    /// One rule: `ingress|egress PROTOCOL PORTS CIDR`.
    private static func rule(_ line: String) throws(ProviderError) -> String {
        let words = line.split(separator: " ").map { $0.lowercased() }
        guard words.count == 4, ["ingress", "egress"].contains(words[0]) else {
            throw ProviderError(.invalidValue, "rules: '\(line)' is not ingress|egress PROTOCOL PORTS CIDR")
        }
        guard ["tcp", "udp", "icmp", "any"].contains(words[1]) else {
            throw ProviderError(.invalidValue, "rules: '\(words[1])' in '\(line)' is none of tcp, udp, icmp, any")
        }
        let hasPorts = words[1] == "tcp" || words[1] == "udp"
        guard words[2] == "any" || (hasPorts && isPorts(words[2])) else {
            throw ProviderError(
                .invalidValue, "rules: '\(words[2])' in '\(line)' is no port, no range of ports, not any")
        }
        guard AddressRange.isCIDR(words[3]) else {
            throw ProviderError(.invalidValue, "rules: '\(words[3])' in '\(line)' is no range such as 10.0.0.0/8")
        }
        return words.joined(separator: " ")
    }

    private static func isPorts(_ text: String) -> Bool {
        let ports = text.split(separator: "-", omittingEmptySubsequences: false).map { digits($0) }
        guard (1...2).contains(ports.count), let first = ports[0], (1...65535).contains(first) else { return false }
        guard ports.count == 2 else { return true }
        guard let last = ports[1] else { return false }
        return (first...65535).contains(last)
    }

    private static func digits(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    mutating func createGroup(_ specification: Specification) throws(ProviderError) -> SecurityGroup.ID {
        try specification.require(only: Set(StandardParameters.securityGroup.map(\.name)))
        try Self.checkNew(specification.name, on: groups)
        let network = try specification.text("network").map { (name) throws(ProviderError) in
            try Self.named(name, on: networks).facts.name
        }
        let group = SecurityGroup(
            id: SecurityGroup.ID("sg-" + random.hex(11)), name: specification.name,
            description: specification.text("description"), network: network,
            rules: try Self.rules(specification.texts("rules")))
        groups.insert(Plain(facts: group))
        emit(group.id, "created")
        return group.id
    }

    mutating func deleteGroup(_ id: SecurityGroup.ID) throws(ProviderError) {
        let group = try groups.get(id).facts
        if let user = machines.all.first(where: { $0.groups.contains(group.name) }) {
            throw ProviderError(.busy, "the security group \(group.name) is in use by \(user.facts.name)")
        }
        groups.remove(id)
        emit(id, "deleted")
    }

    mutating func change(_ change: SecurityGroup.Change, of id: SecurityGroup.ID) throws(ProviderError) {
        switch change {
        case .rules(let lines):
            let rules = try Self.rules(lines)
            try groups.update(id) { $0.facts.rules = rules }
        case .description(let text):
            try groups.update(id) { $0.facts.description = text.isEmpty ? nil : text }
        }
        emit(id, "changed")
    }

    mutating func createZone(_ specification: Specification) throws(ProviderError) -> DNSZone.ID {
        try specification.require(only: [])
        try Self.checkNew(specification.name, on: zones)
        guard Records.isHost(specification.name), specification.name.contains(".") else {
            throw ProviderError(.invalidValue, "\(specification.name) is no domain name such as example.com")
        }
        let zone = DNSZone(
            id: DNSZone.ID("zone-" + random.hex(8)), name: specification.name,
            records: [.init(name: "@", type: "NS", ttl: 86400, values: ["ns1.fake.example."])])
        zones.insert(Plain(facts: zone))
        emit(zone.id, "created")
        return zone.id
    }

    mutating func deleteZone(_ id: DNSZone.ID) throws(ProviderError) {
        let zone = try zones.get(id).facts
        guard zone.records.allSatisfy({ $0.name == "@" && $0.type == "NS" }) else {
            throw ProviderError(.notEmpty, "the zone \(zone.name) has records: remove them first")
        }
        zones.remove(id)
        emit(id, "deleted")
    }

    mutating func change(_ change: DNSZone.Change, of id: DNSZone.ID) throws(ProviderError) {
        let zone = try zones.get(id).facts
        let records = try Records.apply(change, to: zone)
        guard records != zone.records else { return }
        try zones.update(id) { $0.facts.records = records }
        emit(id, "changed")
    }
}
