import ProviderAPI

/// The volumes, those of machines among them.
struct DiskService: BulkService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [.listDisks, .createDisk, .deleteDisk, .growDisk, .readDisk, .writeDisk]
    let parameters = StandardParameters.disk

    func list() async throws(ProviderError) -> [Disk] {
        try await cloud.enter(.listDisks)
        return try cloud.garbled(try cloud.change { $0.volumes.facts })
    }

    func items(_ ids: [Disk.ID]) async throws(ProviderError) -> [Disk] {
        try await cloud.enter(.listDisks, label: "disks.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.volumes[$0]?.facts } })
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Disk {
        try await cloud.enter(.createDisk)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createDisk(specification)
            return try state.volumes.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: Disk.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteDisk)
        try cloud.change { (state) throws(ProviderError) in try state.deleteDisk(id) }
        job.accepted()
    }

    func apply(_ change: Disk.Change, to id: Disk.ID, _ job: any JobReporter) async throws(ProviderError) -> Disk {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            switch change {
            case .grow(let size): try state.grow(id, to: size)
            }
            return try state.volumes.get(id).facts
        }
    }

    func content(of id: Disk.ID, writable: Bool) async throws(ProviderError) -> any BulkContent {
        try await cloud.enter(writable ? .writeDisk : .readDisk)
        if writable {
            try cloud.change { (state) throws(ProviderError) in try state.checkWritable(try state.volumes.get(id)) }
        }
        let source = VolumeSource(id: id)
        _ = try cloud.change { (state) throws(ProviderError) in try source.content(in: state) }
        return CloudContent(cloud: cloud, source: source, isWritable: writable)
    }
}
