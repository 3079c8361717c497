import ProviderAPI

extension CloudState {
    static let poolTypes = ["dir", "logical", "zfs", "rbd", "nfs"]

    /// The pool of a name, or the standard one: it exists and is available.
    func poolName(_ asked: String?) throws(ProviderError) -> String {
        if let asked {
            let pool = try Self.named(asked, on: pools).facts
            guard pool.active else {
                throw ProviderError(.busy, "the pool \(pool.name) is inactive: activate it or name another")
            }
            return pool.name
        }
        let active = pools.facts.filter(\.active)
        guard let pool = active.first(where: { $0.name == "default" }) ?? active.first else {
            throw ProviderError(.noSpace, "there is no active storage pool: make one or activate one")
        }
        return pool.name
    }

    func checkRoom(_ bytes: Int, in pool: String) throws(ProviderError) {
        guard let facts = pools.find(pool)?.facts, bytes > facts.available ?? 0 else { return }
        throw ProviderError(
            .noSpace, "the pool \(pool) has \(facts.available ?? 0) bytes free and \(bytes) are needed: use another")
    }

    /// Takes room of a pool, or gives it back where it is negative.
    mutating func takeRoom(_ bytes: Int, in name: String) {
        guard bytes != 0, let id = pools.find(name)?.facts.id else { return }
        pools.touch(id) { pool in
            let allocation = (pool.facts.allocation ?? 0) + bytes
            pool.facts.allocation = allocation
            pool.facts.available = (pool.facts.capacity ?? 0) - allocation
        }
        emit(id, "changed")
    }

    func checkContent(_ bytes: Int) throws(ProviderError) {
        guard contentUsed + bytes <= options.contentLimit else {
            throw ProviderError(
                .noSpace, "the simulated cloud keeps \(options.contentLimit >> 20) MiB of content: raise content_limit")
        }
    }

    mutating func createPool(_ specification: Specification) throws(ProviderError) -> Pool.ID {
        try specification.require(only: Set(StandardParameters.pool.map(\.name)))
        try Self.checkNew(specification.name, on: pools)
        let type = try Self.word("type", specification.text("type") ?? "dir", Self.poolTypes)
        let path = specification.text("path") ?? "/srv/\(specification.name)"
        guard path.hasPrefix("/") else { throw ProviderError(.invalidValue, "path: \(path) does not begin with /") }
        var pool = Pool(id: Pool.ID("pool-" + random.hex(8)), name: specification.name, type: type, path: path)
        pool.autostart = specification.flag("autostart") ?? true
        pool.capacity = 1 << 40
        pool.allocation = 0
        pool.available = 1 << 40
        pools.insert(Plain(facts: pool))
        emit(pool.id, "created")
        return pool.id
    }

    mutating func deletePool(_ id: Pool.ID) throws(ProviderError) {
        let pool = try pools.get(id).facts
        let holds =
            volumes.all.contains { $0.facts.pool == pool.name } || images.all.contains { $0.facts.pool == pool.name }
            || isos.all.contains { $0.facts.pool == pool.name }
        guard !holds else { throw ProviderError(.notEmpty, "the pool \(pool.name) holds volumes: delete them first") }
        pools.remove(id)
        emit(id, "deleted")
    }

    mutating func change(_ change: Pool.Change, of id: Pool.ID) throws(ProviderError) {
        if case .active(false) = change { try checkIdle(try pools.get(id).facts) }
        try pools.update(id) { pool in
            switch change {
            case .autostart(let autostart): pool.facts.autostart = autostart
            case .active(let active): pool.facts.active = active
            }
        }
        emit(id, "changed")
    }

    private func checkIdle(_ pool: Pool) throws(ProviderError) {
        let used = volumes.all.first { volume in
            volume.facts.pool == pool.name && volume.holder.flatMap { machines[$0] }.map { !$0.isDown } ?? false
        }
        guard let used else { return }
        throw ProviderError(
            .busy, "the pool \(pool.name) holds \(used.facts.name) of a machine that runs: stop the machine first")
    }

    mutating func createDisk(_ specification: Specification) throws(ProviderError) -> Disk.ID {
        try specification.require(only: Set(StandardParameters.disk.map(\.name)))
        try Self.checkNew(specification.name, on: volumes)
        let draft = try volumeDraft(specification)
        try checkTogether([draft])
        return makeVolume(draft, name: specification.name, owner: nil)
    }

    mutating func deleteDisk(_ id: Disk.ID) throws(ProviderError) {
        try checkFree(try volumes.get(id))
        removeVolume(id)
    }

    /// Makes a volume larger, wherever it is attached.
    mutating func grow(_ id: Disk.ID, to size: Int) throws(ProviderError) {
        let volume = try volumes.get(id)
        let old = volume.facts.size ?? 0
        guard size != old else { return }
        guard size > old else {
            throw ProviderError(.invalidValue, "\(volume.facts.name) has \(old) GiB and can only be made larger")
        }
        try Self.check("size", size, 1...65536, unit: "GiB")
        let more = volume.isThin ? 0 : (size - old) * Self.gibibyte
        try checkRoom(more, in: volume.facts.pool ?? "")
        setSize(of: id, to: size, more: more)
        takeRoom(more, in: volume.facts.pool ?? "")
        emit(id, "grown")
    }

    private mutating func setSize(of id: Disk.ID, to size: Int, more: Int) {
        volumes.touch(id) { volume in
            volume.facts.size = size
            volume.facts.capacity = size * Self.gibibyte
            volume.content.resize(size * Self.gibibyte)
            volume.allocation += more
        }
        guard let holder = volumes[id]?.holder else { return }
        machines.touch(holder) { machine in
            for place in machine.facts.disks.indices where machine.facts.disks[place].volume == id {
                machine.facts.disks[place].size = size
            }
        }
        emit(holder, "disk grown")
    }
}
