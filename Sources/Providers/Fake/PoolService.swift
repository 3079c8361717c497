import ProviderAPI

/// The storage pools.
struct PoolService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [.listPools, .createPool, .deletePool, .updatePool]
    let parameters = StandardParameters.pool

    func list() async throws(ProviderError) -> [Pool] {
        try await cloud.enter(.listPools)
        return try cloud.garbled(try cloud.change { $0.pools.facts })
    }

    func items(_ ids: [Pool.ID]) async throws(ProviderError) -> [Pool] {
        try await cloud.enter(.listPools, label: "pools.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.pools[$0]?.facts } })
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Pool {
        try await cloud.enter(.createPool)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createPool(specification)
            return try state.pools.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: Pool.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deletePool)
        try cloud.change { (state) throws(ProviderError) in try state.deletePool(id) }
        job.accepted()
    }

    func apply(_ change: Pool.Change, to id: Pool.ID, _ job: any JobReporter) async throws(ProviderError) -> Pool {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            try state.change(change, of: id)
            return try state.pools.get(id).facts
        }
    }
}
