import HTTPKit
import ProviderAPI
import ProviderKit

extension Cloud {
    func volume(_ id: String) async throws(ProviderError) -> VolumePayload {
        try await document(VolumePayload.self, "volume", .volume, "volumes/\(id)", to: "look at volume \(id)")
    }

    /// A volume by its name or its id; `invalidValue` where several have the name.
    func volume(named text: String) async throws(ProviderError) -> VolumePayload {
        try Self.one(
            of: try await volumes(), named: text, "volume", missing: "\(name) has none called \(text)",
            by: { ($0.id, $0.name) })
    }

    /// Begins to make one: from an image, from a snapshot of a volume, from another volume, or empty.
    func makeVolume(_ specification: Specification) async throws(ProviderError) -> VolumePayload {
        let origins = ["image", "snapshot", "source"].filter { specification.text($0) != nil }
        guard origins.count < 2 else {
            throw ProviderError(.invalidValue, "\(origins.joined(separator: ", ")): a volume is made from one of them")
        }
        var volume: JSONValue = ["name": .text(specification.name)]
        let size = specification.number("size")
        if let name = specification.text("image") {
            let image = try await image(named: name)
            volume["imageRef"] = .text(image.id)
            volume["size"] = .number(max(size ?? 10, image.leastDisk))
        } else if let name = specification.text("snapshot") {
            let snapshot = try await snapshot(named: name)
            volume["snapshot_id"] = .text(snapshot.id)
            volume["size"] = .number(size ?? snapshot.size)
        } else if let name = specification.text("source") {
            let source = try await self.volume(named: name)
            volume["source_volid"] = .text(source.id)
            volume["size"] = .number(size ?? source.size)
        } else {
            volume["size"] = .number(size ?? 10)
        }
        if let type = specification.text("type") ?? specification.text("pool") { volume["volume_type"] = .text(type) }
        if let zone = specification.text("az") { volume["availability_zone"] = .text(zone) }
        do throws(ProviderError) {
            return try await document(
                VolumePayload.self, "volume", .post, .volume, "volumes", body: ["volume": volume],
                to: "create volume \(specification.name)")
        } catch {
            // What is not found then is its type, or what it should be made from, which went away meanwhile.
            guard error.code == .notFound, !origins.isEmpty || volume["volume_type"] != nil else { throw error }
            throw ProviderError(.invalidValue, error.message, cause: error.cause)
        }
    }

    /// Until it is in that state; a volume in an error state ends the wait.
    @discardableResult
    func awaitVolume(
        _ id: String, _ status: String, within limit: Duration = .seconds(600)
    ) async throws(ProviderError) -> VolumePayload {
        try await settle("volume \(id) to be \(status)", within: limit) {
            () async throws(ProviderError) -> VolumePayload? in
            let volume = try await self.volume(id)
            guard !volume.status.hasPrefix("error") else {
                throw ProviderError(
                    .failed, "volume \(volume.title) is in state \(volume.status)", cause: await storageReason(id))
            }
            return volume.status == status ? volume : nil
        }
    }

    /// Grows it, attached or not, and returns when it has grown.
    func growVolume(_ volume: VolumePayload, to size: Int) async throws(ProviderError) {
        guard size > volume.size else {
            throw ProviderError(.invalidValue, "a volume can only grow: \(volume.title) has \(volume.size) GiB")
        }
        let what = "grow \(volume.title)"
        let response = try await send(
            .post, .volume, "volumes/\(volume.id)/action", body: ["os-extend": ["new_size": .number(size)]], to: what)
        try await settle("\(volume.title) to grow") { () async throws(ProviderError) -> Bool? in
            let now = try await self.volume(volume.id)
            // The request itself has put it into that state: one that has left it is done, well or not.
            guard now.status != "extending" else { return nil }
            guard now.size >= size, !now.status.hasPrefix("error") else {
                throw ProviderError(
                    .failed, "\(what): it has \(now.size) GiB and is in state \(now.status)",
                    cause: await storageReason(volume.id, request: response.headers.requestID))
            }
            return true
        }
    }

    /// Deletes it and returns when it is gone; `busy` while a server has it.
    func deleteVolume(_ volume: VolumePayload) async throws(ProviderError) {
        let what = "delete volume \(volume.title)"
        let response = try await send(.delete, .volume, "volumes/\(volume.id)", to: what)
        try await settle("volume \(volume.title) to be gone") { () async throws(ProviderError) -> Bool? in
            let found = try await self.found(VolumePayload.self, "volume", .volume, "volumes/\(volume.id)", to: what)
            guard found?.status.hasPrefix("error") != true else {
                throw ProviderError(
                    .failed, "\(what): it is in state \(found?.status ?? "error")",
                    cause: await storageReason(volume.id, request: response.headers.requestID))
            }
            return found == nil ? true : nil
        }
    }

    /// Removes what a failed operation has made, once no server has it; what that meets is of no use to anybody.
    func discardVolume(_ id: String) async {
        let what = "undo a volume"
        await undoing { () async throws(ProviderError) in
            let isThere = try await self.settle(what, within: .seconds(60)) { () async throws(ProviderError) -> Bool? in
                let volume = try await self.found(VolumePayload.self, "volume", .volume, "volumes/\(id)", to: what)
                guard let volume else { return false }
                return ["available", "error"].contains { volume.status.hasPrefix($0) } ? true : nil
            }
            if isThere { try await self.send(.delete, .volume, "volumes/\(id)", to: what) }
        }
    }

    private struct Uploaded: Decodable, Sendable {
        var image_id: String
    }

    /// An image of a volume's content: its id.
    @discardableResult
    func upload(volume id: String, as image: String, _ job: any JobReporter) async throws(ProviderError) -> String {
        let action: JSONValue = [
            "os-volume_upload_image": [
                "image_name": .text(image), "force": true, "container_format": "bare", "disk_format": "qcow2",
            ]
        ]
        let made = try await document(
            Uploaded.self, "os-volume_upload_image", .post, .volume, "volumes/\(id)/action", body: action,
            to: "export as \(image)")
        job.accepted()
        do throws(ProviderError) {
            try await awaitImage(made.image_id, job)
        } catch {
            await discardImage(made.image_id)
            // Block Storage deletes the image when it could not fill it.
            throw ProviderError(
                error.code == .notFound ? .failed : error.code,
                "the volume could not be made the image \(image)", cause: await storageReason(id) ?? error.description)
        }
        return made.image_id
    }
}
