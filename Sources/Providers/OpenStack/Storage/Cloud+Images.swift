import FoundationEssentials
import HTTPKit
import ProviderAPI
import ProviderKit

extension Cloud {
    /// An image by its name or its id; the newest where several have the name.
    func image(named text: String) async throws(ProviderError) -> ImagePayload {
        let images = try await images()
        let named = images.filter { $0.name == text && $0.status == "active" }
        guard
            let image = images.first(where: { $0.id == text })
                ?? named.max(by: { ($0.created ?? "") < ($1.created ?? "") })
        else { throw ProviderError(.invalidValue, "image: \(name) has none called \(text): see images/") }
        return image
    }

    func image(_ id: String) async throws(ProviderError) -> ImagePayload {
        try await document(ImagePayload.self, "", .image, "images/\(id)", to: "look at image \(id)")
    }

    /// Until it is whole.
    @discardableResult
    func awaitImage(_ id: String, _ job: any JobReporter) async throws(ProviderError) -> ImagePayload {
        try await settle("image \(id) to be whole", within: Self.copyingTime) {
            () async throws(ProviderError) -> ImagePayload? in
            let image = try await self.image(id)
            switch image.status {
            case "active": return image
            case "saving", "importing", "uploading":
                job.progress(50)
                return nil
            case "queued": return nil
            default: throw ProviderError(.failed, "\(name): the image \(image.title) is \(image.status)")
            }
        }
    }

    private struct Mapping: Decodable, Sendable {
        var snapshot_id: String?
    }

    private struct Properties: Decodable, Sendable {
        var block_device_mapping: String?
    }

    /// Deletes it, and the snapshots of volumes that it consists of where it is one of a server that boots from a volume.
    func deleteImage(_ image: ImagePayload) async throws(ProviderError) {
        let what = "delete image \(image.title)"
        let properties = try await document(Properties.self, "", .image, "images/\(image.id)", to: what)
        try await send(.delete, .image, "images/\(image.id)", to: what)
        guard image.snapshotOf != nil, let text = properties.block_device_mapping else { return }
        let mapping = try Self.decode([Mapping].self, Array(text.utf8), what)
        for snapshot in mapping.compactMap(\.snapshot_id) {
            try await send(.delete, .volume, "snapshots/\(snapshot)", to: "\(what) with its snapshot \(snapshot)")
        }
    }

    /// Removes what a failed operation has made; what that meets is of no use to anybody.
    func discardImage(_ id: String) async {
        await undoing { () async throws(ProviderError) in
            try await self.send(.delete, .image, "images/\(id)", to: "undo an image")
        }
    }
}
