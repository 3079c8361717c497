import ProviderAPI

/// The images, with their content.
struct ImageService: BulkService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [.listImages, .createImage, .deleteImage, .readImage, .writeImage, .updateImage]
    let parameters = StandardParameters.image + Self.notes

    /// What is told of an image.
    static let notes = [
        Parameter("visibility", .choice(CloudState.visibilities), "who may use it"),
        Parameter("properties", .map, "free keys and values"),
    ]

    func list() async throws(ProviderError) -> [Image] {
        try await cloud.enter(.listImages)
        return try cloud.garbled(try cloud.change { $0.images.facts })
    }

    func items(_ ids: [Image.ID]) async throws(ProviderError) -> [Image] {
        try await cloud.enter(.listImages, label: "images.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.images[$0]?.facts } })
    }

    /// Makes an empty one at once, or a downloaded one in a job; an interruption leaves none.
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Image {
        try await cloud.enter(.createImage)
        let image = try cloud.change { (state) throws(ProviderError) in
            let id = try state.beginImage(specification)
            return try state.images.get(id).facts
        }
        guard image.status != "available" else {
            job.accepted()
            return image
        }
        do { try await cloud.work(job) } catch {
            try cloud.change { (state) throws(ProviderError) in try state.deleteImage(image.id) }
            throw error
        }
        return try cloud.change { (state) throws(ProviderError) in
            try state.finishImage(image.id)
            return try state.images.get(image.id).facts
        }
    }

    func delete(_ id: Image.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteImage)
        try cloud.change { (state) throws(ProviderError) in try state.deleteImage(id) }
        job.accepted()
    }

    func apply(_ change: Image.Change, to id: Image.ID, _ job: any JobReporter) async throws(ProviderError) -> Image {
        try await cloud.carryOut(change.operation, job) { (state) throws(ProviderError) in
            try state.change(change, of: id)
            return try state.images.get(id).facts
        }
    }

    func content(of id: Image.ID, writable: Bool) async throws(ProviderError) -> any BulkContent {
        try await cloud.enter(writable ? .writeImage : .readImage)
        let source = ImageSource(id: id)
        _ = try cloud.change { (state) throws(ProviderError) in try source.content(in: state) }
        return CloudContent(cloud: cloud, source: source, isWritable: writable)
    }
}
