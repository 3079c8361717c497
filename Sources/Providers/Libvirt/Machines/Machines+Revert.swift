import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// Takes a machine back to a snapshot, which stays. What was written since is gone.
    func revert(_ id: VirtualMachine.ID, to name: String, _ job: any JobReporter) async throws(ProviderError) {
        try await session.long("\(cache.subject(id)): snapshot \(name)", job) { [self] connection, _, _ in
            let domain = try connection.domain(uuid: id.rawValue)
            let snapshot = try domain.snapshot(named: name)
            let document = try XMLElement(parsing: try snapshot.xml(secrets: true))
            job.accepted()
            guard SnapshotRecord(document).isExternal else {
                return try revertInside(snapshot, SnapshotRecord(document), of: domain, on: connection)
            }
            do {
                try snapshot.revert()
                try refreshPools(of: try paths(of: domain), on: connection, within: Self.patienceAfter)
            } catch let error as LibvirtError where [.configUnsupported, .operationUnsupported].contains(error.code) {
                // libvirt before 9.10 cannot do it by itself.
                try revertExternally(domain, document, on: connection)
            }
        }
    }

    /// Back inside the volumes. Those that the disks went on in since are left for good, and go.
    private func revertInside(
        _ snapshot: DomainSnapshot, _ record: SnapshotRecord, of domain: Domain, on connection: Connection
    ) throws {
        let before = DomainDetail(try domain.document(inactive: true))
        try refreshPools(of: record.inside, on: connection)
        try requireUnfrozen(record.inside, of: domain)
        try requireAlone(record.inside, in: try chain(of: domain, on: connection), on: connection)
        let own = try OwnVolumes(of: domain)
        try snapshot.revert()
        // libvirt puts back the list of that time as well.
        if !own.keys.isEmpty { try changeOwnVolumes(of: domain, on: connection) { $0.formUnion(own.keys) } }
        let now = DomainDetail(try domain.document(inactive: true)).disks
        let left = before.disks.filter { old in now.contains { $0.target == old.target && $0.path != old.path } }
        guard !left.isEmpty else { return }
        try refreshPools(of: left.compactMap(\.path), on: connection, within: Self.patienceAfter)
        for path in left.compactMap(\.path) { try deleteLeftover(path, of: own, on: connection) }
    }

    /// The state of an external snapshot is all that is in the volumes that it froze: to go back inside one of these would
    /// be its end.
    private func requireUnfrozen(_ paths: [String], of domain: Domain) throws {
        for snapshot in try domain.snapshots() {
            let record = SnapshotRecord(try XMLElement(parsing: try snapshot.xml()))
            guard record.disks.contains(where: { $0.path.map(paths.contains) ?? false }) else { continue }
            throw ProviderError(
                .busy, "snapshot \(record.name) was taken after it and is in the volume that would change")
        }
    }

    /// New volumes on those of the snapshot, then the definition, then the power: a failure or a crash in between loses
    /// nothing that a revert would have kept, and the snapshot's own volumes are never written.
    private func revertExternally(_ domain: Domain, _ snapshot: XMLElement, on connection: Connection) throws {
        let record = SnapshotRecord(snapshot)
        guard let running = snapshot.first("domain") else {
            throw ProviderError(.unsupported, "libvirt does not tell what the machine was like in this snapshot")
        }
        let before = DomainDetail(try domain.document(inactive: true))
        try refreshPools(of: try paths(of: domain) + record.paths, on: connection)
        let own = try OwnVolumes(of: domain)
        var made: [(volume: StorageVolume, pool: String)] = []
        var paths: [String: String] = [:]
        do {
            for disk in record.disks {
                let (volume, pool) = try newTop(on: disk, record.name, connection)
                made.append((volume, pool))
                paths[disk.target] = try volume.path()
            }
            var next = SnapshotRecord.domain(snapshot.first("inactiveDomain") ?? running, on: paths)
            next = MachineMetadata.domain(next, owning: before.ownVolumes.union(made.map(\.volume.key)))
            _ = try connection.define(domain: next.description)
        } catch {
            for (volume, pool) in made { session.debts.takeBack(volume: volume.name, of: pool, on: connection) }
            volumes.removeAll()
            throw error
        }
        if try domain.isActive() { try domain.destroy() }
        if let file = record.memoryFile {
            try connection.restore(from: file, xml: SnapshotRecord.domain(running, on: paths).description)
        }
        try redefine(snapshot, on: paths, of: domain)
        volumes.removeAll()
        for disk in before.disks where paths[disk.target] != nil {
            // One that somebody put in its place is not the machine's to delete.
            if let path = disk.path { try deleteLeftover(path, of: own, on: connection) }
        }
    }

    /// libvirt finds what to merge later by the volumes that the disks went on in: after this snapshot the new ones, after
    /// each one before it those that the next one froze.
    private func redefine(_ snapshot: XMLElement, on paths: [String: String], of domain: Domain) throws {
        try domain.redefine(snapshot: SnapshotRecord.snapshot(snapshot, on: paths).description, isCurrent: true)
        var next = snapshot
        while let name = next.text("parent/name") {
            let before = try XMLElement(parsing: try domain.snapshot(named: name).xml(secrets: true))
            let frozen = SnapshotRecord(next).disks.compactMap { disk in disk.path.map { (disk.target, $0) } }
            if SnapshotRecord(before).isExternal {
                let told = SnapshotRecord.snapshot(before, on: Dictionary(frozen) { first, _ in first })
                try domain.redefine(snapshot: told.description, isCurrent: false)
            }
            next = before
        }
    }

    private func newTop(on disk: DomainDetail.Disk, _ snapshot: String, _ connection: Connection) throws
        -> (StorageVolume, pool: String)
    {
        guard let path = disk.path, let base = try volumes.current(of: disk, on: connection) else {
            throw ProviderError(.unsupported, "disk \(disk.target) of snapshot \(snapshot): no pool has its volume")
        }
        let top = try overlay(of: disk, snapshot, [], on: connection)
        let directory = String(top[..<(top.lastIndex(of: "/") ?? top.startIndex)])
        let pool = try connection.pools(.active).first { pool in
            try XMLElement(parsing: try pool.xml()).text("target/path") == directory
        }
        guard let pool else {
            throw ProviderError(
                .unsupported, "no pool has the directory \(directory), where disk \(disk.target) goes on")
        }
        let name = String(top.dropFirst(directory.utf8.count + 1))
        let xml = VolumeDefinition.volume(
            name, capacity: base.capacity, format: "qcow2", backing: (path, disk.format ?? "raw"))
        return (try pool.createVolume(xml, on: connection, session.debts), pool.name)
    }
}
