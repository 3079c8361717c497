import ProviderAPI

extension CloudState {
    /// An interface to be, checked.
    struct NICDraft {
        var wish = ""
        var network: String?
        var mac: String?
        var model: String?
        var type: String?
        /// A fixed address.
        var address: String?
    }

    static let models = ["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"]

    /// The interfaces that a specification asks for: what it lists, else one on the standard network.
    func nicDrafts(of specification: Specification) throws(ProviderError) -> [NICDraft] {
        guard specification.values["nics"] != nil else {
            let network = networks.find("default") ?? networks.all.first
            return network.map { [NICDraft(network: $0.facts.name)] } ?? []
        }
        var drafts: [NICDraft] = []
        var fixed: Set<String> = []
        for entry in specification.entries("nics") {
            var draft = try nicDraft(entry)
            if entry.name.allSatisfy(\.isNumber) { draft.wish = "" }
            if let address = draft.address, !fixed.insert("\(draft.network ?? "") \(address)").inserted {
                throw ProviderError(.invalidValue, "ip: \(address) is given to two interfaces")
            }
            drafts.append(draft)
        }
        guard drafts.count <= 16 else { throw ProviderError(.quotaExceeded, "a machine has 16 interfaces at most") }
        return drafts
    }

    func nicDraft(_ entry: Specification) throws(ProviderError) -> NICDraft {
        try entry.require(only: Set(StandardParameters.nic.map(\.name)))
        let network = try usable(network: entry.text("network") ?? "default")
        if !entry.name.isEmpty { try Self.check(name: entry.name) }
        var draft = NICDraft(wish: entry.name, network: network.facts.name)
        draft.model = try Self.word("model", entry.text("model") ?? "virtio", Self.models)
        draft.type = entry.text("type")
        if let mac = entry.text("mac") { draft.mac = try Self.mac(mac) }
        if let address = entry.text("ip")?.split(separator: "\n").first.map(String.init) {
            guard let host = network.range?.host(of: address) else {
                throw ProviderError(
                    .invalidValue, "ip: \(address) is not an address of the network \(network.facts.name)")
            }
            guard !network.taken.contains(host) else {
                throw ProviderError(.busy, "ip: \(address) is in use on the network \(network.facts.name)")
            }
            draft.address = address
        }
        return draft
    }

    private func usable(network name: String) throws(ProviderError) -> NetworkRecord {
        let network = try Self.named(name, on: networks)
        guard network.facts.active != false else {
            throw ProviderError(.busy, "the network \(name) is inactive: activate it or name another")
        }
        return network
    }

    /// A hardware address as this cloud writes it.
    static func mac(_ text: String) throws(ProviderError) -> String {
        let parts = text.lowercased().split(separator: ":", omittingEmptySubsequences: false)
        let isHex = parts.allSatisfy { $0.utf8.count == 2 && $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
        guard parts.count == 6, isHex, let first = UInt8(parts[0], radix: 16), first & 1 == 0 else {
            throw ProviderError(.invalidValue, "mac: \(text) is no hardware address such as 52:54:00:12:34:56")
        }
        return parts.joined(separator: ":")
    }

    /// Keeps the fixed addresses of interfaces to be from being given to others of them.
    mutating func reserve(_ drafts: [NICDraft]) {
        for draft in drafts {
            guard let address = draft.address, let id = draft.network.flatMap({ networks.find($0)?.facts.id }) else {
                continue
            }
            networks.touch(id) { network in
                if let host = network.range?.host(of: address) { network.taken.insert(host) }
            }
        }
    }

    /// Adds an interface; its checks are done.
    mutating func add(_ draft: NICDraft, to id: VirtualMachine.ID) {
        let lease = lease(draft)
        let mac = draft.mac ?? random.mac()
        machines.touch(id) { machine in
            let taken = machine.facts.nics.map(\.name)
            let free = (0...taken.count).map { "eth\($0)" }.first { !taken.contains($0) } ?? "eth"
            let name = draft.wish.isEmpty || taken.contains(draft.wish) ? free : draft.wish
            machine.facts.nics.append(
                VirtualMachine.NIC(
                    name: name, network: draft.network, mac: mac, model: draft.model ?? "virtio",
                    type: draft.type ?? "network"))
            machine.leases.append(lease)
            machine.refreshAddresses()
        }
        if let network = draft.network { emitNetwork(network) }
    }

    private mutating func lease(_ draft: NICDraft) -> String {
        guard let id = draft.network.flatMap({ networks.find($0)?.facts.id }) else { return "" }
        var lease = ""
        networks.touch(id) { network in
            if let address = draft.address, let host = network.range?.host(of: address) {
                network.taken.insert(host)
                lease = address
            } else {
                lease = network.lease() ?? ""
            }
        }
        return lease
    }

    /// Gives an interface's address back.
    mutating func leave(_ network: String?, _ lease: String) {
        guard let network, let id = networks.find(network)?.facts.id else { return }
        networks.touch(id) { $0.release(lease) }
        emit(id, "changed")
    }

    mutating func addNIC(_ specification: Specification, to id: VirtualMachine.ID) throws(ProviderError) {
        let machine = try machines.get(id)
        let draft = try nicDraft(specification)
        guard specification.name.isEmpty || !machine.facts.nics.contains(where: { $0.name == specification.name })
        else {
            throw ProviderError(.alreadyExists, "\(machine.facts.name) has an interface \(specification.name) already")
        }
        guard machine.facts.nics.count < 16 else {
            throw ProviderError(.quotaExceeded, "\(machine.facts.name) has 16 interfaces, the most there can be")
        }
        add(draft, to: id)
        emit(id, "interface added")
    }

    mutating func deleteNIC(_ name: String, of id: VirtualMachine.ID) throws(ProviderError) {
        let place = try nicPlace(name, of: id)
        let (network, lease) = try machines.update(id) { machine in
            let nic = machine.facts.nics.remove(at: place)
            let lease = machine.leases.remove(at: place)
            machine.refreshAddresses()
            return (nic.network, lease)
        }
        leave(network, lease)
        emit(id, "interface removed")
    }

    mutating func updateNIC(_ name: String, of id: VirtualMachine.ID, network: String) throws(ProviderError) {
        let place = try nicPlace(name, of: id)
        let target = try usable(network: network).facts.name
        let machine = try machines.get(id)
        guard machine.facts.nics[place].network != target else { return }
        leave(machine.facts.nics[place].network, machine.leases[place])
        let lease = lease(NICDraft(network: target))
        try machines.update(id) { machine in
            machine.facts.nics[place].network = target
            machine.leases[place] = lease
            machine.refreshAddresses()
        }
        emitNetwork(target)
        emit(id, "interface changed")
    }

    mutating func configureNIC(
        _ name: String, of id: VirtualMachine.ID, _ wish: Specification
    ) throws(ProviderError) {
        let place = try nicPlace(name, of: id)
        var checked = wish
        checked.values["network"] = try machines.get(id).facts.nics[place].network.map(Value.text)
        let draft = try nicDraft(checked)
        try machines.update(id) { machine in
            if let mac = draft.mac { machine.facts.nics[place].mac = mac }
            if let model = draft.model, wish.text("model") != nil { machine.facts.nics[place].model = model }
            if let type = draft.type { machine.facts.nics[place].type = type }
        }
        emit(id, "interface changed")
    }

    /// The network gives that address out for the interface; nil lets it choose.
    mutating func reserve(
        _ address: String?, for name: String, of id: VirtualMachine.ID
    ) throws(ProviderError) {
        let place = try nicPlace(name, of: id)
        let machine = try machines.get(id)
        guard let network = machine.facts.nics[place].network else {
            throw ProviderError(.unsupported, "\(name) is on no network that could keep an address")
        }
        let held = machine.leases[place]
        guard address != held else { return }
        var draft = NICDraft(network: network)
        if let address { draft.address = try free(address: address, on: network) }
        leave(network, held)
        let lease = lease(draft)
        try machines.update(id) { machine in
            machine.leases[place] = lease
            machine.refreshAddresses()
        }
        emit(id, "address changed")
    }

    private func free(address: String, on name: String) throws(ProviderError) -> String {
        guard let network = networks.find(name), let host = network.range?.host(of: address) else {
            throw ProviderError(.invalidValue, "'\(address)' is no address of the network \(name)")
        }
        guard !network.taken.contains(host) else {
            throw ProviderError(.busy, "\(address) is taken on the network \(name)")
        }
        return address
    }

    private func nicPlace(_ name: String, of id: VirtualMachine.ID) throws(ProviderError) -> Int {
        let machine = try machines.get(id)
        guard let place = machine.facts.nics.firstIndex(where: { $0.name == name }) else {
            throw ProviderError(.notFound, "\(machine.facts.name) has no interface \(name)")
        }
        return place
    }

    mutating func emitNetwork(_ name: String) {
        if let id = networks.find(name)?.facts.id { emit(id, "changed") }
    }
}

extension Machine {
    /// A machine that is up shows the addresses of the interfaces that it has now.
    mutating func refreshAddresses() {
        switch facts.status {
        case .up, .suspended, .paused, .stopping: showAddresses()
        default: hideAddresses()
        }
    }
}
