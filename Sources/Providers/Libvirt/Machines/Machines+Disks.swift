import LibvirtKit
import ProviderAPI
import XMLKit

/// Names of disks in a guest: the bus' letters and a letter for each disk.
enum DiskName {
    static let prefixes = ["virtio": "vd", "scsi": "sd", "sata": "sd", "usb": "sd", "ide": "hd", "fdc": "fd"]

    /// The first free name of a bus, or the wish if it is one of the bus and free, in all of these documents.
    static func free(bus: String, wish: String? = nil, in documents: [XMLElement]) throws(ProviderError) -> String {
        let used = Set(documents.flatMap { $0.all("devices/disk") }.compactMap { $0.first("target")?["dev"] })
        return try free(bus: bus, wish: wish, except: used)
    }

    static func free(bus: String, wish: String? = nil, except used: Set<String>) throws(ProviderError) -> String {
        guard let prefix = prefixes[bus] else {
            let known = prefixes.keys.sorted().joined(separator: ", ")
            throw ProviderError(.invalidValue, "bus \(bus) is not one of \(known)")
        }
        if let wish, isName(wish, prefix: prefix), !used.contains(wish) { return wish }
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let names =
            letters.map { "\(prefix)\($0)" } + letters.flatMap { first in letters.map { "\(prefix)\(first)\($0)" } }
        guard let name = names.first(where: { !used.contains($0) }) else {
            throw ProviderError(.outOfRange, "a machine cannot have more disks on bus \(bus)")
        }
        return name
    }

    private static func isName(_ name: String, prefix: String) -> Bool {
        let rest = name.dropFirst(prefix.count)
        return name.hasPrefix(prefix) && (1...2).contains(rest.count) && rest.allSatisfy { ("a"..."z").contains($0) }
    }
}

extension Machines {
    func addDisk(_ specification: Specification, to domain: Domain, on connection: Connection) throws {
        let wish = try DiskWish(specification)
        let documents = [try domain.document(), try domain.document(inactive: true)]
        let target = try DiskName.free(bus: wish.bus, wish: wish.name, in: documents)
        var maker = VolumeMaker(connection: connection, catalog: volumes, pool: pool, debts: session.debts)
        do {
            let volume = try maker.volume(for: wish.volume, machine: domain.name)
            if !wish.isShareable { try requireUnused(volume, on: connection) }
            let made = Set(maker.made.map(\.key))
            try owning(made, domain, on: connection) {
                try attach(wish.element(volume, target: target, order: wish.order), to: domain, on: connection)
            }
        } catch {
            maker.undo()
            throw error
        }
    }

    /// Volumes are the machine's own before it has them: nothing that it has is nobody's, whenever this process ends.
    private func owning(_ made: Set<String>, _ domain: Domain, on connection: Connection, _ body: () throws -> Void)
        throws
    {
        if !made.isEmpty { try changeOwnVolumes(of: domain, on: connection) { $0.formUnion(made) } }
        do {
            try body()
        } catch {
            // A key without its volume means nothing.
            if !made.isEmpty { try? changeOwnVolumes(of: domain, on: connection) { $0.subtract(made) } }
            throw error
        }
    }

    func attachDisk(_ id: ProviderAPI.Disk.ID, to domain: Domain, on connection: Connection) throws {
        let volume = try connection.volume(key: id.rawValue)
        let detail = try volumes.read(volume, pool: try volume.pool().name)
        try requireUnused(detail, on: connection)
        let documents = [try domain.document(), try domain.document(inactive: true)]
        let target = try DiskName.free(bus: "virtio", in: documents)
        try attach(DomainDefinition.disk(detail, target: target, bus: "virtio"), to: domain, on: connection)
    }

    /// Takes a disk away; `deleting` also deletes its volume, unless something else needs it.
    func detachDisk(_ name: String, of domain: Domain, deleting: Bool, on connection: Connection) throws {
        let detail = DomainDetail(try domain.document())
        let next = DomainDetail(try domain.document(inactive: true))
        guard let disk = (detail.disks + next.disks).first(where: { $0.target == name }) else {
            throw ProviderError(.notFound, "virtual machine \(domain.name) has no disk \(name)")
        }
        let volume = try volumes.volume(of: disk, on: connection)
        if let path = volume?.path ?? disk.path { try requireLast(path, of: domain) }
        if deleting, let volume {
            let use = try VolumeUse(on: connection, volumes)
            try use.requireFree(volume, except: domain.uuid)
        }
        if let volume, !deleting { session.debts.forgive(volume: volume.name, of: volume.pool) }
        let leaving = [deleting ? volume : nil].compactMap(\.self)
        try session.debts.undertaking(
            try Owed.removals(of: leaving, machine: nil, on: connection), on: connection
        ) {
            try detach(from: domain, on: connection) { $0.name == "disk" && $0.first("target")?["dev"] == name }
            guard let volume else { return }
            try changeOwnVolumes(of: domain, on: connection) { $0.remove(volume.key) }
            if deleting { try delete(volume, on: connection) }
        }
    }

    /// A volume that a disk went on in after a snapshot is deleted with that: it stays with its machine until then.
    private func requireLast(_ path: String, of domain: Domain) throws {
        for snapshot in try domain.snapshots() {
            let record = SnapshotRecord(try XMLElement(parsing: try snapshot.xml()))
            guard record.successors.contains(path) else { continue }
            throw ProviderError(
                .busy, "the disk goes on in this volume after snapshot \(record.name): delete that first")
        }
    }

    func growDisk(_ name: String, to gibibytes: Int, of domain: Domain, on connection: Connection) throws {
        guard let disk = DomainDetail(try domain.document()).disks.first(where: { $0.target == name }) else {
            throw ProviderError(.notFound, "virtual machine \(domain.name) has no disk \(name)")
        }
        guard let detail = try volumes.current(of: disk, on: connection) else {
            throw ProviderError(.unsupported, "disk \(name): no pool has its volume, so it cannot grow here")
        }
        let bytes = gibibytes << 30
        guard bytes >= detail.capacity else {
            throw ProviderError(.invalidValue, "disk \(name) has \(detail.gibibytes) GiB: it can only grow")
        }
        guard bytes > detail.capacity else { return }
        if try domain.isActive() {
            try domain.resizeBlock(name, to: bytes)
        } else {
            try connection.volume(key: detail.key).resize(to: bytes)
        }
        volumes.removeAll()
    }

    func delete(_ volume: VolumeDetail, on connection: Connection) throws {
        // One that is gone already is as it was asked for.
        _ = try unless(.noStorageVolume) { try connection.volume(key: volume.key).delete() }
        volumes.removeAll()
    }

    private func requireUnused(_ volume: VolumeDetail, on connection: Connection) throws {
        try VolumeUse(on: connection, volumes).requireFree(volume, except: nil)
    }
}
