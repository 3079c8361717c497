import HTTPKit
import ProviderAPI

extension Servers {
    /// A disk of a server by its name there; `unsupported` for what is no volume.
    private func volume(_ name: String, of server: ServerPayload) async throws(ProviderError) -> VolumePayload {
        let machine = VirtualMachine(server, in: try await cloud.surroundings(of: server))
        guard let disk = machine.disks.first(where: { $0.name == name }) else {
            throw ProviderError(.notFound, "\(server.name) has no disk \(name)")
        }
        guard let id = disk.volume else {
            throw ProviderError(
                .unsupported, "\(name) of \(server.name) is a disk of its flavor, not a volume: resize the server")
        }
        return try await cloud.volume(id.rawValue)
    }

    func addDisk(_ wish: Specification, to server: ServerPayload) async throws(ProviderError) {
        try wish.require(only: ["size", "image", "snapshot", "source", "type", "pool", "volume"])
        if let name = wish.text("volume") {
            return try await attach(try await cloud.volume(named: name).id, to: server)
        }
        let volume = try await cloud.makeVolume(
            Specification(name: "\(server.name)-\(wish.name)", values: wish.values))
        do throws(ProviderError) {
            try await cloud.awaitVolume(volume.id, "available")
            try await attach(volume.id, to: server, isOwn: true)
        } catch {
            // It was made for this server alone.
            await cloud.discardVolume(volume.id)
            throw error
        }
    }

    /// Returns when the server has it. One of its own goes with it (`delete_on_termination`, since 2.79).
    func attach(_ volume: String, to server: ServerPayload, isOwn: Bool = false) async throws(ProviderError) {
        var attachment: JSONValue = ["volumeId": .text(volume)]
        if isOwn, cloud.speaks(Microversion(minor: 79, major: 2), to: .compute) {
            attachment["delete_on_termination"] = true
        }
        let what = "attach \(volume) to \(server.name)"
        let response = try await cloud.send(
            .post, .compute, "servers/\(server.id)/os-volume_attachments",
            body: ["volumeAttachment": attachment], to: what)
        try await settle("\(server.name) to have \(volume)") { () async throws(ProviderError) -> Bool? in
            let now = try await cloud.volume(volume)
            if now.status == "in-use" { return true }
            // The request itself has reserved it: one that is free again was given up.
            guard now.status == "available" || now.status.hasPrefix("error") else { return nil }
            var reason = await cloud.computeReason(server.id, request: response.headers.requestID)
            if reason == nil { reason = await cloud.storageReason(volume) }
            throw ProviderError(
                .failed, "\(what): the volume \(now.title) is \(now.status) again", cause: reason)
        }
    }

    func removeDisk(_ name: String, from server: ServerPayload, deleting: Bool) async throws(ProviderError) {
        let volume = try await volume(name, of: server)
        let what = "detach \(name) from \(server.name)"
        let response = try await cloud.send(
            .delete, .compute, "servers/\(server.id)/os-volume_attachments/\(volume.id)", to: what)
        try await settle("\(name) to leave \(server.name)") { () async throws(ProviderError) -> Bool? in
            let now = try await cloud.volume(volume.id)
            guard now.attachments?.contains(where: { $0.server == server.id }) == true else { return true }
            // The request itself has said that it is leaving: one that is in use again stays.
            guard now.status == "in-use" || now.status.hasPrefix("error") else { return nil }
            throw ProviderError(
                .failed, "\(what): the volume \(now.title) is \(now.status)",
                cause: await cloud.computeReason(server.id, request: response.headers.requestID))
        }
        guard deleting else { return }
        try await cloud.awaitVolume(volume.id, "available")
        try await cloud.deleteVolume(volume)
    }

    func grow(_ name: String, of server: ServerPayload, to size: Int) async throws(ProviderError) {
        try await cloud.growVolume(try await volume(name, of: server), to: size)
    }
}
