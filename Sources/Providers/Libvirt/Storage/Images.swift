import LibvirtKit
import ProviderAPI

/// The volumes that machines can be made from: all but media and the disks that are some machine's own (``VolumeRole``).
struct Images: BulkService {
    let session: Session
    let volumes: VolumeCatalog
    /// The pool for images that name none.
    let pool: String?
    let operations: Set<Operation>

    var parameters: [Parameter] { ImageMaker.parameters }

    func list() async throws(ProviderError) -> [Image] {
        try await session.run("images") { try volumes.all(role: .image, on: $0).map(Self.image) }
    }

    func items(_ ids: [Image.ID]) async throws(ProviderError) -> [Image] {
        try await session.run("images") { connection in
            try ids.compactMap { try volumes.volume(key: $0.rawValue, on: connection) }.map(Self.image)
        }
    }

    private static func image(_ detail: VolumeDetail) -> Image {
        var image = Image(
            id: .init(detail.key), name: detail.name, size: detail.length, format: detail.format,
            status: "available", pool: detail.pool)
        image.allocation = detail.allocation
        return image
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Image {
        Self.image(
            try await ImageMaker(session: session, volumes: volumes, pool: pool, role: .image)
                .make(specification, job))
    }

    func delete(_ id: Image.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("image \(id)") { try volumes.delete(key: id.rawValue, on: $0) }
    }

    func content(of id: Image.ID, writable: Bool) async throws(ProviderError) -> any BulkContent {
        try await VolumeContent.open(id.rawValue, writable: writable, session: session, volumes: volumes)
    }
}

/// The volumes for CD drives.
struct ISOs: BulkService {
    let session: Session
    let volumes: VolumeCatalog
    /// The pool for media that name none.
    let pool: String?
    let operations: Set<Operation>

    var parameters: [Parameter] { ImageMaker.parameters.filter { $0.name != "format" } }

    func list() async throws(ProviderError) -> [ISO] {
        try await session.run("ISO images") { try volumes.all(role: .iso, on: $0).map(Self.iso) }
    }

    func items(_ ids: [ISO.ID]) async throws(ProviderError) -> [ISO] {
        try await session.run("ISO images") { connection in
            try ids.compactMap { try volumes.volume(key: $0.rawValue, on: connection) }.map(Self.iso)
        }
    }

    private static func iso(_ detail: VolumeDetail) -> ISO {
        var iso = ISO(
            id: .init(detail.key), name: detail.name, size: detail.length, status: "available", pool: detail.pool)
        iso.allocation = detail.allocation
        return iso
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> ISO {
        Self.iso(
            try await ImageMaker(session: session, volumes: volumes, pool: pool, role: .iso).make(specification, job))
    }

    func delete(_ id: ISO.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("ISO image \(id)") { try volumes.delete(key: id.rawValue, on: $0) }
    }

    func content(of id: ISO.ID, writable: Bool) async throws(ProviderError) -> any BulkContent {
        try await VolumeContent.open(id.rawValue, writable: writable, session: session, volumes: volumes)
    }
}
