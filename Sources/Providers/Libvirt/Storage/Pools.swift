import LibvirtKit
import ProviderAPI
import XMLKit

/// The storage pools of a host.
struct Pools: CollectionService {
    let session: Session
    let volumes: VolumeCatalog
    let operations: Set<Operation> = [.listPools, .createPool, .deletePool, .updatePool]

    var parameters: [Parameter] { PoolDefinition.parameters }
    /// Starting and stopping have events, and so has a refresh; what fills up has none.
    var eventCoverage: EventCoverage { .all(except: ["autostart", "allocation", "available", "capacity"]) }

    func list() async throws(ProviderError) -> [Pool] {
        try await session.run("pools") { connection in
            let active = Set(try connection.pools(.active).map(\.uuid))
            let autostart = Set(try connection.pools(.autostart).map(\.uuid))
            return try connection.pools().map { pool in
                var item = Pool(id: .init(pool.uuid), name: pool.name, active: active.contains(pool.uuid))
                item.autostart = autostart.contains(pool.uuid)
                try Self.fill(&item, from: pool, on: connection)
                return item
            }
        }
    }

    func items(_ ids: [Pool.ID]) async throws(ProviderError) -> [Pool] {
        try await session.run("pools") { connection in try ids.compactMap { try Self.item($0, on: connection) } }
    }

    private static func item(_ id: Pool.ID, on connection: Connection) throws -> Pool? {
        try unless(.noStoragePool) {
            let pool = try connection.pool(uuid: id.rawValue)
            var item = Pool(id: id, name: pool.name, active: try pool.isActive())
            item.autostart = try pool.autostart()
            try fill(&item, from: pool, on: connection)
            return item
        }
    }

    /// What its XML tells; one that cannot be read says why.
    private static func fill(_ item: inout Pool, from pool: StoragePool, on connection: Connection) throws {
        do {
            let document = try XMLElement(parsing: try pool.xml())
            item.type = document["type"]
            item.path = document.text("target/path")
            item.source = PoolDefinition.source(of: document)
            guard item.active else { return }
            item.capacity = document.text("capacity").flatMap { Int($0) }
            item.allocation = document.text("allocation").flatMap { Int($0) }
            item.available = document.text("available").flatMap { Int($0) }
        } catch let error as LibvirtError where connection.isAlive {
            item.fault = "\(error)"
        } catch let error as XMLError {
            item.fault = "\(error)"
        }
    }

    // MARK: Changes

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Pool {
        try specification.require(only: Set(parameters.map(\.name)))
        try MachineName.check(specification.name)
        let definition = try PoolDefinition(specification)
        return try await session.run("pool \(specification.name)") { connection in
            let pool = try make(definition, on: connection)
            guard let item = try Self.item(.init(pool.uuid), on: connection) else {
                throw ProviderError(.notFound, "pool \(specification.name): it went away at once")
            }
            return item
        }
    }

    private func make(_ definition: PoolDefinition, on connection: Connection) throws -> StoragePool {
        let name = definition.name
        // Defining again would change a pool that is there.
        guard try !connection.pools().contains(where: { $0.name == name }) else {
            throw ProviderError(.alreadyExists, "pool \(name): the name is taken")
        }
        try requireSupport(of: definition, on: connection)
        let owed = Owed.pool(uuid: definition.uuid, name: name)
        let pool = try session.debts.making(owed, on: connection) {
            try connection.define(pool: definition.document.description)
        }
        do {
            if definition.builds || definition.type.isDirectory {
                try pool.build(isNew: definition.builds && definition.type.isFormatted)
            }
            // The start comes last: one that is active is whole.
            try pool.setAutostart(definition.autostart)
            try pool.start()
        } catch {
            session.debts.takeBack(owed, on: connection)
            throw error
        }
        return pool
    }

    /// libvirt itself calls it an internal error.
    private func requireSupport(of definition: PoolDefinition, on connection: Connection) throws {
        let types: XMLElement
        do {
            types = try XMLElement(parsing: try connection.poolCapabilities())
        } catch let error as LibvirtError where error.code == .noSupport {
            return
        }
        let type = definition.type.rawValue
        guard types.all("pool").contains(where: { $0["type"] == type && $0["supported"] == "no" }) else { return }
        throw ProviderError(
            .unsupported, "pool \(definition.name): this libvirt was not built with pools of type \(type)")
    }

    func delete(_ id: Pool.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("pool \(id)") { connection in
            let pool = try connection.pool(uuid: id.rawValue)
            let isActive = try pool.isActive()
            if isActive {
                // Volumes that came or went behind libvirt's back count as they are; a pool that cannot be looked at may go.
                _ = try? pool.refresh()
                // A directory in it is none of its volumes, and stays where it is.
                let count = try pool.volumes().filter { (try? $0.isDirectory()) != true }.count
                guard count == 0 else {
                    throw ProviderError(.notEmpty, "pool \(pool.name): it holds \(count) volumes: remove them first")
                }
            }
            defer { volumes.removeAll() }
            guard try pool.isPersistent() else { return try pool.stop() }
            let before = Owed.stoppedPool(uuid: pool.uuid, name: pool.name)
            try session.debts.undertaking(isActive ? [before] : [], on: connection) {
                if isActive { try pool.stop() }
                try pool.undefine()
            }
        }
    }

    func apply(_ change: Pool.Change, to id: Pool.ID, _ job: any JobReporter) async throws(ProviderError) -> Pool {
        try await session.run("pool \(id)") { connection in
            let pool = try connection.pool(uuid: id.rawValue)
            switch change {
            case .autostart(let flag): try pool.setAutostart(flag)
            case .active(let flag):
                guard try pool.isActive() != flag else { break }
                if flag { try pool.start() } else { try pool.stop() }
            }
            volumes.removeAll()
            guard let item = try Self.item(id, on: connection) else {
                throw ProviderError(.notFound, "pool \(id): it is gone")
            }
            return item
        }
    }
}
