import ProviderAPI

/// The DNS zones.
struct ZoneService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [
        .listDNS, .createDNSZone, .deleteDNSZone, .updateDNS, .updateTTL,
    ]

    func list() async throws(ProviderError) -> [DNSZone] {
        try await cloud.enter(.listDNS)
        return try cloud.garbled(try cloud.change { $0.zones.facts })
    }

    func items(_ ids: [DNSZone.ID]) async throws(ProviderError) -> [DNSZone] {
        try await cloud.enter(.listDNS, label: "dns.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.zones[$0]?.facts } })
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> DNSZone {
        try await cloud.enter(.createDNSZone)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createZone(specification)
            return try state.zones.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: DNSZone.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteDNSZone)
        try cloud.change { (state) throws(ProviderError) in try state.deleteZone(id) }
        job.accepted()
    }

    func apply(_ change: DNSZone.Change, to id: DNSZone.ID, _ job: any JobReporter) async throws(ProviderError)
        -> DNSZone
    {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            try state.change(change, of: id)
            return try state.zones.get(id).facts
        }
    }
}
