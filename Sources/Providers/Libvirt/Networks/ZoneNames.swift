import ProviderAPI

/// How names of a zone and names as a network's XML has them become each other.
///
/// A name is relative to the zone, `@` is the zone itself and, as in a zone file, a last dot marks one that is not below
/// it. A network without a domain has a zone of its own name, in which every name is as it is.
struct ZoneNames: Sendable, Hashable {
    /// The network's domain.
    let domain: String?

    /// A host's name; one without a dot is in the domain, since libvirt's server expands it.
    func relative(host: String) -> String {
        host.contains(".") ? relative(full: host) : host
    }

    /// A name that nobody expands.
    func relative(full name: String) -> String {
        guard let domain else { return name }
        if name == domain { return "@" }
        return name.hasSuffix(".\(domain)") ? String(name.dropLast(domain.utf8.count + 1)) : "\(name)."
    }

    func full(_ name: String) throws(ProviderError) -> String {
        try Self.check(name)
        guard let domain else {
            guard name != "@" else {
                throw ProviderError(.unsupported, "the network has no domain: there is no name for it")
            }
            return name
        }
        if name == "@" { return domain }
        return name.hasSuffix(".") ? String(name.dropLast()) : "\(name).\(domain)"
    }

    /// What a host of that name is called: in full first, which is the answer to questions for its address.
    func hosts(_ name: String) throws(ProviderError) -> [String] {
        let full = try full(name)
        return domain == nil || name.contains(".") || name == "@" ? [full] : [full, name]
    }

    private static func check(_ name: String) throws(ProviderError) {
        guard !name.contains("*") else {
            throw ProviderError(.unsupported, "\(name): libvirt keeps no wildcard names")
        }
        let isOdd = name.isEmpty || name.utf8.count > 253 || name.hasPrefix(".") || name.contains("..")
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || byte >= 0x80
                || byte == 0x2d || byte == 0x2e || byte == 0x5f
        }
        guard name == "@" || (!isOdd && isPlain) else {
            throw ProviderError(.invalidValue, "'\(name)' is no name of a host: use letters, digits, - and .")
        }
    }
}
