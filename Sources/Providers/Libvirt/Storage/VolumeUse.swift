import LibvirtKit
import ProviderAPI
import XMLKit

/// Who needs which volume on a host, asked anew: what is decided by it cannot be undone.
struct VolumeUse {
    /// UUID and name of the machines that have a path as a disk or a medium, now or at their next start.
    private var machines: [String: [(uuid: String, name: String)]] = [:]
    /// Paths of the volumes that others build on, with the name of one that does.
    private var backing: [String: String] = [:]

    init(on connection: Connection, _ catalog: VolumeCatalog) throws {
        for domain in try connection.domains() {
            for path in try Self.paths(of: domain, on: connection, catalog) {
                machines[path, default: []].append((domain.uuid, domain.name))
            }
        }
        for pool in try connection.pools(.active) {
            let name = pool.name
            for volume in try pool.volumes() {
                guard let detail = try Self.gone({ try catalog.read(volume, pool: name) }) else { continue }
                if let path = detail.backing { backing[path] = detail.name }
            }
        }
    }

    private static func paths(of domain: Domain, on connection: Connection, _ catalog: VolumeCatalog) throws
        -> Set<String>
    {
        var paths: Set<String> = []
        for inactive in [false, true] {
            guard let document = try gone({ try domain.document(inactive: inactive) }) else { continue }
            for disk in document.all("devices/disk") {
                paths.formUnion(chain(of: disk))
                guard let source = disk.first("source"), let pool = source["pool"], let volume = source["volume"] else {
                    continue
                }
                let wish = DomainDetail.Disk(target: "", pool: pool, volume: volume, type: "disk", boot: false)
                if let path = try catalog.volume(of: wish, on: connection)?.path { paths.insert(path) }
            }
        }
        return paths
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
        (machines[volume.path] ?? []).map(\.name)
    }

    /// Whether nobody else needs it.
    func isFree(_ volume: VolumeDetail, except uuid: String?) -> Bool {
        backing[volume.path] == nil && (machines[volume.path] ?? []).allSatisfy { $0.uuid == uuid }
    }

    /// Refuses, and says by whom it is needed.
    func requireFree(_ volume: VolumeDetail, except uuid: String?) throws(ProviderError) {
        if let other = backing[volume.path] {
            throw ProviderError(.busy, "volume \(volume.name): \(other) is built on it")
        }
        if let user = (machines[volume.path] ?? []).first(where: { $0.uuid != uuid }) {
            throw ProviderError(.busy, "volume \(volume.name): virtual machine \(user.name) has it")
        }
    }
}
