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

    /// `createImage`; returns when the image is whole. A failure leaves none.
    @discardableResult
    func makeImage(
        of server: ServerPayload, _ name: String, _ properties: JSONValue, _ job: any JobReporter
    ) async throws(ProviderError) -> String {
        let action: JSONValue = ["createImage": ["name": .text(name), "metadata": properties]]
        let response = try await act(server, action, to: "make an image of")
        let id = try image(in: response.body, response.headers["Location"], server)
        job.accepted()
        do throws(ProviderError) {
            try await cloud.awaitImage(id, job)
        } catch {
            await cloud.discardImage(id)
            throw error
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

    /// Rebuilds the server from the snapshot: it keeps its id, its addresses and its volumes.
    func revert(
        _ server: ServerPayload, to name: String, _ job: any JobReporter
    ) async throws(ProviderError) {
        let image = try await snapshot(name, of: server)
        guard server.image?.id != nil else {
            throw ProviderError(
                .unsupported,
                "\(server.name) boots from a volume, which OpenStack cannot put back while it is attached: make a server "
                    + "from the image \(image.title) instead")
        }
        try await act(server, ["rebuild": ["imageRef": .text(image.id)]], to: "revert")
        job.accepted()
        try await settle("\(server.name) to be as it was") { () async throws(ProviderError) -> Bool? in
            let now = try await self.existing(server.id)
            guard now.status != "ERROR" else {
                throw ProviderError(.failed, "\(server.name) could not be reverted", cause: now.fault?.message)
            }
            return now.task == nil && now.status != "REBUILD" ? true : nil
        }
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

    /// An image of it, a server made from that, and the image goes again.
    func clone(
        _ server: ServerPayload, as name: String, start: Bool, _ job: any JobReporter
    ) async throws(ProviderError) {
        guard server.image?.id != nil else {
            throw ProviderError(
                .unsupported, "\(server.name) boots from a volume: export it, and make a server from the image")
        }
        let machine = VirtualMachine(server, in: try await cloud.surroundings(of: server))
        let image = try await makeImage(of: server, "\(name)-source", [:], job)
        do throws(ProviderError) {
            var specification = Specification(name: name, values: ["start": .flag(start)])
            specification.values["flavor"] = Value(machine.flavor)
            specification.values["image"] = .text(image)
            specification.values["keypair"] = Value(server.keyName)
            specification.values["securitygroups"] = Value((server.groups ?? []).map(\.name))
            // What it was made from, and not the image that is about to go.
            var inherited = machine.metadata
            inherited["image"] = inherited["image"] ?? machine.image
            let metadata = inherited.sorted { $0.key < $1.key }.map { Value.Entry($0.key, .text($0.value)) }
            specification.values["metadata"] = .map(metadata)
            let interfaces = machine.nics.map { nic in
                Value.Entry(nic.name, .map([Value.Entry("network", Value(nic.network))]))
            }
            specification.values["nics"] = .map(interfaces)
            let copy = try await launch(specification)
            do throws(ProviderError) {
                if start { try await awaitBuilt(copy) } else { try await stopOnceBuilt(copy) }
            } catch {
                await discard(copy)
                throw error
            }
        } catch {
            await cloud.discardImage(image)
            throw error
        }
        await cloud.discardImage(image)
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
        await undoing { () async throws(ProviderError) in
            try await cloud.send(.delete, .compute, "servers/\(id)", to: "undo a creation")
        }
    }
}
