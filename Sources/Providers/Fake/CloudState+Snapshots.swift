import ProviderAPI

extension CloudState {
    /// Keeps the configuration of a machine and the content of its volumes.
    mutating func createSnapshot(
        _ specification: Specification, of id: VirtualMachine.ID
    ) throws(ProviderError) {
        try specification.require(only: ["description"])
        try Self.check(name: specification.name)
        let machine = try machines.get(id)
        guard !machine.facts.snapshots.contains(where: { $0.name == specification.name }) else {
            throw ProviderError(
                .alreadyExists,
                "\(machine.facts.name) has a snapshot \(specification.name) already: choose another name")
        }
        guard machine.facts.status != .starting, machine.facts.status != .stopping else {
            throw ProviderError(
                .busy, "\(machine.facts.name) is \(machine.facts.status.rawValue): wait until that is done")
        }
        let snapshot = VirtualMachine.Snapshot(
            name: specification.name, current: true, creationDate: Timestamp.iso(wallTime),
            description: specification.text("description"),
            parent: machine.facts.snapshots.first { $0.current }?.name, state: machine.facts.rawStatus)
        let saved = save(machine)
        try machines.update(id) { machine in
            machine.setCurrent(nil)
            machine.facts.snapshots.append(snapshot)
            machine.saved.append(saved)
        }
        emit(id, "snapshot created")
    }

    private func save(_ machine: Machine) -> Machine.Saved {
        var kept: [Disk.ID: Volume] = [:]
        for id in machine.facts.disks.compactMap(\.volume) { kept[id] = volumes[id] }
        return Machine.Saved(
            memory: machine.facts.memory, cpus: machine.facts.cpus, flavor: machine.facts.flavor,
            metadata: machine.facts.metadata, description: machine.facts.description, disks: machine.facts.disks,
            volumes: kept)
    }

    mutating func deleteSnapshot(_ name: String, of id: VirtualMachine.ID) throws(ProviderError) {
        let place = try snapshotPlace(name, of: id)
        try machines.update(id) { machine in
            let gone = machine.facts.snapshots.remove(at: place)
            machine.saved.remove(at: place)
            for child in machine.facts.snapshots.indices where machine.facts.snapshots[child].parent == name {
                machine.facts.snapshots[child].parent = gone.parent
            }
            if gone.current { machine.setCurrent(gone.parent) }
        }
        emit(id, "snapshot deleted")
    }

    /// Puts back what a snapshot keeps, and the power state of that time. Disks that came after it are detached and
    /// stay as volumes.
    mutating func revert(_ id: VirtualMachine.ID, to name: String) throws(ProviderError) {
        let place = try snapshotPlace(name, of: id)
        let machine = try machines.get(id)
        let saved = machine.saved[place]
        try checkRevert(to: saved)
        stop(id)
        for volume in machine.facts.disks.compactMap(\.volume) where saved.volumes[volume] == nil { release(volume) }
        for (volume, kept) in saved.volumes.sorted(by: { $0.key < $1.key }) { restore(volume, kept) }
        try machines.update(id) { machine in
            machine.facts.memory = saved.memory
            machine.facts.cpus = saved.cpus
            machine.facts.flavor = saved.flavor
            machine.facts.metadata = saved.metadata
            machine.facts.description = saved.description
            machine.facts.disks = saved.disks
            machine.setCurrent(name)
        }
        try resumeState(of: machine.facts.snapshots[place], id)
        emit(id, "reverted")
    }

    private mutating func resumeState(
        of snapshot: VirtualMachine.Snapshot, _ id: VirtualMachine.ID
    ) throws(ProviderError) {
        guard let state = snapshot.state, ["running", "suspended", "paused"].contains(state) else { return }
        restoreRunning(id)
        if state == "suspended" { try power(.suspend, id) }
        if state == "paused" { try power(.pause, id) }
    }

    private func checkRevert(to saved: Machine.Saved) throws(ProviderError) {
        var room: [String: Int] = [:]
        var written = 0
        for (id, kept) in saved.volumes {
            guard let now = volumes[id] else { continue }
            room[kept.facts.pool ?? "", default: 0] += kept.allocation - now.allocation
            written += kept.content.writtenBytes - now.content.writtenBytes
        }
        for (pool, bytes) in room { try checkRoom(bytes, in: pool) }
        try checkContent(written)
    }

    private mutating func restore(_ id: Disk.ID, _ kept: Volume) {
        guard let now = volumes[id] else { return }
        contentUsed += kept.content.writtenBytes - now.content.writtenBytes
        takeRoom(kept.allocation - now.allocation, in: kept.facts.pool ?? "")
        volumes.touch(id) { volume in
            volume.content = kept.content
            volume.allocation = kept.allocation
            volume.facts.size = kept.facts.size
            volume.facts.capacity = kept.facts.capacity
        }
        emit(id, "changed")
    }

    private func snapshotPlace(_ name: String, of id: VirtualMachine.ID) throws(ProviderError) -> Int {
        let machine = try machines.get(id)
        guard let place = machine.facts.snapshots.firstIndex(where: { $0.name == name }) else {
            throw ProviderError(.notFound, "\(machine.facts.name) has no snapshot \(name): list its snapshots")
        }
        return place
    }
}

extension Machine {
    /// Only the snapshot of that name is the one that the machine descends from.
    mutating func setCurrent(_ name: String?) {
        for place in facts.snapshots.indices {
            facts.snapshots[place].current = name != nil && facts.snapshots[place].name == name
        }
    }
}
