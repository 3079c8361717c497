import ProviderAPI

/// Records as text: names relative to their zone, values as in a zone file, aliases as `ALIAS TARGET ZONEID`.
enum RecordText {
    /// `www` for `www.example.com.` in `example.com`; `@` for the zone's own.
    static func relative(_ name: String, to zone: String) -> String {
        let name = name.hasSuffix(".") ? String(name.dropLast()) : name
        if name == zone { return "@" }
        return name.hasSuffix("." + zone) ? String(name.dropLast(zone.count + 1)) : name
    }

    /// The other way.
    static func absolute(_ name: String, in zone: String) -> String {
        name == "@" ? zone + "." : "\(name).\(zone)."
    }

    /// An alias as its line.
    static func line(of alias: Route53.Alias) -> String {
        "ALIAS \(alias.name) \(alias.zone)" + (alias.evaluatesHealth ? " health" : "")
    }

    /// A record set as it is sent. Throws `invalidValue`.
    static func recordSet(_ set: DNSZone.RecordSet, named name: String, after old: Route53.RecordSet?)
        throws(ProviderError) -> Route53.RecordSet
    {
        var result = Route53.RecordSet(
            name: name, type: set.type, ttl: set.ttl ?? old?.ttl ?? Zones.standardTTL, values: [], alias: nil,
            hasPolicy: false)
        guard let first = set.values.first else {
            throw ProviderError(.invalidValue, "\(set.name): write one value a line, or remove the file")
        }
        if first.hasPrefix("ALIAS ") {
            guard set.values.count == 1 else {
                throw ProviderError(.invalidValue, "\(set.name): an alias stands alone")
            }
            result.alias = try alias(first)
            result.ttl = nil
            return result
        }
        guard Set(set.values).count == set.values.count else {
            throw ProviderError(.invalidValue, "\(set.name): a value is there twice")
        }
        if set.type == "CNAME", set.values.count > 1 {
            throw ProviderError(.invalidValue, "\(set.name): a CNAME has one value")
        }
        result.values = set.values.map { set.type == "TXT" || set.type == "SPF" ? quoted($0) : $0 }
        return result
    }

    private static func alias(_ line: String) throws(ProviderError) -> Route53.Alias {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3 || (words.count == 4 && words[3] == "health") else {
            throw ProviderError(.invalidValue, "'\(line)' is not ALIAS TARGET ZONEID [health]")
        }
        return Route53.Alias(zone: words[2], name: words[1], evaluatesHealth: words.count == 4)
    }

    /// Text in the quotes that Route 53 wants, in parts of 255 bytes at most. What has quotes already is as it is.
    private static func quoted(_ text: String) -> String {
        guard !text.hasPrefix("\"") else { return text }
        var parts: [String] = [""]
        var length = 0
        for character in text {
            let bytes = String(character).utf8.count
            if length + bytes > 255 {
                parts.append("")
                length = 0
            }
            length += bytes
            parts[parts.count - 1] += character == "\"" || character == "\\" ? "\\\(character)" : String(character)
        }
        return parts.map { "\"\($0)\"" }.joined(separator: " ")
    }

    /// Whether it can be a host's or a domain's name.
    static func isHost(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return name.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D
                            || byte == 0x5F
                    }
            }
    }
}
