import FoundationEssentials
import HTTPKit
import HTTPProvider
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

    /// Until it is whole. A failed import leaves it queued, as it was before.
    @discardableResult
    func awaitImage(_ id: String, isImport: Bool = false, _ job: any JobReporter) async throws(ProviderError)
        -> ImagePayload
    {
        var hasBegun = false
        return try await settle("image \(id) to be whole", within: Self.copyingTime) {
            () async throws(ProviderError) -> ImagePayload? in
            let image = try await self.image(id)
            switch image.status {
            case "active": return image
            case "saving", "importing", "uploading":
                hasBegun = true
                job.progress(50)
                return nil
            case "queued":
                guard isImport else { return nil }
                let task = try await failedTask(of: id)
                guard hasBegun || task != nil || image.hasFailedImport else { return nil }
                throw ProviderError(.failed, "\(name): the image \(image.title) could not be fetched", cause: task)
            default:
                throw ProviderError(
                    .failed, "\(name): the image \(image.title) is \(image.status)",
                    cause: isImport ? try await failedTask(of: id) : nil)
            }
        }
    }

    private struct ImportTasks: Decodable, Sendable {
        struct Task: Decodable, Sendable {
            var status: String
            var message: String?
        }

        var tasks: [Task]
    }

    /// What the service says about the import of an image that has failed, empty where that is nothing; nil where none
    /// has, or where it does not tell of them (`GET /v2/images/ID/tasks`).
    private func failedTask(of id: String) async throws(ProviderError) -> String? {
        let what = "look at the import of image \(id)"
        let found = try await found(ImportTasks.self, "", .image, "images/\(id)/tasks", to: what)
        return found?.tasks.first { $0.status == "failure" }.map { $0.message ?? "" }
    }

    /// Deletes it, and the snapshots of volumes that it consists of where it is one of a server that boots from a volume.
    func deleteImage(_ image: ImagePayload) async throws(ProviderError) {
        let what = "delete image \(image.title)"
        try await send(.delete, .image, "images/\(image.id)", to: what)
        guard image.snapshotOf != nil else { return }
        for device in image.devices {
            if let snapshot = device.snapshot { try await deleteSnapshot(snapshot, to: what) }
        }
    }

    /// Notes in the image of a snapshot that its server was put back to it then.
    func noteRevert(to image: ImagePayload, at time: String) async throws(ProviderError) {
        try await change(
            image.id, ImagePayload.revertProperty, to: time, what: "note the revert to \(image.title)")
    }

    /// Sets a property of an image, or removes it (Image API, "Update image": JSON Patch, where `add` replaces what is there).
    func change(
        _ image: String, _ property: String, to value: String?, what: String
    ) async throws(ProviderError) {
        let pointer = "/" + property.replacing("~", with: "~0").replacing("/", with: "~1")
        var change: JSONValue = ["op": value == nil ? "remove" : "add", "path": .text(pointer)]
        if let value { change["value"] = .text(value) }
        var request = try await request(.patch, .image, "images/\(image)")
        request.headers["Content-Type"] = "application/openstack-images-v2.1-json-patch"
        request.body = .bytes(try Self.encode(.array([change])))
        _ = try await client(.image).send(request, to: what)
    }

    /// Removes what a failed operation has made; what that meets is of no use to anybody.
    func discardImage(_ id: String) async {
        await undoing { () async throws(ProviderError) in
            try await self.deleteImage(try await self.image(id))
        }
    }
}
