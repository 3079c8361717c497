import LibvirtKit
import ProviderAPI
import XMLKit

/// Who needs which volume on a host, asked anew: what is decided by it cannot be undone.
struct VolumeUse {
    private struct Machine {
        var uuid: String
        var name: String
        var isActive: Bool
    }

    /// The machines that have a path as a disk or a medium, now or at their next start.
    private var machines: [String: [Machine]] = [:]
    /// The names of the machines that have something in a drive now, as the list of all volumes tells it.
    private var users: [DomainDetail.Source: Set<String>] = [:]
    /// Paths that a machine's snapshot needs, with the words for it.
    private var snapshots: [String: String] = [:]
    /// Paths of the volumes that others build on, with the name of one that does.
    private var backing: [String: String] = [:]

    init(on connection: Connection, _ catalog: VolumeCatalog) throws {
        let active = Set(try connection.domains(.active).map(\.uuid))
        for domain in try connection.domains() {
            let machine = Machine(uuid: domain.uuid, name: domain.name, isActive: active.contains(domain.uuid))
            let (paths, sources) = try Self.drives(of: domain, on: connection, catalog)
            for path in paths { machines[path, default: []].append(machine) }
            for source in sources { users[source, default: []].insert(machine.name) }
        }
        for domain in try connection.domains(.withSnapshots) { try addSnapshots(of: domain) }
        for pool in try connection.pools(.active) {
            let name = pool.name
            for volume in try pool.volumes() {
                guard let detail = try Self.gone({ try catalog.read(volume, pool: name) }) else { continue }
                if let path = detail.backing { backing[path] = detail.name }
            }
        }
    }

    private mutating func addSnapshots(of domain: Domain) throws {
        for snapshot in try unless(.noDomain, call: { try domain.snapshots() }) ?? [] {
            guard let text = try unless(.noSnapshot, .noDomain, call: { try snapshot.xml() }) else { continue }
            let document = try XMLElement(parsing: text)
            let words = "snapshot \(snapshot.name) of \(domain.name)"
            let disks = document.all("domain/devices/disk").flatMap(Self.chain)
            let file = document.first("memory")?["file"].map { [$0] } ?? []
            for path in disks + file { snapshots[path] = words }
        }
    }

    /// The paths of all that its drives need, now and at its next start, and what is in them now.
    private static func drives(of domain: Domain, on connection: Connection, _ catalog: VolumeCatalog) throws
        -> (paths: Set<String>, sources: Set<DomainDetail.Source>)
    {
        var paths: Set<String> = []
        var sources: Set<DomainDetail.Source> = []
        for inactive in [false, true] {
            guard let document = try gone({ try domain.document(inactive: inactive) }) else { continue }
            if !inactive { sources = DomainDetail(document).sources }
            for disk in document.all("devices/disk") {
                paths.formUnion(chain(of: disk))
                guard let source = disk.first("source"), let pool = source["pool"], let volume = source["volume"] else {
                    continue
                }
                let wish = DomainDetail.Disk(target: "", pool: pool, volume: volume, type: "disk", boot: false)
                if let path = try catalog.volume(of: wish, on: connection)?.path { paths.insert(path) }
            }
        }
        return (paths, sources)
    }

    /// The paths of a disk and of all that it builds on, as far as its XML tells.
    private static func chain(of disk: XMLElement) -> [String] {
        let own = disk.first("source").flatMap { $0["file"] ?? $0["dev"] }
        let next = disk.first("backingStore").map(chain) ?? []
        return (own.map { [$0] } ?? []) + next
    }

    /// nil where the thing went away meanwhile.
    private static func gone<Answer>(_ read: () throws -> Answer) throws -> Answer? {
        try unless(.noDomain, .noStorageVolume, call: read)
    }

    /// The names of the machines that have it.
    func users(of volume: VolumeDetail) -> [String] {
        let names = DomainDetail.Source.all(path: volume.path, pool: volume.pool, volume: volume.name)
        return Set(names.compactMap { users[$0] }.joined()).sorted()
    }

    /// Whether nobody else needs it.
    func isFree(_ volume: VolumeDetail, except uuid: String?) -> Bool {
        backing[volume.path] == nil && snapshots[volume.path] == nil
            && (machines[volume.path] ?? []).allSatisfy { $0.uuid == uuid }
    }

    /// Refuses a change of its content under a machine that runs or a volume that is built on it, and says by whom it is
    /// needed.
    func requireWritable(_ volume: VolumeDetail) throws(ProviderError) {
        if let other = backing[volume.path] {
            throw ProviderError(.busy, "volume \(volume.name): \(other) is built on it")
        }
        if let snapshot = snapshots[volume.path] {
            throw ProviderError(.busy, "volume \(volume.name): \(snapshot) is in it: delete that first")
        }
        if let user = (machines[volume.path] ?? []).first(where: \.isActive) {
            throw ProviderError(
                .busy, "volume \(volume.name): virtual machine \(user.name) has it and runs: stop it first")
        }
    }

    /// Refuses, and says by whom it is needed.
    func requireFree(_ volume: VolumeDetail, except uuid: String?) throws(ProviderError) {
        if let other = backing[volume.path] {
            throw ProviderError(.busy, "volume \(volume.name): \(other) is built on it")
        }
        if let snapshot = snapshots[volume.path] {
            throw ProviderError(.busy, "volume \(volume.name): \(snapshot) needs it: delete that first")
        }
        if let user = (machines[volume.path] ?? []).first(where: { $0.uuid != uuid }) {
            throw ProviderError(.busy, "volume \(volume.name): virtual machine \(user.name) has it")
        }
    }
}
