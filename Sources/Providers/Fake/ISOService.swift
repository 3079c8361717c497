import ProviderAPI

/// The media for CD drives.
struct ISOService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [.listISOs, .createISO, .deleteISO]
    let parameters = StandardParameters.image.filter { $0.name != "format" }

    func list() async throws(ProviderError) -> [ISO] {
        try await cloud.enter(.listISOs)
        return try cloud.garbled(try cloud.change { $0.isos.facts })
    }

    func items(_ ids: [ISO.ID]) async throws(ProviderError) -> [ISO] {
        try await cloud.enter(.listISOs, label: "isos.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.isos[$0]?.facts } })
    }

    /// Makes an empty one at once, or a downloaded one in a job; an interruption leaves none.
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> ISO {
        try await cloud.enter(.createISO)
        let iso = try cloud.change { (state) throws(ProviderError) in
            let id = try state.beginISO(specification)
            return try state.isos.get(id).facts
        }
        guard iso.status != "available" else {
            job.accepted()
            return iso
        }
        do { try await cloud.work(job) } catch {
            try cloud.change { (state) throws(ProviderError) in try state.deleteISO(iso.id) }
            throw error
        }
        return try cloud.change { (state) throws(ProviderError) in
            try state.finishISO(iso.id)
            return try state.isos.get(iso.id).facts
        }
    }

    func delete(_ id: ISO.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteISO)
        try cloud.change { (state) throws(ProviderError) in try state.deleteISO(id) }
        job.accepted()
    }
}
