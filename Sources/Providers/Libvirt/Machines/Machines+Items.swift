import LibvirtKit
import ProviderAPI

extension Machines {
    func items(_ ids: [VirtualMachine.ID]) async throws(ProviderError) -> [VirtualMachine] {
        // More than a few are cheaper with the facts of all in a handful of calls.
        let bulk = ids.count > 4
        let context = try await session.run("virtual machines") { try MachineContext(of: $0, bulk: bulk) }
        // As many parts as libvirt can answer at a time, none so small that it is not worth a call of its own.
        let size = max(16, (ids.count + Session.lanes - 1) / Session.lanes)
        guard ids.count > size else { return try await items(ids, context) }
        return try await items(
            chunks: stride(from: 0, to: ids.count, by: size).map { start in
                Array(ids[start..<min(start + size, ids.count)])
            }, context)
    }

    private func items(_ ids: [VirtualMachine.ID], _ context: MachineContext) async throws(ProviderError)
        -> [VirtualMachine]
    {
        let subject = ids.count == 1 ? cache.subject(ids[0]) : "virtual machines"
        return try await session.run(subject) { connection in
            let index = try HostIndex(of: connection, for: ids.count, of: cache.count)
            return try ids.compactMap { try machine($0, on: connection, context, index) }
        }
    }

    /// Several requests at a time: libvirt answers them in parallel.
    private func items(chunks: [[VirtualMachine.ID]], _ context: MachineContext) async throws(ProviderError)
        -> [VirtualMachine]
    {
        do {
            return try await withThrowingTaskGroup(of: (Int, [VirtualMachine]).self) { group in
                for (index, chunk) in chunks.enumerated() {
                    group.addTask { (index, try await items(chunk, context)) }
                }
                var parts = [[VirtualMachine]](repeating: [], count: chunks.count)
                for try await (index, part) in group { parts[index] = part }
                return parts.flatMap { $0 }
            }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }
}

/// Handles of a host's domains and volumes, listed in a few calls where many of them are about to be read: each saves the
/// calls that look one up. Empty where a few are asked of many. It stays on the thread of its connection.
struct HostIndex {
    private var domains: [String: (domain: Domain, state: DomainState)] = [:]
    private var volumes: [String: (volume: StorageVolume, pool: String)] = [:]

    /// A line of a listing costs a fraction of a look-up; this is where both cost the same.
    private static let share = 40

    /// Nothing is listed: everything is looked up.
    init() {}

    /// What is worth listing to read `count` of `total` machines.
    init(of connection: Connection, for count: Int, of total: Int) throws {
        guard count > 4, count * Self.share >= total else { return }
        for (filter, state) in [(DomainFilter.running, DomainState.running), (.shutOff, .shutOff)] {
            for domain in try connection.domains(filter) { domains[domain.uuid] = (domain, state) }
        }
        for pool in try connection.pools(.active) {
            let name = pool.name
            // A pool that ends meanwhile has none.
            let found = try unless(.noStoragePool, .operationInvalid) {
                try pool.volumeCount() <= count * Self.share ? try pool.volumes() : []
            }
            for volume in found ?? [] {
                volumes[volume.key] = (volume, name)
                volumes[Self.key(name, volume.name)] = (volume, name)
            }
        }
    }

    /// A domain and its state: those that are neither running nor off have to be looked up.
    func domain(_ uuid: String) -> (domain: Domain, state: DomainState)? { domains[uuid] }

    /// The volume of that name in a pool.
    func volume(named name: String, in pool: String) -> StorageVolume? { volumes[Self.key(pool, name)]?.volume }

    /// No path has two names in it.
    private static func key(_ pool: String, _ name: String) -> String { "\(pool)\n\(name)" }

    /// The volume of a path, where the pool takes paths as keys, as those of files and block devices do.
    func volume(path: String) -> (volume: StorageVolume, pool: String)? { volumes[path] }
}
