import ProviderAPI

/// The buckets.
struct BucketService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    /// What can be done with the objects is told here too.
    let operations: Set<Operation> = [
        .listBuckets, .createBucket, .deleteBucket, .updateBucket, .annotateBucket, .listObjects, .readObject,
        .writeObject, .copyObject, .deleteObject,
    ]
    let parameters = [Parameter("public", .flag, "whether everybody may read its objects")]

    func list() async throws(ProviderError) -> [Bucket] {
        try await cloud.enter(.listBuckets)
        return try cloud.garbled(try cloud.change { $0.buckets.facts })
    }

    func items(_ ids: [Bucket.ID]) async throws(ProviderError) -> [Bucket] {
        try await cloud.enter(.listBuckets, label: "buckets.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.buckets[$0]?.facts } })
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Bucket {
        try await cloud.enter(.createBucket)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createBucket(specification)
            return try state.buckets.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: Bucket.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteBucket)
        try cloud.change { (state) throws(ProviderError) in try state.deleteBucket(id) }
        job.accepted()
    }

    func apply(_ change: Bucket.Change, to id: Bucket.ID, _ job: any JobReporter) async throws(ProviderError) -> Bucket
    {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            try state.change(change, of: id)
            return try state.buckets.get(id).facts
        }
    }
}
