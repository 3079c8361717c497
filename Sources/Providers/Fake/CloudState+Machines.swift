import ProviderAPI

extension CloudState {
    /// A machine to be, checked: nothing of it exists yet.
    private struct Draft {
        var size: Size
        var image: ImageRecord?
        var disks: [VolumeDraft] = []
        var nics: [NICDraft] = []
    }

    /// Makes a machine as a whole or not at all.
    mutating func createMachine(_ specification: Specification) throws(ProviderError) -> VirtualMachine.ID {
        try specification.require(only: MachineParameters.names)
        try Self.checkNew(specification.name, on: machines)
        guard machines.count < options.vmQuota else {
            throw ProviderError(
                .quotaExceeded, "the quota of \(options.vmQuota) machines is used up: delete some or raise `quota`")
        }
        if specification.flag("secureboot") == true, specification.flag("uefi") == false {
            throw ProviderError(.invalidValue, "secureboot yes contradicts uefi no: set one of the two")
        }
        let draft = try check(specification)
        let id = VirtualMachine.ID(random.uuid())
        var facts = VirtualMachine(id: id, name: specification.name, status: .down, rawStatus: "shutoff")
        facts.memory = draft.size.memory
        facts.cpus = draft.size.cpus
        facts.flavor = draft.size.flavor
        facts.autostart = specification.flag("autostart") ?? false
        facts.image = draft.image?.facts.name
        facts.iso = specification.text("iso").flatMap { isos.find($0)?.facts.name }
        facts.creationDate = Timestamp.iso(wallTime)
        facts.description = specification.text("description")
        facts.metadata = MachineParameters.metadata(of: specification)
        machines.insert(Machine(facts: facts, leases: [], groups: specification.texts("securitygroups")))
        emit(id, "defined")
        for disk in draft.disks { place(disk, on: id) }
        reserve(draft.nics)
        for nic in draft.nics { add(nic, to: id) }
        if specification.flag("start") ?? true { try power(.up, id) }
        return id
    }

    private func check(_ specification: Specification) throws(ProviderError) -> Draft {
        var draft = Draft(size: try size(of: specification))
        if let name = specification.text("image") { draft.image = try usable(image: name) }
        if let name = specification.text("iso") { _ = try Self.named(name, on: isos) }
        for group in specification.texts("securitygroups") { _ = try Self.named(group, on: groups) }
        draft.disks = try diskDrafts(of: specification, image: draft.image, flavor: draft.size.disk)
        draft.nics = try nicDrafts(of: specification)
        return draft
    }

    func usable(image name: String) throws(ProviderError) -> ImageRecord {
        let image = try Self.named(name, on: images)
        guard image.facts.status == "available" else {
            throw ProviderError(.busy, "the image \(name) is \(image.facts.status ?? "not ready"): wait for it")
        }
        return image
    }

    /// Deletes a machine with the volumes that it was made with; others are let go.
    mutating func deleteMachine(_ id: VirtualMachine.ID) throws(ProviderError) {
        let machine = try machines.get(id)
        guard machine.isDown else {
            throw ProviderError(
                .busy, "\(machine.facts.name) is \(machine.facts.status.rawValue): stop it before it is deleted")
        }
        guard machine.facts.snapshots.isEmpty else {
            throw ProviderError(.notEmpty, "\(machine.facts.name) has snapshots: delete them first")
        }
        for volume in machine.facts.disks.compactMap(\.volume) {
            if volumes[volume]?.owner == id { removeVolume(volume) } else { release(volume) }
        }
        for place in machine.facts.nics.indices { leave(machine.facts.nics[place].network, machine.leases[place]) }
        machines.remove(id)
        emit(id, "deleted")
    }

    /// Gives a machine another name; its volumes keep theirs.
    mutating func rename(_ id: VirtualMachine.ID, to name: String) throws(ProviderError) {
        let machine = try machines.get(id)
        guard machine.facts.name != name else { return }
        try Self.checkNew(name, on: machines)
        try machines.update(id) { $0.facts.name = name }
        for volume in machine.facts.disks.compactMap(\.volume) {
            volumes.touch(volume) { $0.facts.vms = [name] }
            emit(volume, "changed")
        }
        for network in Set(machine.facts.nics.compactMap(\.network)).sorted() { emitNetwork(network) }
        emit(id, "renamed")
    }

    /// Makes a copy of a machine, of its volumes and of its configuration.
    mutating func clone(
        _ id: VirtualMachine.ID, name: String, full: Bool, start: Bool
    ) throws(ProviderError) -> VirtualMachine.ID {
        let source = try machines.get(id)
        try checkClone(of: source, name: name, full: full)
        let copy = VirtualMachine.ID(random.uuid())
        var facts = VirtualMachine(id: copy, name: name, status: .down, rawStatus: "shutoff")
        facts.memory = source.facts.memory
        facts.cpus = source.facts.cpus
        facts.flavor = source.facts.flavor
        facts.autostart = source.facts.autostart
        facts.image = source.facts.image
        facts.iso = source.facts.iso
        facts.creationDate = Timestamp.iso(wallTime)
        facts.description = source.facts.description
        facts.metadata = source.facts.metadata
        machines.insert(Machine(facts: facts, leases: [], groups: source.groups))
        emit(copy, "defined")
        for disk in source.facts.disks { copyDisk(disk, to: copy, full: full) }
        for nic in source.facts.nics {
            add(NICDraft(network: nic.network, mac: nil, model: nic.model, type: nic.type, address: nil), to: copy)
        }
        if start { try power(.up, copy) }
        return copy
    }

    /// Whether a copy can be made now.
    func checkClone(of source: Machine, name: String, full: Bool) throws(ProviderError) {
        try Self.checkNew(name, on: machines)
        guard machines.count < options.vmQuota else {
            throw ProviderError(.quotaExceeded, "the quota of \(options.vmQuota) machines is used up: delete some")
        }
        var room: [String: Int] = [:]
        var written = 0
        for disk in source.facts.disks {
            guard let volume = disk.volume.flatMap({ volumes[$0] }), let pool = volume.facts.pool else { continue }
            room[pool, default: 0] += full ? volume.allocation : Self.smallest
            written += volume.content.writtenBytes
        }
        for (pool, bytes) in room { try checkRoom(bytes, in: pool) }
        try checkContent(written)
    }
}
