import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    func delete(_ id: VirtualMachine.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run(cache.subject(id)) { connection in
            defer { cache.remove(id.rawValue) }
            let domain = try connection.domain(uuid: id.rawValue)
            try require(!(try domain.isActive()), domain, "it is running: write down to its status first")
            guard try domain.snapshotCount() == 0 else {
                throw ProviderError(.notEmpty, "virtual machine \(domain.name): it has snapshots: remove them first")
            }
            let own = try removableVolumes(of: domain, on: connection)
            let interfaces = DomainDetail(try domain.document(inactive: true)).nics
            let name = domain.name
            let owed = try Owed.removals(of: own, machine: id.rawValue, on: connection)
            try session.debts.undertaking(owed, on: connection) {
                try domain.undefine()
                try Reservations(of: name, on: connection, session.debts).release(interfaces)
                for volume in own { try delete(volume, on: connection) }
            }
        }
    }

    /// The volumes of its disks that were made for it: by the list in its metadata or by kcli's way to name them.
    func ownVolumes(of domain: Domain, on connection: Connection) throws -> [VolumeDetail] {
        let detail = DomainDetail(try domain.document(inactive: true))
        let drives = try domain.document(inactive: true).all("devices/disk").filter { $0["device"] == "cdrom" }
        // kcli's cloud-init disc is a volume of the machine as well.
        let discs = drives.compactMap { $0.first("source")?["file"] }.map {
            DomainDetail.Disk(target: "", path: $0, type: "cdrom", boot: false)
        }
        let all = try (detail.disks + discs).compactMap { try volumes.volume(of: $0, on: connection) }
        let own = try OwnVolumes(of: domain)
        return all.filter(own.contains)
    }

    /// Its own volumes, less those that another machine uses or another volume builds on: those stay.
    private func removableVolumes(of domain: Domain, on connection: Connection) throws -> [VolumeDetail] {
        let own = try ownVolumes(of: domain, on: connection)
        guard !own.isEmpty else { return [] }
        let use = try VolumeUse(on: connection, volumes)
        return own.filter { use.isFree($0, except: domain.uuid) }
    }
}

/// What was made for a machine: by the list in its metadata, or by kcli's way to name volumes.
struct OwnVolumes {
    /// Those of the list.
    let keys: Set<String>
    private let machine: String
    private let uuid: String

    init(of domain: Domain) throws {
        keys = MachineMetadata.ownVolumes(of: try domain.document(inactive: true))
        machine = domain.name
        uuid = domain.uuid
    }

    func contains(_ volume: VolumeDetail) -> Bool {
        keys.contains(volume.key) || Self.isOwn(volume.name, machine: machine, uuid: uuid)
    }

    /// kcli's names: `web1_0.img`, `web1.img`, `web1.ISO`, or with the machine's UUID in it.
    static func isOwn(_ volume: String, machine: String, uuid: String) -> Bool {
        if volume == "\(machine).ISO" || volume.hasPrefix("\(machine).img") || volume.contains(uuid) { return true }
        guard volume.hasPrefix("\(machine)_") else { return false }
        let rest = volume.dropFirst(machine.utf8.count + 1)
        let number = rest.prefix { $0.isASCII && $0.isNumber }
        // `web_1_0.img` belongs to the machine `web_1`, not to `web`.
        return !number.isEmpty && rest.dropFirst(number.count).first == "."
    }
}
