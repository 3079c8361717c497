import ProviderAPI
import XMLKit

/// The XML of a new network (formatnetwork).
enum NetworkDefinition {
    static func network(_ specification: Specification) throws(ProviderError) -> XMLElement {
        let name = specification.name
        let mode = try NetworkParameters.mode(specification)
        try NetworkParameters.check(specification, mode: mode)
        var network = XMLElement("network", [:], [XMLElement("name", text: name)])
        if let plan = specification.text("plan") { set(plan: plan, of: &network) }
        switch mode {
        case "bridge", "ovs": try join(&network, specification, isOpen: mode == "ovs")
        case "macvtap":
            guard let device = specification.text("device") else {
                throw ProviderError(
                    .invalidValue, "network \(name): mode macvtap needs device, an interface of the host")
            }
            network.append(XMLElement("forward", ["mode": "bridge"], [XMLElement("interface", ["dev": device])]))
        default: try manage(&network, specification, mode)
        }
        return network
    }

    /// One that only joins a bridge which the host has.
    private static func join(_ network: inout XMLElement, _ specification: Specification, isOpen: Bool)
        throws(ProviderError)
    {
        // kcli's `bridge` is a yes or no, and the bridge then has the network's name.
        let written = specification.text("bridge").flatMap { ["true", "yes"].contains($0) ? nil : $0 }
        if !isOpen, specification.text("bridge") == nil {
            throw ProviderError(
                .invalidValue, "network \(specification.name): mode bridge needs bridge, a bridge of the host")
        }
        network.append(XMLElement("forward", ["mode": "bridge"]))
        network.append(XMLElement("bridge", ["name": written ?? specification.name]))
        guard isOpen else { return }
        network.append(XMLElement("virtualport", ["type": "openvswitch"]))
        for group in try PortGroup.parse(specification.texts("vlans")) { network.append(group.element) }
    }

    /// One with addresses of its own.
    private static func manage(_ network: inout XMLElement, _ specification: Specification, _ mode: String)
        throws(ProviderError)
    {
        let name = specification.name
        if mode != "isolated" {
            var forward = XMLElement("forward", ["mode": mode])
            forward["dev"] = specification.text("device")
            network.append(forward)
        }
        var bridge = XMLElement("bridge", ["stp": "on", "delay": "0"])
        bridge["name"] = specification.text("bridge")
        bridge["zone"] = specification.text("fwzone")
        network.append(bridge)
        if let mtu = specification.number("mtu") { try NetworkEdit.set(mtu: mtu, of: &network) }
        if let domain = specification.text("domain") {
            // Questions about it that libvirt cannot answer are nobody else's, unless wished otherwise.
            let isLocal = specification.flag("localdomain") ?? true
            network.append(XMLElement("domain", ["name": domain, "localOnly": isLocal ? "yes" : "no"]))
        }
        if let flag = specification.flag("dns") { try NetworkEdit.set(dns: flag, of: &network) }
        try NetworkEdit.set(forwarders: specification.texts("forwarders"), of: &network)
        let ranges = [specification.text("cidr"), specification.text("dual_cidr")].compactMap { $0 }
        guard !ranges.isEmpty || mode == "isolated" else {
            throw ProviderError(.invalidValue, "network \(name): cidr is missing, as 192.168.50.0/24")
        }
        for (index, cidr) in ranges.enumerated() {
            network.append(try ip(cidr, specification, isFirst: index == 0))
        }
        try NetworkEdit.set(reservations: specification.texts("reservations"), of: &network)
    }

    /// The host has the first address, the guests get the others.
    private static func ip(_ cidr: String, _ specification: Specification, isFirst: Bool) throws(ProviderError)
        -> XMLElement
    {
        let name = specification.name
        guard let range = AddressRange(cidr: cidr), range.prefix <= range.base.count * 8 - 2 else {
            throw ProviderError(.invalidValue, "network \(name): \(cidr) is no range of addresses, as 192.168.50.0/24")
        }
        let gateway = isFirst ? try self.gateway(specification, range) : range.address(1)
        var ip = XMLElement("ip", ["address": gateway, "prefix": "\(range.prefix)"])
        if range.isIPv6 { ip["family"] = "ipv6" }
        guard specification.flag("dhcp") ?? true else {
            let wished = ["dhcp_range", "dhcp_start", "dhcp_end", "pxe"].filter {
                specification.text($0) != nil || !specification.texts($0).isEmpty
            }
            guard wished.isEmpty else {
                throw ProviderError(
                    .invalidValue, "network \(name): dhcp: no leaves no place for \(wished.joined(separator: ", "))")
            }
            return ip
        }
        ip.append(try dhcp(specification, range, gateway, isFirst: isFirst))
        return ip
    }

    private static func gateway(_ specification: Specification, _ range: AddressRange) throws(ProviderError) -> String {
        guard let written = specification.text("gateway") else {
            return range.address(specification.number("gateway_index") ?? 1)
        }
        guard range.contains(written), let address = AddressRange.canonical(written) else {
            throw ProviderError(
                .invalidValue, "network \(specification.name): gateway \(written) is no address of \(range.cidr)")
        }
        return address
    }

    private static func dhcp(_ specification: Specification, _ range: AddressRange, _ gateway: String, isFirst: Bool)
        throws(ProviderError) -> XMLElement
    {
        var dhcp = XMLElement("dhcp")
        let written = try specification.texts("dhcp_range").map { line throws(ProviderError) in try DHCPRange(line) }
            .filter { range.contains($0.first) }
        let standard = DHCPRange.all(of: range, except: gateway)
        let start = isFirst ? specification.text("dhcp_start") : nil
        let end = isFirst ? specification.text("dhcp_end") : nil
        if written.isEmpty || start != nil || end != nil {
            let line = "\(start ?? standard.first) \(end ?? standard.last)"
            dhcp.append(try DHCPRange(line, in: range).element)
        }
        for one in written { dhcp.append(try DHCPRange("\(one.first) \(one.last)", in: range).element) }
        if isFirst, let server = specification.text("pxe") {
            dhcp.append(XMLElement("bootp", ["file": "pxelinux.0", "server": server]))
        }
        return dhcp
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
