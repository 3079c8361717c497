import ProviderAPI

extension CloudState {
    /// Carries out a change of a machine that takes no time of its own.
    mutating func apply(_ change: VirtualMachine.Change, to id: VirtualMachine.ID) throws(ProviderError) {
        switch change {
        case .power(let action): try power(action, id)
        case .rename(let name): try rename(id, to: name)
        case .memory(let memory): try setMemory(memory, of: id)
        case .cpus(let cpus): try setCPUs(cpus, of: id)
        case .flavor(let name): try setFlavor(name, of: id)
        case .autostart(let autostart): try set(id, "autostart") { $0.autostart = autostart }
        case .iso(let name): try setISO(name, of: id)
        case .description(let text): try set(id, "description") { $0.description = text.isEmpty ? nil : text }
        case .metadata(let key, let value): try setMetadata(key, value, of: id)
        case .addDisk(let specification): try addDisk(specification, to: id)
        case .deleteDisk(let name): try removeDisk(name, of: id, keepsVolume: false)
        case .attachDisk(let volume): try attachDisk(volume, to: id)
        case .detachDisk(let name): try removeDisk(name, of: id, keepsVolume: true)
        case .growDisk(let name, let size): try growDisk(name, of: id, to: size)
        case .addNIC(let specification): try addNIC(specification, to: id)
        case .deleteNIC(let name): try deleteNIC(name, of: id)
        case .updateNIC(let name, let network): try updateNIC(name, of: id, network: network)
        case .configureNIC(let name, let wish): try configureNIC(name, of: id, wish)
        case .reserveAddress(let name, let address): try reserve(address, for: name, of: id)
        case .createSnapshot(let specification): try createSnapshot(specification, of: id)
        case .deleteSnapshot(let name): try deleteSnapshot(name, of: id)
        case .revertSnapshot(let name): try revert(id, to: name)
        case .clone(let name, let full, let start): _ = try clone(id, name: name, full: full, start: start)
        case .export(let image): _ = try beginExport(of: id, as: image)
        }
    }

    private mutating func set(
        _ id: VirtualMachine.ID, _ detail: String, _ body: (inout VirtualMachine) -> Void
    ) throws(ProviderError) {
        let isChanged = try machines.update(id) { machine in
            let before = machine.facts
            body(&machine.facts)
            return before != machine.facts
        }
        if isChanged { emit(id, detail) }
    }

    private mutating func setISO(_ name: String?, of id: VirtualMachine.ID) throws(ProviderError) {
        let iso = try name.map { (name) throws(ProviderError) in try Self.named(name, on: isos).facts.name }
        try set(id, "iso") { $0.iso = iso }
    }

    private mutating func setMetadata(
        _ key: String, _ value: String?, of id: VirtualMachine.ID
    ) throws(ProviderError) {
        try Self.check(name: key)
        guard (value ?? "").utf8.count <= 65536 else {
            throw ProviderError(.tooLarge, "metadata \(key): the value is larger than 64 KiB")
        }
        try set(id, "metadata") { $0.metadata[key] = value }
    }

    private mutating func addDisk(
        _ specification: Specification, to id: VirtualMachine.ID
    ) throws(ProviderError) {
        let machine = try machines.get(id)
        try checkDevice(specification.name, on: machine)
        let draft = try volumeDraft(specification)
        try checkTogether([draft])
        place(draft, on: id)
        emit(id, "disk added")
    }

    private mutating func attachDisk(_ volume: Disk.ID, to id: VirtualMachine.ID) throws(ProviderError) {
        let machine = try machines.get(id)
        let disk = try volumes.get(volume)
        if disk.holder == id { return }
        try checkFree(disk)
        try checkDevice("", on: machine)
        attach(volume, to: id, wish: "", bus: "virtio", type: "disk")
        emit(id, "disk attached")
    }

    private func checkDevice(_ wish: String, on machine: Machine) throws(ProviderError) {
        guard !machine.facts.disks.contains(where: { $0.name == wish }) else {
            throw ProviderError(.alreadyExists, "\(machine.facts.name) has a disk \(wish) already: choose another name")
        }
        guard machine.facts.disks.count < 26 else {
            throw ProviderError(.quotaExceeded, "\(machine.facts.name) has 26 disks, the most there can be")
        }
        if !wish.isEmpty { try Self.check(name: wish) }
    }

    private mutating func removeDisk(
        _ name: String, of id: VirtualMachine.ID, keepsVolume: Bool
    ) throws(ProviderError) {
        let machine = try machines.get(id)
        let disk = try self.disk(name, of: machine)
        guard !(disk.boot && !machine.isDown) else {
            throw ProviderError(.busy, "\(machine.facts.name) runs from its disk \(name): stop it first")
        }
        if let snapshot = machine.facts.snapshots.enumerated().first(where: { number, _ in
            machine.saved[number].disks.contains { $0.volume == disk.volume }
        })?.element {
            throw ProviderError(
                .busy, "the snapshot \(snapshot.name) of \(machine.facts.name) holds the disk \(name): delete it first")
        }
        try machines.update(id) { machine in machine.facts.disks.removeAll { $0.name == name } }
        if let volume = disk.volume { if keepsVolume { release(volume) } else { removeVolume(volume) } }
        emit(id, keepsVolume ? "disk detached" : "disk deleted")
    }

    private mutating func growDisk(_ name: String, of id: VirtualMachine.ID, to size: Int) throws(ProviderError) {
        let disk = try self.disk(name, of: try machines.get(id))
        guard let volume = disk.volume else {
            throw ProviderError(.unsupported, "the disk \(name) has no volume that could grow")
        }
        try grow(volume, to: size)
    }

    private func disk(_ name: String, of machine: Machine) throws(ProviderError) -> VirtualMachine.Disk {
        guard let disk = machine.facts.disks.first(where: { $0.name == name }) else {
            throw ProviderError(.notFound, "\(machine.facts.name) has no disk \(name)")
        }
        return disk
    }
}
