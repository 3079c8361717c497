import ProviderAPI
import XMLKit

/// A range that a DHCP server gives addresses from: `FIRST LAST`.
struct DHCPRange: Sendable, Hashable {
    let first: String
    let last: String

    init(_ line: String, in range: AddressRange? = nil) throws(ProviderError) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 2, let first = AddressRange.canonical(words[0]),
            let last = AddressRange.canonical(words[1])
        else { throw ProviderError(.invalidValue, "dhcp_range: '\(line)' is not FIRST LAST, two addresses") }
        if let range, !range.contains(first) || !range.contains(last) {
            throw ProviderError(.invalidValue, "dhcp_range: '\(line)' is not inside \(range.cidr)")
        }
        (self.first, self.last) = (first, last)
    }

    private init(first: String, last: String) {
        (self.first, self.last) = (first, last)
    }

    /// nil for what is no such element.
    init?(_ element: XMLElement) {
        guard let first = element["start"], let last = element["end"] else { return nil }
        self.init(first: first, last: last)
    }

    /// All behind the host's own address; the last IPv4 address is the broadcast's; of an IPv6 range, which is vast, 254
    /// will do.
    static func all(of range: AddressRange, except gateway: String) -> DHCPRange {
        let last = range.isIPv6 && range.prefix < 120 ? range.address(0xff) : range.address(range.isIPv6 ? -1 : -2)
        let isLast = gateway == last
        return DHCPRange(
            first: range.address(gateway == range.address(1) ? 2 : 1),
            last: isLast ? range.address(range.isIPv6 ? -2 : -3) : last)
    }

    var line: String { "\(first) \(last)" }
    var element: XMLElement { XMLElement("range", ["start": first, "end": last]) }
}

/// An address that is kept for one interface: `MAC ADDRESS [NAME]`. In place of the MAC there can be `id:IDENTIFIER` of a
/// DHCPv6 client, or `-` where only the name tells.
struct Reservation: Sendable, Hashable {
    /// How DHCPv6 writes a hardware address as the identity of a client (RFC 8415, DUID-LL of Ethernet).
    private static let linkLayer = "00:03:00:01:"

    let client: String
    let address: String
    let name: String?

    init(_ line: String) throws(ProviderError) {
        let words = line.split(separator: " ").map(String.init)
        guard (2...3).contains(words.count), let address = AddressRange.canonical(words[1]),
            words[0] != "-" || words.count == 3
        else { throw ProviderError(.invalidValue, "reservations: '\(line)' is not MAC ADDRESS [NAME]") }
        guard words[0] == "-" || words[0].hasPrefix("id:") || Self.isMAC(words[0]) else {
            throw ProviderError(.invalidValue, "reservations: '\(words[0])' is no hardware address")
        }
        self.init(client: words[0].lowercased(), address: address, name: words.count == 3 ? words[2] : nil)
    }

    init(client: String, address: String, name: String?) {
        (self.client, self.address, self.name) = (client, address, name)
    }

    /// nil for what is no such element.
    init?(_ element: XMLElement) {
        guard element.name == "host", let address = element["ip"] else { return nil }
        let id = element["id"].map { $0.lowercased() }
        let mac = id.flatMap { $0.hasPrefix(Self.linkLayer) ? String($0.dropFirst(Self.linkLayer.count)) : nil }
        self.init(
            client: element["mac"]?.lowercased() ?? mac ?? id.map { "id:\($0)" } ?? "-", address: address,
            name: element["name"])
    }

    static func isMAC(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 6 && parts.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isHexDigit) }
    }

    var line: String { [client, address, name].compactMap { $0 }.joined(separator: " ") }

    var element: XMLElement {
        var host = XMLElement("host")
        if client.hasPrefix("id:") {
            host["id"] = String(client.dropFirst(3))
        } else if client != "-" {
            if address.contains(":") { host["id"] = Self.linkLayer + client } else { host["mac"] = client }
        }
        host["name"] = name
        host["ip"] = address
        return host
    }
}

/// A kind of port of a network: `NAME [default] [TAG...]`; more than one VLAN tag make it a trunk.
struct PortGroup: Sendable, Hashable {
    let name: String
    let isStandard: Bool
    let tags: [Int]

    /// kcli's list of bare tags: each becomes `vlan-TAG`, beside one without.
    static func parse(_ lines: [String]) throws(ProviderError) -> [PortGroup] {
        let groups = try lines.map { line throws(ProviderError) in try PortGroup(line) }
        let isBare = !lines.isEmpty && lines.allSatisfy { Int($0) != nil }
        let all = isBare ? [PortGroup(name: "default", isStandard: true, tags: [])] + groups : groups
        guard Set(all.map(\.name)).count == all.count, all.filter(\.isStandard).count < 2 else {
            throw ProviderError(.invalidValue, "vlans: each name is there once, and one at most is the default")
        }
        return all
    }

    private init(name: String, isStandard: Bool, tags: [Int]) {
        (self.name, self.isStandard, self.tags) = (name, isStandard, tags)
    }

    private init(_ line: String) throws(ProviderError) {
        var words = line.split(separator: " ").map(String.init)
        guard let first = words.first else { throw ProviderError(.invalidValue, "vlans: a line is empty") }
        if words.count == 1, Int(first) != nil { words = ["vlan-\(first)", first] }
        let isStandard = words.dropFirst().first == "default"
        let tags = words.dropFirst(isStandard ? 2 : 1).map { Int($0) ?? -1 }
        guard tags.allSatisfy({ (0...4095).contains($0) }) else {
            throw ProviderError(.invalidValue, "vlans: '\(line)' is not NAME [default] [TAG...], tags up to 4095")
        }
        self.init(name: words[0], isStandard: isStandard, tags: tags)
    }

    /// nil for what is no such element.
    init?(_ element: XMLElement) {
        guard element.name == "portgroup", let name = element["name"] else { return nil }
        self.init(
            name: name, isStandard: element["default"] == "yes",
            tags: element.all("vlan/tag").compactMap { $0["id"].flatMap { Int($0) } })
    }

    var line: String { ([name] + (isStandard ? ["default"] : []) + tags.map(String.init)).joined(separator: " ") }

    var element: XMLElement {
        var group = XMLElement("portgroup", ["name": name])
        if isStandard { group["default"] = "yes" }
        guard !tags.isEmpty else { return group }
        var vlan = XMLElement("vlan", [:], tags.map { XMLElement("tag", ["id": "\($0)"]) })
        if tags.count > 1 { vlan["trunk"] = "yes" }
        group.append(vlan)
        return group
    }
}
