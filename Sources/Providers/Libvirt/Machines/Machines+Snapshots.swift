import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// What making a snapshot takes.
    static let snapshotParameters = [
        Parameter("description", .text, "free text"),
        Parameter("memory", .flag, "whether the memory of a running machine is kept too"),
        Parameter("external", .flag, "whether disks go on in new volumes, instead of the snapshot being in theirs"),
    ]

    /// Takes a snapshot: inside the volumes where all of them are qcow2, with the memory of a machine that runs; else
    /// outside, in volumes that the disks go on in.
    func createSnapshot(_ wish: Specification, of id: VirtualMachine.ID, _ job: any JobReporter)
        async throws(ProviderError)
    {
        try wish.require(only: Set(Self.snapshotParameters.map(\.name)))
        try MachineName.check(wish.name)
        try await session.long(cache.subject(id), job) { [self] connection, _, _ in
            let domain = try connection.domain(uuid: id.rawValue)
            let others = try domain.snapshots().map(\.name)
            guard !others.contains(wish.name) else {
                throw ProviderError(.alreadyExists, "snapshot \(wish.name): the name is taken")
            }
            let isActive = try domain.isActive()
            let plan = try SnapshotPlan(
                wish, of: try domain.document(), isActive: isActive, holdsAny: session.driver == .test)
            job.accepted()
            let pool = try plan.disks.first.flatMap { try volumes.volume(of: $0, on: connection) }?.pool
            guard let pool = try pool.map({ try connection.pool(named: $0) }) else {
                return try create(plan, of: domain, others, on: connection)
            }
            let memory = plan.keepsMemory ? try domain.sizes().memory << 10 : 0
            try Room.for(memory, in: pool) { try create(plan, of: domain, others, on: connection) }
        }
    }

    private func create(_ plan: SnapshotPlan, of domain: Domain, _ others: [String], on connection: Connection) throws {
        if plan.isExternal {
            try createExternal(plan, of: domain, others, on: connection)
        } else {
            try domain.createSnapshot(xml: plan.header.description)
        }
    }

    private func createExternal(
        _ plan: SnapshotPlan, of domain: Domain, _ others: [String], on connection: Connection
    ) throws {
        try refreshPools(of: plan.disks.compactMap(\.path), on: connection)
        let own = Set(try ownVolumes(of: domain, on: connection).map(\.path))
        var snapshot = plan.header
        var disks = XMLElement("disks")
        var overlays: [String] = []
        for disk in plan.disks {
            let overlay = try overlay(of: disk, plan.name, others, on: connection)
            if own.contains(disk.path ?? "") { overlays.append(overlay) }
            disks.append(
                XMLElement(
                    "disk", ["name": disk.target, "snapshot": "external", "type": "file"],
                    [XMLElement("driver", ["type": "qcow2"]), XMLElement("source", ["file": overlay])]))
        }
        for target in plan.others { disks.append(XMLElement("disk", ["name": target, "snapshot": "no"])) }
        if plan.keepsMemory {
            let directory = try directory(of: plan.disks.first?.path, on: connection)
            let file = "\(directory)/\(domain.name).\(plan.name).mem"
            snapshot.append(XMLElement("memory", ["snapshot": "external", "file": file]))
        } else {
            snapshot.append(XMLElement("memory", ["snapshot": "no"]))
        }
        snapshot.append(disks)
        try domain.createSnapshot(xml: snapshot.description, keepingMemory: plan.keepsMemory)
        try refreshPools(of: plan.disks.compactMap(\.path), on: connection, within: Self.patienceAfter)
        // The new volumes belong to the machine where the old ones do.
        let keys = try overlays.map { try connection.volume(path: $0).key }
        guard !keys.isEmpty else { return }
        try changeOwnVolumes(of: domain, on: connection) { $0.formUnion(keys) }
    }

    /// The path of the volume that a disk goes on in: `web1_0.img.before`.
    func overlay(of disk: DomainDetail.Disk, _ snapshot: String, _ others: [String], on connection: Connection)
        throws -> String
    {
        let directory = try directory(of: disk.path, on: connection)
        var stem = disk.path?.split(separator: "/").last.map(String.init) ?? disk.target
        if let other = others.first(where: { stem.hasSuffix(".\($0)") }) { stem.removeLast(other.count + 1) }
        var path = "\(directory)/\(stem).\(snapshot)"
        var number = 1
        while try unless(.noStorageVolume, call: { try connection.volume(path: path) }) != nil {
            number += 1
            path = "\(directory)/\(stem).\(snapshot)-\(number)"
        }
        return path
    }

    /// Where a new file can be: beside the disk's own, or in the pool for volumes that name none.
    private func directory(of path: String?, on connection: Connection) throws -> String {
        if let path, !path.hasPrefix("/dev/"), let slash = path.lastIndex(of: "/") { return String(path[..<slash]) }
        let pool = try Storage.pool(self.pool, on: connection)
        let document = try XMLElement(parsing: try pool.xml())
        guard VolumeMaker.holdsFiles(document), let path = document.text("target/path") else {
            throw ProviderError(.unsupported, "pool \(pool.name) holds no files, which an external snapshot needs")
        }
        return path
    }

    // MARK: Removal

    /// Deletes a snapshot; what was written after it stays. External ones are merged into the volumes before them.
    func deleteSnapshot(_ name: String, of id: VirtualMachine.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.long("\(cache.subject(id)): snapshot \(name)", job) { [self] connection, _, _ in
            let domain = try connection.domain(uuid: id.rawValue)
            let snapshot = try domain.snapshot(named: name)
            let record = SnapshotRecord(try XMLElement(parsing: try snapshot.xml()))
            job.accepted()
            guard record.isExternal else { return try deleteInside(snapshot, record, of: domain, on: connection) }
            let paths = try paths(of: domain) + record.paths
            try refreshPools(of: paths, on: connection)
            let chain = try chain(of: domain, on: connection)
            if try isAside(record, of: chain, on: connection) {
                try forget(snapshot, record, of: domain, on: connection)
            } else {
                try requireAlone(record.paths, in: chain, on: connection)
                try snapshot.delete()
            }
            try refreshPools(of: paths, on: connection, within: Self.patienceAfter)
            if let file = record.memoryFile { try deleteLeftover(file, on: connection) }
        }
    }

    /// Deletes one that is inside volumes; those that the machine went on from in others, and that nothing else needs, go.
    private func deleteInside(
        _ snapshot: DomainSnapshot, _ record: SnapshotRecord, of domain: Domain, on connection: Connection
    ) throws {
        let own = try OwnVolumes(of: domain)
        try snapshot.delete()
        guard !Set(record.inside).isSubset(of: try paths(of: domain)) else { return }
        try refreshPools(of: record.inside, on: connection, within: Self.patienceAfter)
        let chain = try chain(of: domain, on: connection)
        for path in record.inside where !chain.contains(path) { try deleteLeftover(path, of: own, on: connection) }
    }

    /// These volumes are to change or to go: nothing that anybody needs may be built on them, as another snapshot is on a
    /// branch that was left, or the disk of another machine.
    func requireAlone(_ paths: [String], in chain: Set<String>, on connection: Connection) throws {
        let changed = Set(paths)
        let others = try volumes.all(on: connection).compactMap { found -> VolumeDetail? in
            guard case .volume(let other) = found, !chain.contains(other.path), let backing = other.backing else {
                return nil
            }
            return changed.contains(backing) ? other : nil
        }
        guard !others.isEmpty else { return }
        let use = try VolumeUse(on: connection, volumes)
        guard let needed = others.first(where: { !use.isFree($0, except: nil) }) else { return }
        throw ProviderError(
            .busy,
            "\(needed.name) is built on what that would change: delete it, or the snapshots of its branch, first"
        )
    }

    /// A snapshot that the machine's state does not descend from: nothing to merge, its volumes are its own.
    private func forget(
        _ snapshot: DomainSnapshot, _ record: SnapshotRecord, of domain: Domain, on connection: Connection
    ) throws {
        guard try snapshot.childCount() == 0 else {
            throw ProviderError(.busy, "others were taken after it, on a branch that was left: delete those first")
        }
        let own = try OwnVolumes(of: domain)
        try snapshot.delete(metadataOnly: true)
        for path in record.paths { try deleteLeftover(path, of: own, on: connection) }
    }
}

/// How a snapshot is to be taken.
struct SnapshotPlan {
    let name: String
    let isExternal: Bool
    let keepsMemory: Bool
    /// The disks that it keeps, and the names of the drives that it passes over.
    let disks: [DomainDetail.Disk]
    let others: [String]
    private let description: String?

    /// `holdsAny`: whether disks of any format can hold a snapshot, as those of libvirt's simulation.
    init(_ wish: Specification, of domain: XMLElement, isActive: Bool, holdsAny: Bool) throws(ProviderError) {
        name = wish.name
        description = wish.text("description")
        let drives = domain.all("devices/disk")
        let kept = drives.filter { drive in
            drive["device"] ?? "disk" == "disk" && drive.first("readonly") == nil && drive.first("source") != nil
        }
        disks = kept.map { drive in
            DomainDetail.Disk(
                target: drive.first("target")?["dev"] ?? "", format: drive.first("driver")?["type"],
                path: drive.first("source")?["file"] ?? drive.first("source")?["dev"], type: "disk", boot: false)
        }
        others = drives.filter { !kept.contains($0) }.compactMap { $0.first("target")?["dev"] }
        let raw = holdsAny ? nil : disks.first { $0.format != "qcow2" }
        let memory = wish.flag("memory")
        guard memory != true || isActive else {
            throw ProviderError(.invalidValue, "snapshot \(name): the machine is down, so there is no memory to keep")
        }
        isExternal = wish.flag("external") ?? (raw != nil || (isActive && memory == false))
        keepsMemory = isActive && memory ?? !isExternal
        if !isExternal, let raw {
            throw ProviderError(
                .unsupported, "snapshot \(name): disk \(raw.target) is no qcow2 and cannot hold one: write external yes"
            )
        }
        if !isExternal, isActive, memory == false {
            throw ProviderError(
                .unsupported, "snapshot \(name): one inside the volumes of a running machine holds its memory too")
        }
    }

    /// What the XML of a snapshot begins with.
    var header: XMLElement {
        var snapshot = XMLElement("domainsnapshot", [:], [XMLElement("name", text: name)])
        if let description { snapshot.append(XMLElement("description", text: description)) }
        return snapshot
    }
}
