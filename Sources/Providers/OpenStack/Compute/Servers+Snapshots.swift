import HTTPKit
import ProviderAPI
import ProviderKit

extension Servers {
    private struct Made: Decodable, Sendable {
        var image_id: String
    }

    /// A snapshot is an image of the server, with the server's id and the snapshot's name as properties.
    func snapshot(
        _ server: ServerPayload, _ wish: Specification, _ job: any JobReporter
    ) async throws(ProviderError) {
        try wish.require(only: ["description"])
        guard try await snapshots(of: server).allSatisfy({ $0.snapshotName != wish.name }) else {
            throw ProviderError(.alreadyExists, "\(server.name) has a snapshot \(wish.name) already")
        }
        var properties: JSONValue = [:]
        properties[ImagePayload.snapshotProperty] = .text(server.id)
        properties[ImagePayload.snapshotNameProperty] = .text(wish.name)
        if let text = wish.text("description") { properties["infrafs_description"] = .text(text) }
        try await makeImage(of: server, "\(server.name)-\(wish.name)", properties, job)
    }

    /// `createImage`; returns when the image is whole: its content, or, of a server that boots from a volume, the snapshots
    /// of its volumes that stand in for it. A failure leaves none.
    @discardableResult
    func makeImage(
        of server: ServerPayload, _ name: String, _ properties: JSONValue, _ job: any JobReporter
    ) async throws(ProviderError) -> String {
        let action: JSONValue = ["createImage": ["name": .text(name), "metadata": properties]]
        let response = try await act(server, action, to: "make an image of")
        let id = try image(in: response.body, response.headers["Location"], server)
        job.accepted()
        do throws(ProviderError) {
            let image = try await cloud.awaitImage(id, job)
            for device in image.devices {
                if let snapshot = device.snapshot { try await cloud.awaitSnapshot(snapshot) }
            }
        } catch {
            await cloud.discardImage(id)
            // Compute deletes the image when it could not fill it.
            guard error.code == .notFound else { throw error }
            throw ProviderError(
                .failed, "no image could be made of \(server.name)",
                cause: await cloud.computeReason(server.id, request: response.headers.requestID) ?? error.description)
        }
        return id
    }

    /// Since 2.45 the body has the id, before that the address of the image.
    private func image(
        in body: [UInt8], _ location: String?, _ server: ServerPayload
    ) throws(ProviderError) -> String {
        if let location, let id = location.split(separator: "/").last { return String(id) }
        return try Cloud.decode(Made.self, body, "image of \(server.name)").image_id
    }

    func snapshots(of server: ServerPayload) async throws(ProviderError) -> [ImagePayload] {
        try await cloud.images(of: server).filter { $0.snapshotOf == server.id }
    }

    private func snapshot(_ name: String, of server: ServerPayload) async throws(ProviderError) -> ImagePayload {
        guard let image = try await snapshots(of: server).first(where: { ($0.snapshotName ?? $0.title) == name }) else {
            throw ProviderError(.notFound, "\(server.name) has no snapshot \(name)")
        }
        return image
    }

    func deleteSnapshot(_ name: String, of server: ServerPayload) async throws(ProviderError) {
        try await cloud.deleteImage(try await snapshot(name, of: server))
    }

    /// Rebuilds the server from the snapshot: it keeps its id, its addresses and its other volumes.
    func revert(
        _ server: ServerPayload, to name: String, _ job: any JobReporter
    ) async throws(ProviderError) {
        let image = try await snapshot(name, of: server)
        guard server.image?.id == nil else {
            try await rebuild(server, from: image.id, job)
            return
        }
        let now = try await revertVolume(of: server, to: image, job)
        try await cloud.noteRevert(to: image, at: now.updated ?? "")
    }

    /// Gives the server the content of an image; the server as it is then.
    @discardableResult
    private func rebuild(
        _ server: ServerPayload, from image: String, _ job: any JobReporter
    ) async throws(ProviderError) -> ServerPayload {
        try await act(server, ["rebuild": ["imageRef": .text(image)]], to: "revert")
        job.accepted()
        return try await cloud.settle("\(server.name) to be as it was", within: Cloud.copyingTime) {
            () async throws(ProviderError) -> ServerPayload? in
            let now = try await self.existing(server.id)
            guard now.status != "ERROR" else {
                throw ProviderError(.failed, "\(server.name) could not be reverted", cause: now.fault?.message)
            }
            return now.task == nil && now.status != "REBUILD" ? now : nil
        }
    }

    /// Block Storage puts back no volume that a server has, and Compute gives up no boot volume: it fills that with the
    /// content of an image, since 2.93, which is made of the snapshot and goes again.
    private func revertVolume(
        of server: ServerPayload, to image: ImagePayload, _ job: any JobReporter
    ) async throws(ProviderError) -> ServerPayload {
        guard cloud.speaks(Microversion(minor: 93, major: 2), to: .compute) else {
            throw ProviderError(
                .unsupported,
                "\(server.name) boots from a volume, which this cloud is too old to put back: make a server from the image "
                    + "\(image.title) instead")
        }
        guard ["ACTIVE", "SHUTOFF"].contains(server.status), server.task == nil else {
            throw ProviderError(.busy, "\(server.name) is \(server.status): it can be reverted while it is up or down")
        }
        guard let snapshot = image.devices.first(where: { $0.order == 0 })?.snapshot else {
            throw ProviderError(
                .failed, "the image \(image.title) has no snapshot of the volume that \(server.name) boots from")
        }
        let name = "\(image.title)-source"
        let volume = try await cloud.makeVolume(Specification(name: name, values: ["snapshot": .text(snapshot)])).id
        job.accepted()
        var content: String?
        let result: Result<ServerPayload, ProviderError>
        do throws(ProviderError) {
            try await cloud.awaitVolume(volume, "available", within: Cloud.copyingTime)
            let made = try await cloud.upload(volume: volume, as: name, job)
            content = made
            result = .success(try await rebuild(server, from: made, job))
        } catch {
            result = .failure(error)
        }
        if let content { await cloud.discardImage(content) }
        await cloud.discardVolume(volume)
        return try result.get()
    }

    /// The boot disk as an image: Compute's own way for a server of an image, an upload by Block Storage for a volume.
    func export(
        _ server: ServerPayload, as name: String, _ job: any JobReporter
    ) async throws(ProviderError) {
        guard try await cloud.images().allSatisfy({ $0.name != name }) else {
            throw ProviderError(.alreadyExists, "there is an image \(name) already")
        }
        guard server.image?.id == nil else {
            try await makeImage(of: server, name, [:], job)
            return
        }
        let machine = VirtualMachine(server, in: try await cloud.surroundings(of: server))
        guard let root = machine.disks.first(where: \.boot)?.volume else {
            throw ProviderError(.unsupported, "\(server.name) has no disk that it boots from")
        }
        try await cloud.upload(volume: root.rawValue, as: name, job)
    }

    /// Until it runs; a server that cannot be built is removed.
    func awaitBuilt(_ id: String) async throws(ProviderError) {
        try await settle("the server to be built") { () async throws(ProviderError) -> Bool? in
            let now = try await self.existing(id)
            if now.status == "ERROR" {
                await self.discard(id)
                throw ProviderError(.failed, "the server could not be built", cause: now.fault?.message)
            }
            return now.status == "BUILD" ? nil : true
        }
    }

    /// Removes what a failed creation has made; what that meets is of no use to anybody.
    func discard(_ id: String) async {
        let cloud = cloud
        let ports = await ownPorts(of: id)
        await undoing { () async throws(ProviderError) in
            try await cloud.send(.delete, .compute, "servers/\(id)", to: "undo a creation")
        }
        guard !ports.isEmpty else { return }
        await undoing { () async throws(ProviderError) in
            try await self.awaitGone(id, "undo a creation")
            for port in ports { try await self.deletePort(port, to: "undo a creation") }
        }
    }

    /// Until it is no longer there.
    func awaitGone(_ id: String, _ name: String) async throws(ProviderError) {
        try await settle("\(name) to be gone") { () async throws(ProviderError) -> Bool? in
            try await self.server(id) == nil ? true : nil
        }
    }
}
