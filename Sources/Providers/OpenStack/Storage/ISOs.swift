import ProviderAPI

/// The images of the Image service that are images of CDs.
struct ISOs: BulkService {
    let images: Images

    static let supported: Set<Operation> = [.listISOs, .createISO, .deleteISO]
    var operations: Set<Operation> { Self.supported }
    var parameters: [Parameter] { images.parameters.filter { $0.name != "format" } }

    init(cloud: Cloud) { images = Images(cloud: cloud, holdsISOs: true) }

    func list() async throws(ProviderError) -> [ISO] { try await images.list().map(ISO.init) }

    func items(_ ids: [ISO.ID]) async throws(ProviderError) -> [ISO] {
        try await images.items(ids.map { .init($0.rawValue) }).map(ISO.init)
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> ISO {
        try specification.require(only: Set(parameters.map(\.name)))
        var specification = specification
        specification.values["format"] = .text("iso")
        return ISO(try await images.create(specification, job))
    }

    func delete(_ id: ISO.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await images.delete(.init(id.rawValue), job)
    }

    func content(of id: ISO.ID, writable: Bool) async throws(ProviderError) -> any BulkContent {
        try await images.content(of: .init(id.rawValue), writable: writable)
    }
}

extension ISO {
    fileprivate init(_ image: Image) {
        self.init(id: .init(image.id.rawValue), name: image.name, size: image.size, status: image.status, os: image.os)
        fault = image.fault
    }
}
