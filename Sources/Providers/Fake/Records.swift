import ProviderAPI

/// What a DNS zone takes.
enum Records {
    static let types = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"]

    /// The records of a zone after a change.
    static func apply(_ change: DNSZone.Change, to zone: DNSZone) throws(ProviderError) -> [DNSZone.RecordSet] {
        var records = zone.records
        switch change {
        case .set(let set):
            let set = try check(set, in: zone)
            records.removeAll { $0.name == set.name && $0.type == set.type }
            records.append(set)
        case .remove(let name, let type):
            guard let place = records.firstIndex(where: { $0.name == name && $0.type == type }) else {
                throw ProviderError(.notFound, "the zone \(zone.name) has no \(type) record named \(name)")
            }
            guard !(name == "@" && type == "NS") else {
                throw ProviderError(.protected, "the zone \(zone.name) needs its own NS record: change it instead")
            }
            records.remove(at: place)
        case .ttl(let name, let seconds):
            try check(ttl: seconds)
            guard records.contains(where: { $0.name == name }) else {
                throw ProviderError(.notFound, "the zone \(zone.name) has no record named \(name)")
            }
            for place in records.indices where records[place].name == name { records[place].ttl = seconds }
        }
        return records.sorted { ($0.name, $0.type) < ($1.name, $1.type) }
    }

    private static func check(_ set: DNSZone.RecordSet, in zone: DNSZone) throws(ProviderError) -> DNSZone.RecordSet {
        var set = set
        set.name = set.name.lowercased()
        set.type = set.type.uppercased()
        guard types.contains(set.type) else {
            throw ProviderError(.invalidValue, "\(set.type) is none of \(types.joined(separator: ", "))")
        }
        let relative = set.name.hasPrefix("*.") ? String(set.name.dropFirst(2)) : set.name
        guard ["@", "*"].contains(set.name) || isHost(relative) else {
            throw ProviderError(.invalidValue, "\(set.name) is no name of a record: use letters, digits, - and .")
        }
        set.ttl = set.ttl ?? 300
        try check(ttl: set.ttl ?? 300)
        guard !set.values.isEmpty else {
            throw ProviderError(.invalidValue, "\(set.name) \(set.type): no value is given")
        }
        for value in set.values where !isValue(value, of: set.type) {
            throw ProviderError(.invalidValue, "\(set.name) \(set.type): '\(value)' is no value of such a record")
        }
        guard Set(set.values).count == set.values.count else {
            throw ProviderError(.invalidValue, "\(set.name) \(set.type): a value is given twice")
        }
        try checkAlias(set, in: zone)
        return set
    }

    /// A CNAME is alone at its name (RFC 1034, section 3.6.2).
    private static func checkAlias(_ set: DNSZone.RecordSet, in zone: DNSZone) throws(ProviderError) {
        let others = zone.records.filter { $0.name == set.name && $0.type != set.type }
        if set.type == "CNAME" {
            guard set.values.count == 1, others.isEmpty, set.name != "@" else {
                throw ProviderError(.invalidValue, "\(set.name) CNAME: one value, and nothing else at that name")
            }
        } else if others.contains(where: { $0.type == "CNAME" }) {
            throw ProviderError(
                .invalidValue, "\(set.name) \(set.type): there is a CNAME at that name, remove it first")
        }
    }

    private static func check(ttl: Int) throws(ProviderError) {
        guard (1...2_147_483_647).contains(ttl) else {
            throw ProviderError(.outOfRange, "ttl: \(ttl) is not between 1 and 2147483647 seconds")
        }
    }

    private static func isValue(_ value: String, of type: String) -> Bool {
        let words = value.split(separator: " ").map(String.init)
        func number(_ place: Int) -> Bool { UInt16(words[place]) != nil }
        switch type {
        case "A": return AddressRange.isIPv4(value)
        case "AAAA": return AddressRange.isIPv6(value)
        case "CNAME", "NS", "PTR": return words.count == 1 && isHost(value)
        case "MX": return words.count == 2 && number(0) && isHost(words[1])
        case "SRV": return words.count == 4 && number(0) && number(1) && number(2) && isHost(words[3])
        case "CAA":
            return words.count >= 3 && UInt8(words[0]) != nil && ["issue", "issuewild", "iodef"].contains(words[1])
        default: return !value.isEmpty && value.utf8.count <= 4096
        }
    }

    /// Whether a text is a host name: labels of letters, digits, `-` and `_`, with or without the last dot.
    static func isHost(_ text: String) -> Bool {
        let trimmed = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard !trimmed.isEmpty, trimmed.utf8.count <= 253 else { return false }
        return trimmed.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }
}
