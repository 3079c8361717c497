import Glibc
import ProviderAPI
import XMLKit

/// A range of addresses, IPv4 or IPv6, as the bytes of its base and the length of its prefix.
struct AddressRange: Sendable, Hashable {
    let base: [UInt8]
    let prefix: Int

    var isIPv6: Bool { base.count == 16 }

    /// `192.168.122.0/24`, `fd00::/64`. Bits behind the prefix are cleared.
    init?(cidr: String) {
        let parts = cidr.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let prefix = Int(parts[1]) else { return nil }
        self.init(address: String(parts[0]), prefix: prefix)
    }

    init?(address: String, prefix: Int) {
        guard let bytes = Self.bytes(of: address), (0...bytes.count * 8).contains(prefix) else { return nil }
        self.prefix = prefix
        base = bytes.enumerated().map { index, byte in
            let kept = min(max(prefix - index * 8, 0), 8)
            return kept == 0 ? 0 : byte & (0xff << (8 - kept))
        }
    }

    /// With a netmask as libvirt writes it for IPv4.
    init?(address: String, netmask: String) {
        guard let mask = Self.bytes(of: netmask), mask.count == 4 else { return nil }
        self.init(address: address, prefix: mask.map(\.nonzeroBitCount).reduce(0, +))
    }

    /// inet_pton(3)
    private static func bytes(of address: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, address, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }

    /// inet_ntop(3)
    private static func text(of bytes: [UInt8]) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard let start = buffer.baseAddress,
                inet_ntop(family, bytes, start, socklen_t(buffer.count)) != nil
            else { return "" }
            return String(cString: start)
        }
    }

    /// `192.168.122.0/24`
    var cidr: String { "\(Self.text(of: base))/\(prefix)" }

    /// The address `number` behind the base; negative ones count from the end.
    func address(_ number: Int) -> String {
        var bytes = base
        if number < 0 {
            for index in bytes.indices {
                let kept = min(max(prefix - index * 8, 0), 8)
                bytes[index] |= kept == 8 ? 0 : 0xff >> kept
            }
        }
        var carry = number < 0 ? number + 1 : number
        for index in bytes.indices.reversed() where carry != 0 {
            let sum = Int(bytes[index]) + carry
            bytes[index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
        return Self.text(of: bytes)
    }
}

/// The XML of networks (formatnetwork).
enum NetworkDefinition {
    static let modes = ["nat", "isolated", "route", "open", "bridge"]

    static func network(_ specification: Specification) throws(ProviderError) -> XMLElement {
        let name = specification.name
        let mode = specification.text("mode") ?? (specification.flag("nat") == false ? "isolated" : "nat")
        guard modes.contains(mode) else {
            throw ProviderError(
                .invalidValue, "network \(name): mode \(mode) is not one of \(modes.joined(separator: ", "))")
        }
        var network = XMLElement("network", [:], [XMLElement("name", text: name)])
        if let plan = specification.text("plan") { set(plan: plan, of: &network) }
        if mode == "bridge" {
            guard let bridge = specification.text("bridge") else {
                throw ProviderError(.invalidValue, "network \(name): mode bridge needs bridge, a bridge of the host")
            }
            network.append(XMLElement("forward", ["mode": "bridge"]))
            network.append(XMLElement("bridge", ["name": bridge]))
            return network
        }
        if mode != "isolated" { network.append(XMLElement("forward", ["mode": mode])) }
        network.append(XMLElement("bridge", ["stp": "on", "delay": "0"]))
        if let domain = specification.text("domain") {
            network.append(XMLElement("domain", ["name": domain, "localOnly": "yes"]))
        }
        guard let cidr = specification.text("cidr") else {
            throw ProviderError(.invalidValue, "network \(name): cidr is missing, as 192.168.50.0/24")
        }
        let hasDHCP = specification.flag("dhcp") ?? true
        network.append(try ip(cidr, hasDHCP: hasDHCP, of: name))
        if let second = specification.text("dual_cidr") {
            network.append(try ip(second, hasDHCP: hasDHCP, of: name))
        }
        return network
    }

    /// The host has the first address, the guests get the others.
    static func ip(_ cidr: String, hasDHCP: Bool, of name: String) throws(ProviderError) -> XMLElement {
        guard let range = AddressRange(cidr: cidr), range.prefix <= range.base.count * 8 - 2 else {
            throw ProviderError(.invalidValue, "network \(name): \(cidr) is no range of addresses, as 192.168.50.0/24")
        }
        var ip = XMLElement("ip", ["address": range.address(1), "prefix": "\(range.prefix)"])
        if range.isIPv6 { ip["family"] = "ipv6" }
        if hasDHCP { ip.append(dhcp(range)) }
        return ip
    }

    static func dhcp(_ range: AddressRange) -> XMLElement {
        // The last IPv4 address is the broadcast's; of an IPv6 range, which is vast, 254 will do.
        let last = range.isIPv6 && range.prefix < 120 ? range.address(0xff) : range.address(range.isIPv6 ? -1 : -2)
        return XMLElement("dhcp", [:], [XMLElement("range", ["start": range.address(2), "end": last])])
    }

    static func range(of ip: XMLElement) -> AddressRange? {
        guard let address = ip["address"] else { return nil }
        if let netmask = ip["netmask"] { return AddressRange(address: address, netmask: netmask) }
        return ip["prefix"].flatMap { Int($0) }.flatMap { AddressRange(address: address, prefix: $0) }
    }

    /// Keeps the plan where kcli keeps it.
    static func set(plan: String, of network: inout XMLElement) {
        let namespace = MachineMetadata.namespace
        network.update("metadata") { metadata in
            let isInfo = { (element: XMLElement) in element.localName == "info" && element.name.hasPrefix("kvirt") }
            if metadata.elements.first(where: isInfo) == nil {
                metadata.append(XMLElement("kvirt:info", ["xmlns:kvirt": namespace]))
            }
            metadata.update(where: isInfo) { info in
                info.removeAll { $0.localName == "plan" }
                if !plan.isEmpty { info.append(XMLElement("kvirt:plan", text: plan)) }
            }
        }
    }
}
