import ProviderAPI

/// The subnets.
struct SubnetService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [.listSubnets, .createSubnet, .deleteSubnet, .updateSubnet, .serviceSubnet]
    let parameters = StandardParameters.subnet + Self.service
    static let service = [
        Parameter("dhcp", .flag, "whether it gives addresses out"),
        Parameter("pools", .list, "each FIRST LAST of what it gives addresses from"),
        Parameter("dns", .list, "servers that resolve names"),
    ]

    func list() async throws(ProviderError) -> [Subnet] {
        try await cloud.enter(.listSubnets)
        return try cloud.garbled(try cloud.change { $0.subnets.facts })
    }

    func items(_ ids: [Subnet.ID]) async throws(ProviderError) -> [Subnet] {
        try await cloud.enter(.listSubnets, label: "subnets.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.subnets[$0]?.facts } })
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Subnet {
        try await cloud.enter(.createSubnet)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createSubnet(specification)
            return try state.subnets.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: Subnet.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteSubnet)
        try cloud.change { (state) throws(ProviderError) in try state.deleteSubnet(id) }
        job.accepted()
    }

    func apply(_ change: Subnet.Change, to id: Subnet.ID, _ job: any JobReporter) async throws(ProviderError) -> Subnet
    {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            try state.change(change, of: id)
            return try state.subnets.get(id).facts
        }
    }
}
