import LibvirtKit
import ProviderAPI
import XMLKit

/// What networks keep for one machine: addresses in their DHCP and names in their DNS. Made with the machine or one of its
/// interfaces, taken back when the rest fails, and given up when either is deleted.
struct Reservations {
    /// One that a network keeps, for an interface of that hardware address.
    enum Entry: Codable, Hashable, Sendable {
        case address(network: String, mac: String, address: String)
        case names(network: String, mac: String, address: String, names: [String])

        var mac: String {
            switch self {
            case .address(_, let mac, _), .names(_, let mac, _, _): mac
            }
        }

        var subject: String {
            switch self {
            case .address(let network, _, let address): "the reservation of \(address) in network \(network)"
            case .names(let network, _, let address, _): "the names of \(address) in network \(network)"
            }
        }
    }

    private let machine: String
    private let connection: Connection
    private let debts: Debts
    private var made: [Entry] = []

    init(of machine: String, on connection: Connection, _ debts: Debts) {
        self.machine = machine
        self.connection = connection
        self.debts = debts
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
            try add(address, for: interface.mac, in: name)
        }
        if interface.reservesName {
            let names = [machine] + (domain.map { ["\(machine).\($0)"] } ?? []) + interface.aliases
            let host = XMLElement("host", ["ip": address], names.map { XMLElement("hostname", text: $0) })
            begin(.names(network: name, mac: interface.mac, address: address, names: names))
            try change(name) { document in document.update("dns") { $0.append(host) } }
        }
    }

    /// Keeps an address, which is given up again where the rest fails.
    mutating func add(_ address: String, for mac: String, in network: String) throws {
        begin(.address(network: network, mac: mac, address: AddressRange.canonical(address) ?? address))
        try keep(address, for: mac, in: network)
    }

    /// Also where the answer is lost half way, or this process ends.
    private mutating func begin(_ entry: Entry) {
        made.append(entry)
        debts.note(.reservation(entry, machine: machine), on: connection)
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

    private func change(_ network: String, _ body: (inout XMLElement) throws(ProviderError) -> Void) throws {
        let network = try connection.network(named: network)
        try NetworkChange(network, on: connection, debts).perform(alongside: false, body)
    }

    /// Makes the network's DHCP server keep an address for a hardware address, and no other of its family.
    func keep(_ address: String, for mac: String, in network: String) throws {
        guard let address = AddressRange.canonical(address) else {
            throw ProviderError(.invalidValue, "'\(address)' is no address")
        }
        try change(network) { document throws(ProviderError) in
            let isIPv6 = address.contains(":")
            var all = Self.all(in: document)
            all.removeAll { $0.client == mac.lowercased() && $0.address.contains(":") == isIPv6 }
            if let holder = all.first(where: { $0.address == address }) {
                throw ProviderError(.busy, "\(address) is reserved for \(holder.name ?? holder.client)")
            }
            guard document.first("ip/dhcp") != nil else {
                throw ProviderError(.unsupported, "it gives no addresses out: write yes to its dhcp first")
            }
            // libvirt takes a name once; one that is no host name would be refused.
            let isFree = !all.contains { $0.name == machine && $0.address.contains(":") == isIPv6 }
            let name = Self.isHostName(machine) && isFree ? machine : nil
            all.append(Reservation(client: mac.lowercased(), address: address, name: name))
            try NetworkEdit.set(reservations: all.map(\.line), of: &document)
        }
    }

    private static func all(in document: XMLElement) -> [Reservation] {
        document.all("ip/dhcp/host").compactMap { Reservation($0) }
    }

    private static func isHostName(_ name: String) -> Bool {
        name.utf8.count < 64
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == 0x2d
            }
    }

    // MARK: Removal

    /// Takes back what was made; the failure that led here is the one to tell.
    func undo() {
        for entry in made.reversed() { debts.takeBack(.reservation(entry, machine: machine), on: connection) }
    }

    func remove(_ entry: Entry) throws {
        switch entry {
        case .address(let network, let mac, let address):
            try release(from: network) { $0.client == mac.lowercased() && $0.address == address }
        case .names(let network, _, let address, let names):
            try unless(.noNetwork) {
                try change(network) { document in
                    document.update("dns") { dns in
                        dns.removeAll { $0["ip"] == address && $0.all("hostname").map(\.text) == names }
                    }
                }
            }
        }
    }

    /// Gives up what a network keeps for a hardware address. A network that is gone keeps nothing.
    func release(_ mac: String, from network: String) throws {
        try release(from: network) { $0.client == mac }
    }

    /// Gives up what the networks of a deleted machine's interfaces keep for it: addresses under its name, and its name at
    /// those.
    func release(_ interfaces: [VirtualMachine.NIC]) throws {
        for nic in interfaces where nic.type == "network" {
            guard let mac = nic.mac, let network = nic.network else { continue }
            try release(from: network, withNames: true) { $0.client == mac && $0.name == machine }
        }
    }

    private func release(
        from network: String, withNames: Bool = false, where isIts: (Reservation) -> Bool
    ) throws {
        try unless(.noNetwork) {
            try change(network) { document throws(ProviderError) in
                let all = Self.all(in: document)
                let gone = all.filter(isIts)
                guard !gone.isEmpty else { return }
                try NetworkEdit.set(reservations: all.filter { !isIts($0) }.map(\.line), of: &document)
                guard withNames else { return }
                let addresses = gone.map(\.address)
                document.update("dns") { dns in
                    dns.removeAll { host in
                        guard host.name == "host", let address = host["ip"].flatMap(AddressRange.canonical) else {
                            return false
                        }
                        return addresses.contains(address) && host.all("hostname").contains { $0.text == machine }
                    }
                }
                document.removeAll { $0.name == "dns" && $0.attributes.isEmpty && $0.elements.isEmpty }
            }
        }
    }
}
