import ProviderAPI

/// The security groups.
struct SecurityGroupService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [
        .listSecurityGroups, .createSecurityGroup, .deleteSecurityGroup, .updateSecurityGroup,
    ]
    let parameters = StandardParameters.securityGroup

    func list() async throws(ProviderError) -> [SecurityGroup] {
        try await cloud.enter(.listSecurityGroups)
        return try cloud.garbled(try cloud.change { $0.groups.facts })
    }

    func items(_ ids: [SecurityGroup.ID]) async throws(ProviderError) -> [SecurityGroup] {
        try await cloud.enter(.listSecurityGroups, label: "security_groups.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.groups[$0]?.facts } })
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> SecurityGroup {
        try await cloud.enter(.createSecurityGroup)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createGroup(specification)
            return try state.groups.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: SecurityGroup.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteSecurityGroup)
        try cloud.change { (state) throws(ProviderError) in try state.deleteGroup(id) }
        job.accepted()
    }

    func apply(_ change: SecurityGroup.Change, to id: SecurityGroup.ID, _ job: any JobReporter)
        async throws(ProviderError) -> SecurityGroup
    {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            try state.change(change, of: id)
            return try state.groups.get(id).facts
        }
    }
}
