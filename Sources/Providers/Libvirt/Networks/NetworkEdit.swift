import ProviderAPI
import XMLKit

/// Changes of a network's XML. What a change does not name stays as it is, whatever it is.
enum NetworkEdit {
    static func apply(_ change: Network.Change, to network: inout XMLElement) throws(ProviderError) {
        switch change {
        case .dhcp(let flag): try set(dhcp: flag, of: &network)
        case .domain(let domain): set(domain: domain, of: &network)
        case .plan(let plan): NetworkDefinition.set(plan: plan, of: &network)
        case .service(.dhcpRange(let lines)): try set(ranges: lines, of: &network)
        case .service(.reservations(let lines)): try set(reservations: lines, of: &network)
        case .service(.dns(let flag)): try set(dns: flag, of: &network)
        case .service(.forwarders(let lines)): try set(forwarders: lines, of: &network)
        case .link(.nat(let flag)): set(nat: flag, of: &network)
        case .link(.mtu(let mtu)): try set(mtu: mtu, of: &network)
        case .link(.vlans(let lines)): try set(vlans: lines, of: &network)
        case .link(.autostart), .active: break
        case .rename, .description, .portSecurity, .shared: throw .unsupported(change.operation)
        }
    }

    // MARK: Addresses

    static func set(dhcp flag: Bool, of network: inout XMLElement) throws(ProviderError) {
        if !flag, let host = network.first("ip/dhcp/host") {
            let line = Reservation(host)?.line ?? host["name"] ?? ""
            throw ProviderError(.notEmpty, "an address is reserved (\(line)): remove the reservations first")
        }
        guard flag else { return forEachIP(of: &network) { ip, _ in ip.removeAll { $0.name == "dhcp" } } }
        guard network.first("ip/dhcp/range") == nil else { return }
        guard network.first("ip") != nil else {
            throw ProviderError(.invalidValue, "it has no range of addresses to give out")
        }
        forEachIP(of: &network) { ip, range in
            let gateway = ip["address"] ?? ""
            ip.update("dhcp") { $0.append(DHCPRange.all(of: range, except: gateway).element) }
        }
    }

    static func set(ranges lines: [String], of network: inout XMLElement) throws(ProviderError) {
        let wanted = try lines.map { line throws(ProviderError) in try DHCPRange(line) }
        var left = Set(wanted)
        forEachIP(of: &network) { ip, range in
            let mine = wanted.filter { range.contains($0.first) && range.contains($0.last) }
            left.subtract(mine)
            replace("range", in: &ip, by: mine.map { ($0.line, $0.element) }) { DHCPRange($0)?.line }
        }
        if let stray = left.first {
            throw ProviderError(.invalidValue, "dhcp_range: '\(stray.line)' is in none of the network's ranges")
        }
    }

    static func set(reservations lines: [String], of network: inout XMLElement) throws(ProviderError) {
        let wanted = try lines.map { line throws(ProviderError) in try Reservation(line) }
        for (index, one) in wanted.enumerated() {
            let others = wanted[..<index]
            if others.contains(where: { $0.address == one.address }) {
                throw ProviderError(.invalidValue, "reservations: \(one.address) is there twice")
            }
        }
        var left = Set(wanted)
        forEachIP(of: &network) { ip, range in
            let mine = wanted.filter { range.contains($0.address) }
            left.subtract(mine)
            replace("host", in: &ip, by: mine.map { ($0.line, $0.element) }) { Reservation($0)?.line }
        }
        if let stray = left.first {
            throw ProviderError(.invalidValue, "reservations: '\(stray.line)' is in none of the network's ranges")
        }
    }

    /// Makes those elements of `dhcp` the wanted ones: one that is there already stays as it is, with all it holds.
    private static func replace(
        _ name: String, in ip: inout XMLElement, by wanted: [(line: String, element: XMLElement)],
        _ line: (XMLElement) -> String?
    ) {
        let old = ip.all("dhcp/\(name)")
        guard old.compactMap(line) != wanted.map(\.line) || old.compactMap(line).count != old.count else { return }
        ip.update("dhcp") { dhcp in
            dhcp.removeAll { $0.name == name }
            for one in wanted { dhcp.append(old.first { line($0) == one.line } ?? one.element) }
        }
        ip.removeAll { $0.name == "dhcp" && $0.elements.isEmpty }
    }

    private static func forEachIP(of network: inout XMLElement, _ change: (inout XMLElement, AddressRange) -> Void) {
        for child in network.children.indices {
            guard case .element(var ip) = network.children[child], ip.name == "ip",
                let range = NetworkDefinition.range(of: ip)
            else { continue }
            change(&ip, range)
            network.children[child] = .element(ip)
        }
    }

    // MARK: Names

    static func set(domain: String, of network: inout XMLElement) {
        guard !domain.isEmpty else { return network.removeAll { $0.name == "domain" } }
        network.update("domain") { $0["name"] = domain }
    }

    static func set(dns flag: Bool, of network: inout XMLElement) throws(ProviderError) {
        guard flag != (network.first("dns")?["enable"] != "no") else { return }
        // libvirt keeps nothing in a network that answers no questions.
        if !flag, let kept = network.first("dns")?.elements.first {
            let what = kept.name == "forwarder" ? "forwarders" : "records"
            throw ProviderError(.notEmpty, "it has \(what): remove them first")
        }
        network.update("dns") { $0["enable"] = flag ? nil : "no" }
        network.removeAll { $0.name == "dns" && $0.attributes.isEmpty && $0.elements.isEmpty }
    }

    static func set(forwarders lines: [String], of network: inout XMLElement) throws(ProviderError) {
        var wanted: [(line: String, element: XMLElement)] = []
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            var forwarder = XMLElement("forwarder")
            if words.count == 2 { forwarder["domain"] = words[0] }
            guard let last = words.last, words.count < 3, let address = AddressRange.canonical(last) else {
                throw ProviderError(.invalidValue, "forwarders: '\(line)' is not [DOMAIN] ADDRESS")
            }
            forwarder["addr"] = address
            wanted.append((line, forwarder))
        }
        let old = network.all("dns/forwarder")
        guard old.map(forwarderLine) != wanted.map(\.line) else { return }
        network.update("dns") { dns in
            dns.removeAll { $0.name == "forwarder" }
            let kept = dns.children
            dns.children = wanted.map { one in .element(old.first { forwarderLine($0) == one.line } ?? one.element) }
            dns.children += kept
        }
        network.removeAll { $0.name == "dns" && $0.attributes.isEmpty && $0.elements.isEmpty }
    }

    static func forwarderLine(_ forwarder: XMLElement) -> String {
        [forwarder["domain"], forwarder["addr"]].compactMap { $0 }.joined(separator: " ")
    }

    // MARK: Links

    static func set(nat flag: Bool, of network: inout XMLElement) {
        guard flag else { return network.removeAll { $0.name == "forward" } }
        network.update("forward") { $0["mode"] = "nat" }
    }

    static func set(mtu: Int?, of network: inout XMLElement) throws(ProviderError) {
        guard let mtu else { return network.removeAll { $0.name == "mtu" } }
        guard (68...65535).contains(mtu) else {
            throw ProviderError(.outOfRange, "mtu \(mtu) is not between 68 and 65535")
        }
        network.set(XMLElement("mtu", ["size": "\(mtu)"]))
    }

    static func set(vlans lines: [String], of network: inout XMLElement) throws(ProviderError) {
        let wanted = try PortGroup.parse(lines)
        let old = network.all("portgroup")
        guard old.compactMap({ PortGroup($0)?.line }) != wanted.map(\.line) else { return }
        network.removeAll { $0.name == "portgroup" }
        for group in wanted {
            network.append(old.first { PortGroup($0)?.line == group.line } ?? group.element)
        }
    }
}
