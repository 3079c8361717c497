import ProviderAPI
import ProviderKit

extension Machines {
    func apply(_ change: VirtualMachine.Change, to id: VirtualMachine.ID, _ job: any JobReporter)
        async throws(ProviderError) -> VirtualMachine
    {
        guard operations.contains(change.operation) else { throw .unsupported(change.operation) }
        let instance = try await account.instance(id.rawValue)
        switch change {
        case .power(let action): try await setPower(action, of: instance)
        case .rename(let name): try await setTags([Tags.name: name], of: instance)
        case .memory(let size): try await resize(instance, memory: size, cpus: nil)
        case .cpus(let count): try await resize(instance, memory: nil, cpus: count)
        case .flavor(let name): try await setType(name, of: instance)
        case .description(let text):
            try await setTags([Tags.description: text.isEmpty ? nil : text], of: instance)
        case .metadata(let key, let value):
            guard Tags.isFree(key) else {
                throw ProviderError(.notPermitted, "metadata: the key \(key) is not free to be set")
            }
            try await setTags([key: value], of: instance)
        case .addDisk(let specification): try await addDisk(specification, to: instance)
        case .deleteDisk(let name): try await detachDisk(name, of: instance, deleting: true)
        case .attachDisk(let disk): try await attachDisk(disk.rawValue, to: instance)
        case .detachDisk(let name): try await detachDisk(name, of: instance, deleting: false)
        case .growDisk(let name, let size): try await growDisk(name, to: size, of: instance)
        case .addNIC(let specification): try await addInterface(specification, to: instance)
        case .deleteNIC(let name): try await deleteInterface(name, of: instance)
        case .createSnapshot(let specification): try await createSnapshot(specification, of: instance)
        case .deleteSnapshot(let name): try await deleteSnapshot(name, of: instance)
        case .revertSnapshot(let name): try await revert(instance, to: name, job)
        case .clone(let name, _, let start): try await clone(instance, as: name, start: start, job)
        case .export(let image): try await export(instance, as: image, job)
        case .autostart, .iso, .updateNIC, .configureNIC, .reserveAddress: throw .unsupported(change.operation)
        }
        return try await machine(id)
    }

    // MARK: Power

    private func setPower(_ action: VirtualMachine.PowerAction, of instance: EC2.Instance) async throws(ProviderError) {
        let what = "\(action.rawValue) \(instance.label)"
        switch action {
        case .up, .resume:
            if action == .resume, !instance.isHibernated { throw state(instance, "it is not hibernated") }
            try await ec2.start(instance.id, to: what)
            note(instance, from: ["stopped"], to: "pending")
        case .down:
            try await ec2.stop(instance.id, hard: true, to: what)
            note(instance, from: ["running", "pending"], to: "stopping")
        case .shutdown:
            try await ec2.stop(instance.id, to: what)
            note(instance, from: ["running", "pending"], to: "stopping")
        case .suspend:
            guard instance.hibernates else {
                throw ProviderError(
                    .unsupported, "\(instance.label): EC2 hibernates only machines that were made with hibernate: yes")
            }
            try await ec2.stop(instance.id, hibernate: true, to: what)
            note(instance, from: ["running"], to: "stopping")
        case .restart:
            guard instance.state == "running" else { throw state(instance, "only a running machine is restarted") }
            try await ec2.reboot(instance.id, to: what)
        case .reset: throw .unsupported(.resetVM)
        case .pause: throw .unsupported(.pauseVM)
        }
    }

    private func state(_ instance: EC2.Instance, _ reason: String) -> ProviderError {
        ProviderError(.busy, "\(instance.label) is \(instance.state): \(reason)")
    }

    /// A state that EC2 has accepted to leave is not shown again.
    func note(_ instance: EC2.Instance, from old: Set<String>, to new: String) {
        account.instances.noteChanged(instance.id, isShown: { !old.contains($0.state) }, put: { $0.state = new })
    }

    // MARK: Tags

    /// Sets tags, and removes those that are nil.
    func setTags(_ tags: [String: String?], of instance: EC2.Instance) async throws(ProviderError) {
        let what = "change the tags of \(instance.label)"
        let set = tags.compactMapValues { $0 }
        let removed = tags.filter { $0.value == nil }.map(\.key).sorted()
        try await ec2.setTags(set, of: [instance.id], to: what)
        try await ec2.removeTags(removed, of: [instance.id], to: what)
        account.instances.noteChanged(
            instance.id, isShown: { shown in tags.allSatisfy { shown.tags[$0.key] == $0.value } },
            put: { shown in for (key, value) in tags { shown.tags[key] = value } })
    }

    // MARK: Size

    /// The smallest type of the same architecture that has what is asked for, and as much of the rest as before.
    private func resize(_ instance: EC2.Instance, memory: Int?, cpus: Int?) async throws(ProviderError) {
        let types = try await account.types.all()
        let now = types.first { $0.name == instance.type }
        let wish = SizeWish(
            memory: memory ?? now?.memory ?? 0, cpus: cpus ?? now?.cpus ?? 0,
            architecture: instance.architecture ?? "x86_64", usage: instance.lifecycle ?? "on-demand")
        try await setType(try await account.type(for: wish, in: instance.zone), of: instance)
    }

    private func setType(_ type: String, of instance: EC2.Instance) async throws(ProviderError) {
        guard type != instance.type else { return }
        guard instance.state == "stopped" else {
            throw state(instance, "EC2 changes the type of a stopped machine only: write down to its status first")
        }
        try await ec2.modify(instance.id, to: "resize \(instance.label)") { $0.set("InstanceType.Value", type) }
        account.instances.noteChanged(instance.id, isShown: { $0.type == type }, put: { $0.type = type })
    }
}
