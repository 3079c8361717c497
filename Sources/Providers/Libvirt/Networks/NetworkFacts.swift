import LibvirtKit
import ProviderAPI
import XMLKit

/// What the XML of a network tells.
enum NetworkFacts {
    /// kcli calls what libvirt routes or isolates `routed`, and what only joins a bridge of the host `bridged`.
    static func fill(_ item: inout ProviderAPI.Network, from document: XMLElement) {
        let mode = mode(of: document)
        let ranges = document.all("ip").compactMap(NetworkDefinition.range)
        item.mode = mode
        item.type = NetworkParameters.managedModes.contains(mode) ? "routed" : mode == "ovs" ? "ovs" : "bridged"
        item.cidr = ranges.first?.cidr
        item.dualCIDR = ranges.dropFirst().first?.cidr
        item.dhcp = document.first("ip/dhcp") != nil
        item.domain = document.first("domain")?["name"]
        item.gateway = document.first("ip")?["address"]
        item.dhcpRange = document.all("ip/dhcp/range").compactMap { DHCPRange($0)?.line }
        item.reservations = document.all("ip/dhcp/host").compactMap { Reservation($0)?.line }
        item.dns = ranges.isEmpty ? nil : answersNames(document)
        item.forwarders = document.all("dns/forwarder").map(NetworkEdit.forwarderLine)
        item.bridge = document.first("bridge")?["name"]
        item.device = document.first("forward").flatMap { $0["dev"] ?? $0.first("interface")?["dev"] }
        item.mtu = document.first("mtu")?["size"].flatMap { Int($0) }
        item.vlans = document.all("portgroup").compactMap { PortGroup($0)?.line }
    }

    /// libvirt calls three things `bridge`: one of the host's, one of Open vSwitch, and macvtap on an interface.
    static func mode(of document: XMLElement) -> String {
        guard let forward = document.first("forward") else { return "isolated" }
        let mode = forward["mode"] ?? "nat"
        guard mode == "bridge" else { return mode }
        if document.first("virtualport")?["type"] == "openvswitch" { return "ovs" }
        return document.first("bridge") == nil ? "macvtap" : "bridge"
    }

    /// Whether libvirt runs a DNS server for it.
    static func answersNames(_ document: XMLElement) -> Bool {
        NetworkParameters.managedModes.contains(mode(of: document)) && document.first("ip") != nil
            && document.first("dns")?["enable"] != "no"
    }

    /// The addresses that are kept for interfaces, by hardware address.
    static func reservations(of document: XMLElement) -> [(mac: String, address: String)] {
        document.all("ip/dhcp/host").compactMap { Reservation($0) }.map { ($0.client, $0.address) }
    }

    static func line(_ lease: Lease) -> String {
        let name = lease.hostname.map { $0.isEmpty ? "" : " \($0)" } ?? ""
        let end = lease.expiry > 0 ? MachineMetadata.isoDate(lease.expiry) : "-"
        return "\(lease.address) \(lease.mac.lowercased()) \(end)\(name)"
    }
}
