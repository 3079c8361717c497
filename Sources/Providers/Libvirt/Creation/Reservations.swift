import LibvirtKit
import ProviderAPI
import XMLKit

/// What networks keep for one machine: addresses in their DHCP and names in their DNS. Made with the machine, taken back
/// when the rest fails, and given up when the machine is deleted.
struct Reservations {
    private struct Entry {
        var network: String
        var section: LibvirtKit.Network.Section
        var element: XMLElement
    }

    private let machine: String
    private let connection: Connection
    private var made: [Entry] = []

    init(of machine: String, on connection: Connection) {
        self.machine = machine
        self.connection = connection
    }

    /// A fixed address without a netmask can only come from the network's DHCP; with one it is reserved where asked.
    mutating func add(_ interface: InterfaceWish, domain: String?) throws {
        guard let address = interface.address else { return }
        let reserves = interface.reservesAddress ?? !interface.isStatic
        guard reserves || interface.reservesName else { return }
        guard interface.type == "network", let name = interface.network else {
            throw ProviderError(
                .invalidValue,
                "nics/\(interface.name): only a network of libvirt can keep an address: write ip with its netmask")
        }
        let network = try connection.network(named: name)
        if reserves {
            try requireRange(of: network, holding: address, interface)
            var host = XMLElement("host", ["mac": interface.mac])
            // A name is DHCP's to tell only once in a network.
            host["name"] = machine
            host["ip"] = address
            if address.contains(":") {
                host["mac"] = nil
                host["id"] = "00:03:00:01:\(interface.mac)"
            }
            try add(Entry(network: name, section: .dhcpHost, element: host), to: network)
        }
        if interface.reservesName {
            let names = [machine] + (domain.map { ["\(machine).\($0)"] } ?? []) + interface.aliases
            let host = XMLElement("host", ["ip": address], names.map { XMLElement("hostname", text: $0) })
            try add(Entry(network: name, section: .dnsHost, element: host), to: network)
        }
    }

    private mutating func add(_ entry: Entry, to network: LibvirtKit.Network) throws {
        try network.update(.add, entry.section, entry.element.description)
        made.append(entry)
    }

    private func requireRange(of network: LibvirtKit.Network, holding address: String, _ interface: InterfaceWish)
        throws
    {
        let ranges = try XMLElement(parsing: try network.xml()).all("ip")
        let isServed = ranges.contains { ip in
            guard ip.first("dhcp") != nil, let range = NetworkDefinition.range(of: ip) else { return false }
            return AddressRange(address: address, prefix: range.prefix) == range
        }
        guard isServed else {
            throw ProviderError(
                .invalidValue,
                "nics/\(interface.name)/ip: network \(network.name) gives no such address out: write netmask as well")
        }
    }

    /// Takes back what was made; the failure that led here is the one to tell.
    func undo() {
        for entry in made.reversed() { Self.remove(entry, on: connection) }
    }

    private static func remove(_ entry: Entry, on connection: Connection) {
        let network = try? connection.network(named: entry.network)
        _ = try? network?.update(.delete, entry.section, entry.element.description)
    }

    /// What a deleted machine leaves behind: entries with its hardware address or its reserved address, and its name. A
    /// network that cannot be asked any more keeps nothing.
    static func release(_ machine: String, _ interfaces: [VirtualMachine.NIC], on connection: Connection) throws {
        for nic in interfaces where nic.type == "network" {
            guard let mac = nic.mac, let name = nic.network else { continue }
            try unless(.noNetwork) {
                let network = try connection.network(named: name)
                try release(machine, mac: mac, of: network, on: connection)
            }
        }
    }

    private static func release(
        _ machine: String, mac: String, of network: LibvirtKit.Network, on connection: Connection
    )
        throws
    {
        let document = try XMLElement(parsing: try network.xml())
        let hosts = document.all("ip/dhcp/host").filter { host in
            let isIts = host["mac"]?.lowercased() == mac || host["id"]?.lowercased().hasSuffix(mac) == true
            return isIts && host["name"] == machine
        }
        let addresses = hosts.compactMap { $0["ip"] }
        let names = document.all("dns/host").filter { host in
            let isIts = host["ip"].map(addresses.contains) ?? false
            return isIts && host.all("hostname").contains { $0.text == machine }
        }
        let entries =
            hosts.map { Entry(network: network.name, section: .dhcpHost, element: $0) }
            + names.map { Entry(network: network.name, section: .dnsHost, element: $0) }
        for entry in entries { remove(entry, on: connection) }
    }
}
