import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// Without a word about the network, one on the network `default`, as for a new machine.
    func addNIC(_ specification: Specification, to domain: Domain, on connection: Connection) throws {
        var wish = specification
        if wish.values["network"] == nil {
            guard try connection.networks(.active).contains(where: { $0.name == "default" }) else {
                throw ProviderError(
                    .invalidValue,
                    "virtual machine \(domain.name): there is no network default: write a network to add_nic")
            }
            wish.values["network"] = .text("default")
        }
        // An address of its own is the network's to keep, for a hardware address that is known before the interface is there.
        let address = wish.text("ip")
        wish.values["ip"] = nil
        let interface = try DomainDefinition.interface(wish, on: connection)
        guard let address else { return try attach(interface, to: domain, on: connection) }
        guard let mac = NICReference.mac(of: interface), let network = NICReference.network(of: interface) else {
            throw ProviderError(
                .unsupported,
                "virtual machine \(domain.name): the interface is on no network of libvirt, which could keep \(address)"
            )
        }
        var reservations = Reservations(of: domain.name, on: connection, session.debts)
        do {
            try reservations.add(address, for: mac, in: network)
            try attach(interface, to: domain, on: connection)
        } catch {
            reservations.undo()
            throw error
        }
    }

    func deleteNIC(_ name: String, of domain: Domain, on connection: Connection) throws {
        let nic = try NICReference(name, of: domain)
        try detach(from: domain, on: connection, where: nic.isIt)
        // An interface that is gone needs no address.
        guard let network = nic.network else { return }
        try Reservations(of: domain.name, on: connection, session.debts).release(nic.mac, from: network)
    }

    func updateNIC(_ name: String, network: String, of domain: Domain, on connection: Connection) throws {
        let nic = try NICReference(name, of: domain)
        let old = nic.network
        for impact in try domain.impacts() {
            try Turn.once(domain, on: connection) {
                let document = try domain.document(inactive: impact == .config, secrets: true)
                guard let device = document.first("devices")?.elements.first(where: nic.isIt) else { return }
                let new = try nic.moved(device, to: network, on: connection)
                try domain.update(device: new.description, impact)
            }
        }
        guard let old, old != network else { return }
        try Reservations(of: domain.name, on: connection, session.debts).release(nic.mac, from: old)
    }

    /// Another hardware address, model or type is another device: the definition has it, and a running machine after its
    /// next start.
    func configureNIC(_ name: String, _ wish: Specification, of domain: Domain, on connection: Connection) throws {
        let nic = try NICReference(name, of: domain)
        guard try domain.isPersistent() else {
            throw ProviderError(
                .unsupported, "virtual machine \(domain.name): it has no definition, and \(name) cannot change now")
        }
        try Turn.with(domain.uuid, on: connection) {
            var document = try domain.document(inactive: true, secrets: true)
            try Self.configure(nic, wish, of: domain, in: &document)
            let changed = document.all("devices/interface").first(where: nic.isIt)
            if wish.text("type") == "network", let network = changed?.first("source")?["network"] {
                try DomainDefinition.requireNetwork(network, on: connection)
            }
            _ = try connection.define(domain: document.description)
        }
    }

    private static func configure(
        _ nic: NICReference, _ wish: Specification, of domain: Domain, in document: inout XMLElement
    ) throws {
        var isFound = false
        try document.updateDevices { device throws(ProviderError) in
            guard !isFound, nic.isIt(device) else { return }
            isFound = true
            try nic.configure(&device, wish)
        }
        guard isFound else {
            throw ProviderError(.busy, "virtual machine \(domain.name): \(nic.name) is not in its definition")
        }
    }

    // MARK: Addresses

    func reserve(_ address: String?, for name: String, of domain: Domain, on connection: Connection) throws {
        try reserve(address, for: try NICReference(name, of: domain), of: domain, on: connection)
    }

    /// Makes the network's DHCP server keep an address for an interface; nil gives up those it keeps.
    private func reserve(_ address: String?, for nic: NICReference, of domain: Domain, on connection: Connection) throws
    {
        guard let network = nic.network else {
            throw ProviderError(
                .unsupported,
                "virtual machine \(domain.name): \(nic.name) is on no network of libvirt, which could keep it")
        }
        let reservations = Reservations(of: domain.name, on: connection, session.debts)
        guard let address else { return try reservations.release(nic.mac, from: network) }
        try reservations.keep(address, for: nic.mac, in: network)
    }
}

/// One interface of a machine: `eth1` is the second one of what is shown, the running machine's or the definition's, and
/// its hardware address tells it in both.
struct NICReference {
    let name: String
    /// Lower case.
    let mac: String
    /// The network of libvirt that it is on; nil for a bridge or an interface of the host.
    let network: String?

    init(_ name: String, of domain: Domain) throws {
        let interfaces = try domain.document().all("devices/interface")
        guard name.hasPrefix("eth"), let index = Int(name.dropFirst(3)), interfaces.indices.contains(index) else {
            throw ProviderError(.notFound, "virtual machine \(domain.name) has no interface \(name)")
        }
        try self.init(interfaces[index], name, domain)
    }

    private init(_ interface: XMLElement, _ name: String, _ domain: Domain) throws {
        guard let mac = Self.mac(of: interface) else {
            throw ProviderError(.malformedReply, "virtual machine \(domain.name): \(name) has no hardware address")
        }
        self.name = name
        self.mac = mac
        network = Self.network(of: interface)
    }

    static func network(of interface: XMLElement) -> String? {
        interface["type"] == "network" ? interface.first("source")?["network"] : nil
    }

    static func macs(of domain: Domain) throws -> [String] {
        let now = try domain.document().all("devices/interface")
        let next = try domain.document(inactive: true).all("devices/interface")
        return (now + next).compactMap(mac)
    }

    static func mac(of interface: XMLElement) -> String? { interface.first("mac")?["address"]?.lowercased() }

    func isIt(_ device: XMLElement) -> Bool { device.name == "interface" && Self.mac(of: device) == mac }

    /// The same interface on another network of libvirt; where there is none of that name, one that is on a bridge or an
    /// interface of the host moves to another.
    func moved(_ interface: XMLElement, to network: String, on connection: Connection) throws -> XMLElement {
        let isNetwork = try unless(.noNetwork) { try connection.network(named: network) } != nil
        let type = interface["type"] ?? "network"
        guard isNetwork || ["bridge", "direct"].contains(type) else {
            throw ProviderError(.invalidValue, "network \(network) does not exist on this host: see networks/")
        }
        var new = interface
        new["type"] = isNetwork ? "network" : type
        let old = interface.first("source")
        new.removeAll { $0.name == "source" }
        var source = XMLElement("source")
        if isNetwork {
            source["network"] = network
        } else if type == "bridge" {
            source["bridge"] = network
        } else {
            source["dev"] = network
            source["mode"] = old?["mode"] ?? "bridge"
        }
        new.append(source)
        return new
    }

    func configure(_ interface: inout XMLElement, _ wish: Specification) throws(ProviderError) {
        if let mac = wish.text("mac") {
            guard Reservation.isMAC(mac) else {
                throw ProviderError(.invalidValue, "'\(mac)' is no hardware address, as 52:54:00:12:34:56")
            }
            interface.update("mac") { $0["address"] = mac.lowercased() }
        }
        if let model = wish.text("model") {
            interface.update("model") { $0["type"] = model }
            // Where it was on its bus need not suit another model.
            interface.removeAll { $0.name == "address" }
        }
        guard let type = wish.text("type"), type != interface["type"] else { return }
        let source = interface.first("source")
        guard let name = source?["network"] ?? source?["bridge"] ?? source?["dev"] else {
            throw ProviderError(.unsupported, "\(self.name) is of type \(interface["type"] ?? ""), which cannot change")
        }
        interface["type"] = type
        interface.removeAll { ["source", "virtualport"].contains($0.name) }
        switch type {
        case "network": interface.append(XMLElement("source", ["network": name]))
        case "bridge": interface.append(XMLElement("source", ["bridge": name]))
        case "direct": interface.append(XMLElement("source", ["dev": name, "mode": "bridge"]))
        default: throw ProviderError(.invalidValue, "nic type \(type) is not one of network, bridge, direct")
        }
    }
}

extension XMLElement {
    /// Changes the devices of a domain's document.
    fileprivate mutating func updateDevices(_ change: (inout XMLElement) throws(ProviderError) -> Void)
        throws(ProviderError)
    {
        for index in children.indices {
            guard case .element(var devices) = children[index], devices.name == "devices" else { continue }
            for place in devices.children.indices {
                guard case .element(var device) = devices.children[place] else { continue }
                try change(&device)
                devices.children[place] = .element(device)
            }
            children[index] = .element(devices)
        }
    }
}
