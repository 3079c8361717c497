import ProviderAPI

/// The networks.
struct NetworkService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [
        .listNetworks, .createNetwork, .deleteNetwork, .updateNetwork, .portsNetwork, .serviceNetwork, .linkNetwork,
        .renameNetwork, .updateMTU, .describeNetwork, .guardNetwork, .shareNetwork,
    ]
    let parameters = StandardParameters.network + Self.use

    /// What it is for, and who may use it.
    static let use = [
        Parameter("description", .text, "free text"),
        Parameter("port_security", .flag, "whether addresses are checked and security groups hold"),
        Parameter("shared", .flag, "whether other projects may use it"),
    ]

    func list() async throws(ProviderError) -> [Network] {
        try await cloud.enter(.listNetworks)
        return try cloud.garbled(try cloud.change { $0.networksWithPorts() })
    }

    func items(_ ids: [Network.ID]) async throws(ProviderError) -> [Network] {
        try await cloud.enter(.listNetworks, label: "networks.items")
        return try cloud.garbled(try cloud.change { $0.networksWithPorts(Set(ids)) })
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Network {
        try await cloud.enter(.createNetwork)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createNetwork(specification)
            return try state.networks.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: Network.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteNetwork)
        try cloud.change { (state) throws(ProviderError) in try state.deleteNetwork(id) }
        job.accepted()
    }

    func apply(
        _ change: Network.Change, to id: Network.ID, _ job: any JobReporter
    ) async throws(ProviderError) -> Network {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            try state.change(change, of: id)
            guard let item = state.networksWithPorts([id]).first else { throw Shelf<NetworkRecord>.missing(id) }
            return item
        }
    }
}
