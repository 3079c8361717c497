import ProviderAPI
import ProviderKit

extension Machines {
    private static let patience = Polling(deadline: .seconds(120))

    /// GiB of a disk that says no size, as kcli has it.
    static let standardSize = 10

    // MARK: Disks

    /// Makes a volume in the machine's zone and attaches it: it goes with the machine.
    func addDisk(_ specification: Specification, to instance: EC2.Instance) async throws(ProviderError) {
        try specification.require(only: MachineParameters.diskKeys)
        if let volume = specification.text("volume") {
            let id = try await Disks(account: account).volume(named: volume).id
            return try await attachDisk(id, to: instance, wish: specification.name)
        }
        let what = "add a disk to \(instance.label)"
        let device = try Self.device(specification.name, beside: instance.devices.map(\.name))
        let maker = VolumeMaker(account: account, zone: instance.zone)
        let volume = try await maker.make(
            specification, name: "\(instance.label)-\(EC2.shortName(of: device))", to: what)
        do throws(ProviderError) {
            try await attach(volume.id, to: instance, as: device, what)
            try await ec2.setDeletesOnTermination(true, device: device, of: instance.id, to: what)
        } catch {
            // Half of it is nothing that the user asked for.
            await maker.discard(volume.id)
            throw error
        }
    }

    func attachDisk(_ id: String, to instance: EC2.Instance, wish: String = "") async throws(ProviderError) {
        let volume = try await account.volume(id)
        let what = "attach \(volume.label) to \(instance.label)"
        if let user = volume.attachments.first {
            throw ProviderError(.busy, "\(volume.label) is attached to \(user.instance): detach it first")
        }
        guard volume.zone == nil || instance.zone == nil || volume.zone == instance.zone else {
            throw ProviderError(
                .invalidValue,
                "\(volume.label) is in \(volume.zone ?? "") and \(instance.label) in \(instance.zone ?? "")")
        }
        let device = try Self.device(wish, beside: instance.devices.map(\.name))
        try await attach(id, to: instance, as: device, what)
    }

    /// Attaches, and waits until EC2 has done it.
    private func attach(_ id: String, to instance: EC2.Instance, as device: String, _ what: String)
        async throws(ProviderError)
    {
        try await ec2.attachVolume(id, to: instance.id, as: device, to: what)
        try await Self.patience.until(what) { () async throws(ProviderError) -> Bool? in
            let attachment = try await ec2.volumes([("volume-id", [id])], to: what).first?.attachments.first
            return attachment?.state == "attached" ? true : nil
        }
        let entry = EC2.Instance.Device(name: device, volume: id, attachTime: nil, deletesOnTermination: false)
        account.instances.noteChanged(
            instance.id, isShown: { $0.devices.contains { $0.volume == id } }, put: { $0.devices.append(entry) })
    }

    /// Detaches a disk and keeps its volume, or deletes it.
    func detachDisk(_ name: String, of instance: EC2.Instance, deleting: Bool) async throws(ProviderError) {
        let device = try instance.device(name)
        guard let id = device.volume else {
            throw ProviderError(.unsupported, "\(name) of \(instance.label) is no EBS volume")
        }
        if device.name == instance.rootDevice, instance.state != "stopped" {
            throw ProviderError(.busy, "\(name) is what \(instance.label) runs from: stop it first")
        }
        try await detach(id, from: instance, "detach \(name) from \(instance.label)")
        guard deleting else { return }
        try await ec2.deleteVolume(id, to: "delete \(id), the disk \(name) of \(instance.label)")
        account.volumes.noteGone(id)
    }

    /// Detaches, and waits until EC2 has done it.
    func detach(_ id: String, from instance: EC2.Instance, _ what: String) async throws(ProviderError) {
        try await ec2.detachVolume(id, from: instance.id, to: what)
        try await Self.patience.until(what) { () async throws(ProviderError) -> Bool? in
            let volume = try await ec2.volumes([("volume-id", [id])], to: what).first
            return volume?.attachments.isEmpty ?? true ? true : nil
        }
        account.instances.noteChanged(
            instance.id, isShown: { !$0.devices.contains { $0.volume == id } },
            put: { $0.devices.removeAll { $0.volume == id } })
    }

    func growDisk(_ name: String, to size: Int, of instance: EC2.Instance) async throws(ProviderError) {
        guard let id = try instance.device(name).volume else {
            throw ProviderError(.unsupported, "\(name) of \(instance.label) is no EBS volume")
        }
        try await Disks(account: account).grow(id, to: size)
    }

    /// The device of a new disk: the wished for where it is a device's name, else the first that is free of those that
    /// AWS recommends for volumes, `/dev/sdf` to `/dev/sdp`, and of `xvdba` and on.
    static func device(_ wish: String, beside taken: [String]) throws(ProviderError) -> String {
        let short = Set(taken.map(EC2.shortName))
        if isDevice(wish) {
            guard !short.contains(wish) else { throw ProviderError(.alreadyExists, "there is a disk \(wish) already") }
            return "/dev/\(wish)"
        }
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let usual = "fghijklmnop".map { "sd\($0)" } + "bc".flatMap { first in letters.map { "xvd\(first)\($0)" } }
        guard let device = usual.first(where: { !short.contains($0) && !short.contains("xv" + $0.dropFirst()) }) else {
            throw ProviderError(.quotaExceeded, "no device is free for another disk")
        }
        return "/dev/\(device)"
    }

    /// `sdf`, `xvdf`, `xvdba`: what EC2 takes for a volume that is not the root.
    private static func isDevice(_ name: String) -> Bool {
        let rest = name.hasPrefix("xvd") ? name.dropFirst(3) : name.hasPrefix("sd") ? name.dropFirst(2) : ""
        return (1...2).contains(rest.count) && rest.utf8.allSatisfy { (0x61...0x7A).contains($0) } && rest != "a"
    }

    // MARK: Interfaces

    /// Makes an interface in a subnet of the machine's zone and attaches it: it goes with the machine.
    func addInterface(_ specification: Specification, to instance: EC2.Instance) async throws(ProviderError) {
        try specification.require(only: MachineParameters.nicKeys)
        let what = "add an interface to \(instance.label)"
        var form = QueryForm()
        if specification.text("network") == nil, specification.text("subnet") == nil {
            form.set("SubnetId", instance.subnet)
            form.list("SecurityGroupId", instance.groups)
        } else {
            let subnet = try await NetworkPlan(account: account).subnet(for: specification, zone: instance.zone)
            form.set("SubnetId", subnet.id)
            // The groups of one VPC mean nothing in another: there it gets that one's default.
            if subnet.vpc == instance.vpc { form.list("SecurityGroupId", instance.groups) }
        }
        form.set("PrivateIpAddress", specification.text("ip"))
        form.tag("network-interface", [Tags.name: instance.label])
        form.set("ClientToken", EC2.clientToken())
        let id = try await ec2.createNetworkInterface(form, to: what)
        do throws(ProviderError) {
            try await attachInterface(id, to: instance, what)
        } catch {
            await undoing { () async throws(ProviderError) in
                try await ec2.carryOut("DeleteNetworkInterface", ["NetworkInterfaceId": id], to: what)
            }
            throw error
        }
    }

    private func attachInterface(_ id: String, to instance: EC2.Instance, _ what: String) async throws(ProviderError) {
        let taken = Set(instance.interfaces.map(\.index))
        let index = (0...).first { !taken.contains($0) } ?? taken.count
        let attachment = try await ec2.make(
            "AttachNetworkInterface",
            ["NetworkInterfaceId": id, "InstanceId": instance.id, "DeviceIndex": String(index)], tags: nil,
            id: "attachmentId", to: what)
        try await ec2.carryOut(
            "ModifyNetworkInterfaceAttribute",
            [
                "NetworkInterfaceId": id, "Attachment.AttachmentId": attachment,
                "Attachment.DeleteOnTermination": "true",
            ], to: what)
        try await Self.patience.until(what) { () async throws(ProviderError) -> Bool? in
            try await account.instance(instance.id).interfaces.contains { $0.id == id } ? true : nil
        }
    }

    /// Detaches an interface and deletes it.
    func deleteInterface(_ name: String, of instance: EC2.Instance) async throws(ProviderError) {
        guard let interface = instance.interfaces.first(where: { "eth\($0.index)" == name }) else {
            throw ProviderError(.notFound, "\(instance.label) has no interface \(name)")
        }
        guard interface.index > 0, let attachment = interface.attachment else {
            throw ProviderError(.notPermitted, "\(name) is the first interface of \(instance.label): EC2 keeps it")
        }
        let what = "delete \(name) of \(instance.label)"
        try await ec2.carryOut("DetachNetworkInterface", ["AttachmentId": attachment], to: what)
        try await Self.patience.until(what) { () async throws(ProviderError) -> Bool? in
            let found = try await ec2.networkInterfaces([("network-interface-id", [interface.id])], to: what)
            return found.allSatisfy { $0.status == "available" } ? true : nil
        }
        try await ec2.carryOut("DeleteNetworkInterface", ["NetworkInterfaceId": interface.id], to: what)
        account.instances.noteChanged(
            instance.id, isShown: { !$0.interfaces.contains { $0.id == interface.id } },
            put: { $0.interfaces.removeAll { $0.id == interface.id } })
    }
}
