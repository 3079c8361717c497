import ProviderAPI
import ProviderKit

extension Machines {
    private static let patience = Polling(deadline: .seconds(3600))

    /// Snapshots of all volumes, at one moment. EC2 stores them in its own time; the moment is that of the call.
    func createSnapshot(_ specification: Specification, of instance: EC2.Instance) async throws(ProviderError) {
        try specification.require(only: ["description"])
        let there = MachineSnapshot.all(of: try await snapshots(of: [instance.id]))
        guard !there.contains(where: { $0.name == specification.name }) else {
            throw ProviderError(.alreadyExists, "\(instance.label) has a snapshot \(specification.name) already")
        }
        let what = "snapshot \(instance.label)"
        let root = instance.devices.first { $0.name == instance.rootDevice }?.volume
        var tags = [
            Tags.name: "\(instance.label)-\(specification.name)", Tags.machine: instance.id,
            Tags.snapshot: specification.name, Tags.state: instance.state,
        ]
        tags[Tags.root] = root
        tags[Tags.parent] = instance.tags[Tags.current]
        let parts = try await ec2.createSnapshots(
            of: instance.id, description: specification.text("description"), tags: tags, to: what)
        for part in parts { account.snapshots.noteMade(part.id, part) }
        for part in parts {
            guard let device = instance.devices.first(where: { $0.volume == part.volume })?.name else { continue }
            try await ec2.setTags([Tags.device: device], of: [part.id], to: what)
        }
        try await setTags([Tags.current: specification.name], of: instance)
    }

    private func snapshot(_ name: String, of instance: EC2.Instance) async throws(ProviderError) -> MachineSnapshot {
        let all = MachineSnapshot.all(of: try await snapshots(of: [instance.id]))
        guard let snapshot = all.first(where: { $0.name == name }) else {
            throw ProviderError(.notFound, "\(instance.label) has no snapshot \(name)")
        }
        return snapshot
    }

    func deleteSnapshot(_ name: String, of instance: EC2.Instance) async throws(ProviderError) {
        let all = MachineSnapshot.all(of: try await snapshots(of: [instance.id]))
        guard let snapshot = all.first(where: { $0.name == name }) else {
            throw ProviderError(.notFound, "\(instance.label) has no snapshot \(name)")
        }
        let what = "delete the snapshot \(name) of \(instance.label)"
        for part in snapshot.parts {
            try await ec2.deleteSnapshot(part.id, to: what)
            account.snapshots.noteGone(part.id)
        }
        let children = all.filter { $0.parent == name }.flatMap(\.parts).map(\.id)
        if let parent = snapshot.parent {
            try await ec2.setTags([Tags.parent: parent], of: children, to: what)
        } else {
            try await ec2.removeTags([Tags.parent], of: children, to: what)
        }
        if instance.tags[Tags.current] == name { try await setTags([Tags.current: snapshot.parent], of: instance) }
    }

    /// Puts back the volumes that a snapshot keeps. A running machine whose only volume is its root goes on with a
    /// replaced one; a stopped one gets new volumes for all. What was written since is lost, as with any revert.
    func revert(_ instance: EC2.Instance, to name: String, _ job: any JobReporter) async throws(ProviderError) {
        let snapshot = try await self.snapshot(name, of: instance)
        guard !snapshot.isFailed else {
            throw ProviderError(.failed, "the snapshot \(name) of \(instance.label) is broken: EC2 could not store it")
        }
        switch instance.state {
        case "running":
            guard snapshot.parts.count == 1, let root = snapshot.root, instance.devices.count == 1 else {
                throw ProviderError(
                    .busy, "\(instance.label) has more than its root disk: stop it before reverting")
            }
            try await wait(for: snapshot, of: instance, job)
            try await replaceRoot(of: instance, by: root, job)
        case "stopped":
            try await wait(for: snapshot, of: instance, job)
            for part in snapshot.parts { try await replace(part, in: snapshot, of: instance, job) }
        default:
            throw ProviderError(.busy, "\(instance.label) is \(instance.state): wait until that is done")
        }
        try await setTags([Tags.current: name], of: instance)
    }

    /// A volume can be made of a snapshot once EC2 has stored it.
    private func wait(for snapshot: MachineSnapshot, of instance: EC2.Instance, _ job: any JobReporter)
        async throws(ProviderError)
    {
        if snapshot.isComplete { return }
        job.accepted()
        try await Self.patience.until("store the snapshot \(snapshot.name)") {
            () async throws(ProviderError) -> Bool? in
            let now = try await self.snapshot(snapshot.name, of: instance)
            job.progress(now.parts.map { $0.progress ?? 0 }.reduce(0, +) / max(1, now.parts.count) / 2)
            return now.isComplete ? true : nil
        }
    }

    private func replaceRoot(of instance: EC2.Instance, by part: EC2.Snapshot, _ job: any JobReporter)
        async throws(ProviderError)
    {
        let what = "revert \(instance.label)"
        let task = try await ec2.replaceRootVolume(of: instance.id, snapshot: part.id, to: what)
        job.accepted()
        try await Self.patience.until(what) { () async throws(ProviderError) -> Bool? in
            switch try await ec2.replaceRootVolumeState(task, to: what) {
            case "succeeded": return true
            case "failed", "failed-detached", "failing":
                throw ProviderError(.failed, "\(what): EC2 could not replace the root volume (task \(task))")
            default: return nil
            }
        }
    }

    /// A new volume of the snapshot takes the place of the one that is at its device now.
    private func replace(
        _ part: EC2.Snapshot, in snapshot: MachineSnapshot, of instance: EC2.Instance, _ job: any JobReporter
    ) async throws(ProviderError) {
        let what = "revert \(instance.label)"
        guard let device = part.tags[Tags.device] ?? (part == snapshot.root ? instance.rootDevice : nil) else {
            throw ProviderError(.failed, "\(what): the snapshot \(part.id) does not tell its device")
        }
        let old = instance.devices.first { $0.name == device }
        var now: EC2.Volume?
        if let id = old?.volume { now = try await ec2.volumes([("volume-id", [id])], to: what).first }
        var parameters = Specification(name: "", values: ["image": .text(part.id)])
        parameters.values["type"] = Value(now?.type)
        let maker = VolumeMaker(account: account, zone: instance.zone)
        let volume = try await maker.make(parameters, name: now?.tags[Tags.name] ?? "", to: what)
        job.accepted()
        do throws(ProviderError) {
            if let id = old?.volume { try await detach(id, from: instance, what) }
            try await ec2.attachVolume(volume.id, to: instance.id, as: device, to: what)
        } catch {
            // The machine gets back what it had.
            await undoing { () async throws(ProviderError) in
                guard let id = old?.volume else { return }
                try await ec2.attachVolume(id, to: instance.id, as: device, to: what)
            }
            await maker.discard(volume.id)
            throw error
        }
        let goes = old?.deletesOnTermination ?? true
        try await ec2.setDeletesOnTermination(goes, device: device, of: instance.id, to: what)
        let entry = EC2.Instance.Device(name: device, volume: volume.id, attachTime: nil, deletesOnTermination: goes)
        account.instances.noteChanged(
            instance.id, isShown: { $0.devices.contains { $0.volume == volume.id } },
            put: { shown in
                shown.devices.removeAll { $0.name == device }
                shown.devices.append(entry)
            })
        // A volume that does not go with its machine is somebody's own: it stays, detached.
        guard goes, let id = old?.volume else { return }
        try await ec2.deleteVolume(id, to: what)
        account.volumes.noteGone(id)
    }
}
