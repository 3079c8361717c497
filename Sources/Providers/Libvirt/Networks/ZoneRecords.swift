import ProviderAPI
import XMLKit

/// The records that a network's XML holds, as those of a zone.
enum ZoneRecords {
    static let types = ["A", "AAAA", "SRV", "TXT"]

    static func names(of network: XMLElement) -> ZoneNames { ZoneNames(domain: network.first("domain")?["name"]) }

    static func records(of network: XMLElement) -> [DNSZone.RecordSet] {
        let names = names(of: network)
        var sets: [String: DNSZone.RecordSet] = [:]
        let add = { (name: String, type: String, value: String) in
            var set = sets["\(name) \(type)"] ?? DNSZone.RecordSet(name: name, type: type, values: [])
            if !set.values.contains(value) { set.values.append(value) }
            sets["\(name) \(type)"] = set
        }
        for host in network.all("dns/host") {
            guard let address = host["ip"] else { continue }
            for name in host.all("hostname") { add(names.relative(host: name.text), type(of: address), address) }
        }
        for text in network.all("dns/txt") {
            guard let name = text["name"] else { continue }
            add(names.relative(full: name), "TXT", text["value"] ?? "")
        }
        for service in network.all("dns/srv") {
            guard let name = Service.name(of: service, names) else { continue }
            add(name, "SRV", Service(service).line)
        }
        return sets.values.sorted { ($0.name, $0.type) < ($1.name, $1.type) }
    }

    private static func type(of address: String) -> String { address.contains(":") ? "AAAA" : "A" }

    /// Makes the values of one name and type the given ones; none removes them.
    static func set(_ values: [String], of name: String, type: String, in network: inout XMLElement)
        throws(ProviderError)
    {
        let names = names(of: network)
        switch type {
        case "A", "AAAA": try set(addresses: values, of: name, type, names, in: &network)
        case "TXT": try set(texts: values, of: name, names, in: &network)
        case "SRV": try set(services: values, of: name, names, in: &network)
        default:
            throw ProviderError(.unsupported, "libvirt keeps records of type \(types.joined(separator: ", ")) only")
        }
        network.removeAll { $0.name == "dns" && $0.attributes.isEmpty && $0.elements.isEmpty }
    }

    private static func set(
        addresses: [String], of name: String, _ type: String, _ names: ZoneNames, in network: inout XMLElement
    ) throws(ProviderError) {
        let hosts = try names.hosts(name)
        var left: [String] = []
        for address in addresses {
            guard let canonical = AddressRange.canonical(address), self.type(of: canonical) == type else {
                throw ProviderError(.invalidValue, "'\(address)' is no address for a record of type \(type)")
            }
            if !left.contains(canonical) { left.append(canonical) }
        }
        network.update("dns") { dns in
            for index in dns.children.indices {
                guard case .element(var host) = dns.children[index], host.name == "host", let address = host["ip"],
                    self.type(of: address) == type
                else { continue }
                let isWanted = left.contains(AddressRange.canonical(address) ?? address)
                left.removeAll { $0 == AddressRange.canonical(address) ?? address }
                let isThere = host.all("hostname").contains { names.relative(host: $0.text) == name }
                if isWanted, !isThere { for one in hosts { host.append(XMLElement("hostname", text: one)) } }
                if !isWanted { host.removeAll { $0.name == "hostname" && names.relative(host: $0.text) == name } }
                dns.children[index] = .element(host)
            }
            dns.removeAll { $0.name == "host" && $0.first("hostname") == nil }
            for address in left {
                let element = XMLElement("host", ["ip": address], hosts.map { XMLElement("hostname", text: $0) })
                dns.append(element)
            }
        }
    }

    private static func set(texts: [String], of name: String, _ names: ZoneNames, in network: inout XMLElement)
        throws(ProviderError)
    {
        guard texts.count < 2 else {
            throw ProviderError(.unsupported, "\(name): libvirt keeps one TXT record a name")
        }
        let full = try names.full(name)
        network.update("dns") { dns in
            let isKept = dns.all("txt").contains { $0["name"] == full && $0["value"] == texts.first }
            guard !isKept else { return }
            dns.removeAll { $0.name == "txt" && $0["name"].map(names.relative(full:)) == name }
            for text in texts { dns.append(XMLElement("txt", ["name": full, "value": text])) }
        }
    }

    private static func set(services: [String], of name: String, _ names: ZoneNames, in network: inout XMLElement)
        throws(ProviderError)
    {
        var wanted: [Service] = []
        for line in services { wanted.append(try Service(line)) }
        let place = try Service.place(name, names)
        network.update("dns") { dns in
            let old = dns.all("srv").filter { Service.name(of: $0, names) == name }
            dns.removeAll { $0.name == "srv" && Service.name(of: $0, names) == name }
            for service in wanted {
                let kept = old.first { Service($0).line == service.line }
                dns.append(kept ?? service.element(at: place))
            }
        }
    }
}

/// A record of type SRV: `PRIORITY WEIGHT PORT TARGET`, under the name `_SERVICE._PROTOCOL`.
struct Service: Sendable, Hashable {
    private let priority: Int
    private let weight: Int
    private let port: Int
    private let target: String

    /// Where it is, as libvirt's attributes say it.
    struct Place {
        var service: String
        var `protocol`: String
        var domain: String?
    }

    init(_ line: String) throws(ProviderError) {
        let words = line.split(separator: " ").map(String.init)
        let numbers = words.prefix(3).compactMap { UInt16($0) }.map(Int.init)
        guard words.count == 4, numbers.count == 3 else {
            throw ProviderError(.invalidValue, "'\(line)' is not PRIORITY WEIGHT PORT TARGET")
        }
        (priority, weight, port) = (numbers[0], numbers[1], numbers[2])
        target = words[3].count > 1 && words[3].hasSuffix(".") ? String(words[3].dropLast()) : words[3]
    }

    /// What libvirt leaves out is 0.
    init(_ element: XMLElement) {
        let number = { (name: String) in element[name].flatMap { Int($0) } ?? 0 }
        (priority, weight, port) = (number("priority"), number("weight"), number("port"))
        target = element["target"] ?? "."
    }

    var line: String { "\(priority) \(weight) \(port) \(target)" }

    func element(at place: Place) -> XMLElement {
        var element = XMLElement("srv", ["service": place.service, "protocol": place.protocol])
        element["domain"] = place.domain
        element["target"] = target
        // libvirt takes no zeros: they are what it stands for without.
        for (name, number) in [("port", port), ("priority", priority), ("weight", weight)] where number > 0 {
            element[name] = "\(number)"
        }
        return element
    }

    /// nil where it has no service or protocol.
    static func name(of element: XMLElement, _ names: ZoneNames) -> String? {
        guard let service = element["service"], let proto = element["protocol"] else { return nil }
        let label = "_\(bare(service))._\(bare(proto))"
        guard let domain = element["domain"], domain != names.domain else { return label }
        return "\(label).\(names.relative(full: domain))"
    }

    static func place(_ name: String, _ names: ZoneNames) throws(ProviderError) -> Place {
        let labels = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard labels.count >= 2, labels[0].hasPrefix("_"), labels[1].hasPrefix("_") else {
            throw ProviderError(.invalidValue, "\(name): a record of type SRV is under _SERVICE._PROTOCOL")
        }
        let domain = labels.count == 3 ? try names.full(labels[2]) : names.domain
        return Place(service: bare(labels[0]), protocol: bare(labels[1]), domain: domain)
    }

    private static func bare(_ label: String) -> String { label.hasPrefix("_") ? String(label.dropFirst()) : label }
}
