import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// How long a pool that libvirt is at work in is waited for before anything was done, and after.
    private static let patienceBefore = Duration.seconds(10)
    static let patienceAfter = Duration.seconds(60)

    /// A volume that libvirt made or removed on the way is known to its pool only after it looked again, which it does not
    /// while it makes or copies another one there. `busy` where a pool that these volumes are in does not look again in that
    /// time: what is built on what could not be told then.
    func refreshPools(of paths: [String], on connection: Connection, within patience: Duration = patienceBefore) throws
    {
        let folders = Set(paths.compactMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } })
        for pool in try connection.pools(.active) {
            let document = try XMLElement(parsing: try pool.xml())
            guard VolumeMaker.holdsFiles(document) else { continue }
            if folders.contains(document.text("target/path") ?? "") {
                try refresh(pool, within: patience)
            } else {
                // One that cannot be read now has nothing to do with what was asked for.
                _ = try? pool.refresh()
            }
        }
        volumes.removeAll()
    }

    private func refresh(_ pool: StoragePool, within patience: Duration) throws {
        let end = ContinuousClock.now + patience
        while let obstacle = try obstacle(to: pool) {
            guard ContinuousClock.now < end else {
                throw ProviderError(
                    .busy, "pool \(pool.name): libvirt is at work in it: try again when that is done", cause: obstacle)
            }
            usleep(100_000)
        }
    }

    /// Looks again; libvirt's words where it does not now.
    private func obstacle(to pool: StoragePool) throws -> String? {
        do throws(LibvirtError) {
            try pool.refresh()
            return nil
        } catch {
            // It has no code of its own for jobs that are under way.
            guard error.code == .internalError else { throw error }
            return error.message
        }
    }

    /// The paths of a machine's disks, as they are and as they will be.
    func paths(of domain: Domain) throws -> [String] {
        try disks(of: domain).compactMap(\.path)
    }

    private func disks(of domain: Domain) throws -> [DomainDetail.Disk] {
        DomainDetail(try domain.document(inactive: true)).disks + DomainDetail(try domain.document()).disks
    }

    /// The paths of a machine's disks and of all that they are built on.
    func chain(of domain: Domain, on connection: Connection) throws -> Set<String> {
        var chain: Set<String> = []
        for disk in try disks(of: domain) {
            var next = try volumes.volume(of: disk, on: connection)?.path ?? disk.path
            while let path = next, chain.insert(path).inserted {
                let here = DomainDetail.Disk(target: "", path: path, type: "disk", boot: false)
                next = try volumes.volume(of: here, on: connection)?.backing
            }
        }
        return chain
    }

    /// Whether a machine with this chain of volumes does not descend from a snapshot. What no pool knows may be further down
    /// in the chain than can be seen: libvirt is to judge then.
    func isAside(_ record: SnapshotRecord, of chain: Set<String>, on connection: Connection) throws -> Bool {
        try !record.disks.isEmpty
            && record.disks.allSatisfy { disk in
                guard let path = disk.path, !chain.contains(path) else { return false }
                return try volumes.volume(of: disk, on: connection) != nil
            }
    }

    /// Deletes a volume that nothing needs any more; one that is needed, or that no pool knows, stays.
    func deleteLeftover(_ path: String, on connection: Connection) throws {
        try deleteLeftover(path, on: connection) { _ in true }
    }

    /// The same for one of the machine's own that is built on another of its own: what it once went on in, and no disk.
    func deleteLeftover(_ path: String, of own: OwnVolumes, on connection: Connection) throws {
        try deleteLeftover(path, on: connection) { volume in
            guard own.contains(volume), let below = volume.backing else { return false }
            let disk = DomainDetail.Disk(target: "", path: below, type: "disk", boot: false)
            return try volumes.volume(of: disk, on: connection).map(own.contains) ?? false
        }
    }

    private func deleteLeftover(
        _ path: String, on connection: Connection, where isMeant: (VolumeDetail) throws -> Bool
    ) throws {
        guard let volume = try unless(.noStorageVolume, call: { try connection.volume(path: path) }) else { return }
        let detail = try volumes.read(volume, pool: try volume.pool().name)
        guard try isMeant(detail), try VolumeUse(on: connection, volumes).isFree(detail, except: nil) else { return }
        try delete(detail, on: connection)
    }
}
