import ProviderAPI
import ProviderKit

extension Machines {
    private static let patience = Polling(first: .seconds(1), longest: .seconds(15), deadline: .seconds(4 * 3600))

    /// An image of the machine as it is now, without stopping it: what the guest has not written is not in it.
    func export(_ instance: EC2.Instance, as name: String, _ job: any JobReporter) async throws(ProviderError) {
        _ = try await image(of: instance, named: name, job)
    }

    private func image(of instance: EC2.Instance, named name: String, _ job: any JobReporter)
        async throws(ProviderError) -> EC2.MachineImage
    {
        let what = "export \(instance.label)"
        let tags = [Tags.name: name].merging(instance.tags.filter { $0.key == "plan" || $0.key == "user" }) { $1 }
        let id = try await ec2.createImage(of: instance.id, name: name, tags: tags, to: what)
        job.accepted()
        return try await Self.patience.until(what) { () async throws(ProviderError) -> EC2.MachineImage? in
            // An image that is not known yet was made a moment ago.
            guard let image = try await ec2.images([("image-id", [id])], to: what).first else { return nil }
            switch image.state {
            case "available": return image
            case "pending", "transient": break
            default: throw ProviderError(.failed, "\(what): EC2 could not make \(id): it is \(image.state)")
            }
            let parts = image.devices.compactMap(\.snapshot)
            if !parts.isEmpty {
                let stored = try await ec2.snapshots([("snapshot-id", parts)], to: what)
                job.progress(stored.map { $0.progress ?? 0 }.reduce(0, +) / max(1, stored.count))
            }
            return nil
        }
    }

    /// A machine of the same kind in the same place, from an image of this one that goes again afterwards.
    func clone(_ instance: EC2.Instance, as name: String, start: Bool, _ job: any JobReporter)
        async throws(ProviderError)
    {
        let same = try await ec2.instances([("tag:\(Tags.name)", [name])], to: "look for \(name)")
        guard !account.instances.apply(to: same, id: \.id).contains(where: { $0.tags[Tags.name] == name }) else {
            throw ProviderError(.alreadyExists, "there is a machine \(name) already")
        }
        let image = try await self.image(of: instance, named: "infrafs-clone-\(EC2.clientToken())", job)
        do throws(ProviderError) {
            let copy = try await ec2.run(Self.launch(of: instance, image, as: name), to: "clone \(instance.label)")
            account.instances.noteMade(copy.id, copy)
            try await Images(account: account).remove(image)
            guard !start else { return }
            _ = try await wait(for: "running", copy.id, "clone \(instance.label)")
            try await ec2.stop(copy.id, to: "clone \(instance.label)")
            note(copy, from: ["running", "pending"], to: "stopping")
        } catch {
            await undoing { () async throws(ProviderError) in try await Images(account: account).remove(image) }
            throw error
        }
    }

    private static func launch(of instance: EC2.Instance, _ image: EC2.MachineImage, as name: String) -> QueryForm {
        var form = QueryForm()
        form.set("ImageId", image.id)
        form.set("InstanceType", instance.type)
        form.set("MinCount", 1)
        form.set("MaxCount", 1)
        form.set("ClientToken", EC2.clientToken())
        form.set("KeyName", instance.key)
        form.set("Placement.AvailabilityZone", instance.zone)
        form.set("Placement.GroupName", instance.placementGroup)
        form.set("Placement.Tenancy", instance.tenancy)
        if instance.hibernates { form.set("HibernationOptions.Configured", true) }
        if instance.lifecycle == "spot" { form.set("InstanceMarketOptions.MarketType", "spot") }
        form.list("NetworkInterface", of: instance.interfaces.filter { $0.subnet != nil }) { form, prefix, interface in
            form.set(prefix + "DeviceIndex", interface.index)
            form.set(prefix + "SubnetId", interface.subnet)
            form.list(prefix + "SecurityGroupId", interface.groups)
            form.set(prefix + "DeleteOnTermination", true)
        }
        form.tag(
            "instance",
            Tags.metadata(of: instance.tags).filter { Tags.isFree($0.key) }
                .merging(
                    [Tags.name: name, Tags.description: instance.tags[Tags.description] ?? ""].filter { !$1.isEmpty }
                ) { $1 })
        return form
    }
}
