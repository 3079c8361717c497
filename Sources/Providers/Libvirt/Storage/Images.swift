import LibvirtKit
import ProviderAPI

/// The volumes that machines are made from: by their names, as kcli tells them, or because others are built on them.
struct Images: CollectionService {
    let session: Session
    let volumes: VolumeCatalog
    let operations: Set<Operation> = [.listImages, .deleteImage]

    func list() async throws(ProviderError) -> [Image] {
        try await session.run("images") { try volumes.all(role: .image, on: $0).map(Self.image) }
    }

    func items(_ ids: [Image.ID]) async throws(ProviderError) -> [Image] {
        try await session.run("images") { connection in
            try ids.compactMap { try volumes.volume(key: $0.rawValue, on: connection) }.map(Self.image)
        }
    }

    private static func image(_ detail: VolumeDetail) -> Image {
        Image(
            id: .init(detail.key), name: detail.name, size: detail.capacity, format: detail.format,
            status: "available", pool: detail.pool)
    }

    func delete(_ id: Image.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("image \(id)") { try volumes.delete(key: id.rawValue, on: $0) }
    }
}

/// The volumes for CD drives.
struct ISOs: CollectionService {
    let session: Session
    let volumes: VolumeCatalog
    let operations: Set<Operation> = [.listISOs, .deleteISO]

    func list() async throws(ProviderError) -> [ISO] {
        try await session.run("ISO images") { try volumes.all(role: .iso, on: $0).map(Self.iso) }
    }

    func items(_ ids: [ISO.ID]) async throws(ProviderError) -> [ISO] {
        try await session.run("ISO images") { connection in
            try ids.compactMap { try volumes.volume(key: $0.rawValue, on: connection) }.map(Self.iso)
        }
    }

    private static func iso(_ detail: VolumeDetail) -> ISO {
        ISO(id: .init(detail.key), name: detail.name, size: detail.capacity, status: "available", pool: detail.pool)
    }

    func delete(_ id: ISO.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("ISO image \(id)") { try volumes.delete(key: id.rawValue, on: $0) }
    }
}
