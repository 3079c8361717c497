import HTTPKit
import ProviderAPI
import ProviderKit

extension Servers {
    /// A volume that was copied for a clone.
    private struct VolumeCopy {
        /// The disk that it is a copy of.
        var disk: String
        var id: String
        /// Whether it outlives its server, as the one that it is a copy of.
        var isKept: Bool
    }

    /// What the copy boots from, and its other volumes.
    private struct Parts {
        /// The disk of a server that boots from an image; it goes again once the copy is built.
        var image: String?
        var volumes: [VolumeCopy] = []
    }

    /// A server like it, with copies of its disks: of an image of it where it boots from one, and of its volumes.
    func clone(
        _ server: ServerPayload, as name: String, start: Bool, _ job: any JobReporter
    ) async throws(ProviderError) {
        let machine = VirtualMachine(server, in: try await cloud.surroundings(of: server))
        var parts = Parts()
        do throws(ProviderError) {
            if server.image?.id != nil {
                parts.image = try await makeImage(of: server, "\(name)-source", [:], job)
            }
            try await copyVolumes(of: machine, server, for: name, to: &parts, job)
            try await launchCopy(of: machine, server, as: name, parts, start: start)
        } catch {
            if let image = parts.image { await cloud.discardImage(image) }
            for volume in parts.volumes { await cloud.discardVolume(volume.id) }
            throw error
        }
        if let image = parts.image { await cloud.discardImage(image) }
    }

    /// Copies of all volumes, which Block Storage makes side by side.
    private func copyVolumes(
        of machine: VirtualMachine, _ server: ServerPayload, for name: String, to parts: inout Parts,
        _ job: any JobReporter
    ) async throws(ProviderError) {
        for disk in machine.disks {
            guard let volume = disk.volume?.rawValue else { continue }
            let wish = Specification(name: "\(name)-\(disk.name)", values: ["source": .text(volume)])
            let made = try await cloud.makeVolume(wish)
            job.accepted()
            let isKept = server.volumes?.first { $0.id == volume }?.goesWithServer != true
            parts.volumes.append(VolumeCopy(disk: disk.name, id: made.id, isKept: isKept))
        }
        for volume in parts.volumes { try await cloud.awaitVolume(volume.id, "available", within: Cloud.copyingTime) }
    }

    private func launchCopy(
        of machine: VirtualMachine, _ server: ServerPayload, as name: String, _ parts: Parts, start: Bool
    ) async throws(ProviderError) {
        var specification = Specification(name: name, values: ["start": .flag(start)])
        specification.values["flavor"] = Value(machine.flavor)
        specification.values["image"] = Value(parts.image)
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
        if parts.image == nil {
            specification.values["disks"] = .map(
                parts.volumes.map { volume in
                    .init(volume.disk, .map([.init("volume", .text(volume.id)), .init("keep", .flag(volume.isKept))]))
                })
        }
        let copy = try await launch(specification)
        do throws(ProviderError) {
            if start { try await awaitBuilt(copy) } else { try await stopOnceBuilt(copy) }
            guard parts.image != nil else { return }
            let built = try await existing(copy)
            for volume in parts.volumes { try await attach(volume.id, to: built, isOwn: !volume.isKept) }
        } catch {
            await discard(copy)
            throw error
        }
    }
}
