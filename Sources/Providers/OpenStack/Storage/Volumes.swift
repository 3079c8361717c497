import ProviderAPI

/// The volumes of Block Storage.
struct Volumes: CollectionService {
    let cloud: Cloud
    let recent: RecentServers

    static let supported: Set<Operation> = [.listDisks, .createDisk, .deleteDisk, .growDisk]
    var operations: Set<Operation> { Self.supported }
    let parameters =
        StandardParameters.disk.filter { ["size", "image"].contains($0.name) } + [
            Parameter("snapshot", .text, "the snapshot of a volume to start from"),
            Parameter("source", .text, "the volume to copy"),
            Parameter("type", .text, "the volume type", aliases: ["pool"]),
            Parameter("az", .text, "availability zone"),
        ]

    func list() async throws(ProviderError) -> [Disk] {
        let volumes = try await cloud.list(
            VolumePayload.self, "volumes", .volume, "volumes/detail", to: "list volumes")
        return volumes.map { listed in
            switch listed {
            case .payload(let volume): return Disk(volume)
            case .odd(let id, let name, let reason):
                var disk = Disk(id: .init(id), name: name)
                disk.fault = reason
                return disk
            }
        }
    }

    func items(_ ids: [Disk.ID]) async throws(ProviderError) -> [Disk] {
        var disks: [Disk] = []
        if ids.count > 3 {
            let wanted = Set(ids)
            disks = try await list().filter { wanted.contains($0.id) }
        } else {
            for id in ids {
                let what = "look at volume \(id)"
                let volume = try await cloud.found(
                    VolumePayload.self, "volume", .volume, "volumes/\(id)", to: what)
                if let volume { disks.append(Disk(volume)) }
            }
        }
        return try await named(disks)
    }

    /// With the names of the servers instead of their ids.
    private func named(_ disks: [Disk]) async throws(ProviderError) -> [Disk] {
        let names = try await cloud.names(ofServers: Set(disks.flatMap(\.vms)))
        return disks.map { disk in
            var disk = disk
            disk.vms = disk.vms.map { names[$0] ?? $0 }
            disk.isComplete = true
            return disk
        }
    }

    private func named(_ volume: VolumePayload) async throws(ProviderError) -> Disk {
        try await named([Disk(volume)]).first ?? Disk(volume)
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Disk {
        try specification.require(only: Set(parameters.map(\.name)))
        let volume = try await cloud.makeVolume(specification)
        job.accepted()
        do throws(ProviderError) {
            return try await named(try await cloud.awaitVolume(volume.id, "available"))
        } catch {
            await cloud.discardVolume(volume.id)
            throw error
        }
    }

    func delete(_ id: Disk.ID, _ job: any JobReporter) async throws(ProviderError) {
        let volume = try await cloud.volume(id.rawValue)
        if let server = volume.attachments?.first?.server {
            throw ProviderError(.busy, "volume \(volume.title) is attached to the server \(server): detach it first")
        }
        job.accepted()
        try await cloud.deleteVolume(volume)
    }

    func apply(_ change: Disk.Change, to id: Disk.ID, _ job: any JobReporter) async throws(ProviderError) -> Disk {
        defer { recent.forget() }
        switch change {
        case .grow(let size): try await cloud.growVolume(try await cloud.volume(id.rawValue), to: size)
        }
        return try await named(try await cloud.volume(id.rawValue))
    }
}

extension Disk {
    init(_ volume: VolumePayload) {
        self.init(
            id: .init(volume.id), name: volume.title, size: volume.size, capacity: volume.size << 30, pool: volume.type,
            path: nil, format: nil, vms: (volume.attachments ?? []).compactMap(\.server))
        isComplete = vms.isEmpty
        if volume.status.hasPrefix("error") { fault = "Block Storage says \(volume.status)" }
    }
}
