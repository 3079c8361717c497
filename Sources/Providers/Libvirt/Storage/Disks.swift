import LibvirtKit
import ProviderAPI

/// Every volume of every active pool.
struct Disks: BulkService {
    let session: Session
    let volumes: VolumeCatalog
    let machines: MachineCache
    /// The pool for volumes that name none.
    let pool: String?
    let operations: Set<Operation>

    var parameters: [Parameter] { StandardParameters.disk }

    func list() async throws(ProviderError) -> [ProviderAPI.Disk] {
        try await session.run("disks") { connection in
            try volumes.all(on: connection).map { found in
                var disk = disk(found)
                disk.vms = machines.machines(with: disk)
                disk.isComplete = machines.isWhole || disk.fault != nil
                return disk
            }
        }
    }

    func items(_ ids: [ProviderAPI.Disk.ID]) async throws(ProviderError) -> [ProviderAPI.Disk] {
        try await session.run("disks") { connection in
            let use = try VolumeUse(on: connection, volumes)
            return try ids.compactMap { id in
                guard let detail = try volumes.volume(key: id.rawValue, on: connection) else { return nil }
                var disk = disk(.volume(detail))
                disk.vms = use.users(of: detail)
                return disk
            }
        }
    }

    private func disk(_ found: VolumeCatalog.Found) -> ProviderAPI.Disk {
        switch found {
        case .volume(let detail):
            var disk = ProviderAPI.Disk(
                id: .init(detail.key), name: detail.name, size: detail.gibibytes, capacity: detail.length,
                pool: detail.pool, path: detail.path, format: detail.format)
            disk.allocation = detail.allocation
            return disk
        case .odd(let key, let name, let pool, let reason):
            var disk = ProviderAPI.Disk(id: .init(key), name: name, pool: pool)
            disk.fault = reason
            return disk
        }
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError)
        -> ProviderAPI.Disk
    {
        try specification.require(only: Set(parameters.map(\.name)))
        try MachineName.check(specification.name)
        return try await session.run("disk \(specification.name)") { connection in
            let pool = try Storage.pool(specification.text("pool") ?? self.pool, on: connection)
            var maker = VolumeMaker(connection: connection, catalog: volumes, pool: self.pool, debts: session.debts)
            return disk(.volume(try maker.make(specification.name, specification, in: pool)))
        }
    }

    func delete(_ id: ProviderAPI.Disk.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("disk \(id)") { try volumes.delete(key: id.rawValue, on: $0) }
    }

    func apply(_ change: ProviderAPI.Disk.Change, to id: ProviderAPI.Disk.ID, _ job: any JobReporter)
        async throws(ProviderError) -> ProviderAPI.Disk
    {
        guard operations.contains(change.operation) else { throw .unsupported(change.operation) }
        guard case .grow(let size) = change else { throw .unsupported(change.operation) }
        try await session.run("disk \(id)") { try grow(id.rawValue, to: size << 30, on: $0) }
        guard let disk = try await items([id]).first else { throw ProviderError(.notFound, "disk \(id): it is gone") }
        return disk
    }

    func content(of id: ProviderAPI.Disk.ID, writable: Bool) async throws(ProviderError) -> any BulkContent {
        try await VolumeContent.open(id.rawValue, writable: writable, session: session, volumes: volumes)
    }

    /// A volume that a running machine has grows through it, so that the guest sees it and nothing is torn.
    private func grow(_ key: String, to bytes: Int, on connection: Connection) throws {
        let volume = try connection.volume(key: key)
        let detail = try volumes.read(volume, pool: try volume.pool().name)
        guard bytes >= detail.capacity else {
            throw ProviderError(.invalidValue, "disk \(detail.name) has \(detail.gibibytes) GiB: it can only grow")
        }
        guard bytes > detail.capacity else { return }
        defer { volumes.removeAll() }
        for domain in try connection.domains(.active) {
            let disks = DomainDetail(try domain.document()).disks
            guard let disk = disks.first(where: { $0.path == detail.path }) else { continue }
            return try domain.resizeBlock(disk.target, to: bytes)
        }
        try volume.resize(to: bytes)
    }
}
