import CloudInit
import FoundationEssentials
import ProviderAPI
import ProviderKit

extension Machines {
    private static let patience = Polling(deadline: .seconds(900))
    /// Bytes of user data that EC2 takes.
    private static let userDataLimit = 16384

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> VirtualMachine {
        try specification.require(only: MachineParameters.keys)
        let what = "create \(specification.name)"
        guard let name = specification.text("image") else {
            throw ProviderError(
                .invalidValue, "an image is needed: an AMI's id, its name or a pattern, in the draft or a profile")
        }
        if specification.flag("reservedns") ?? false, specification.text("domain") == nil {
            throw ProviderError(.invalidValue, "reservedns: domain is needed beside it")
        }
        let userData = try Self.userData(of: specification)
        try await refuseTakenName(specification.name)
        let image = try await ImageFinder(account: account).image(name)
        let type = try await self.type(for: specification, image)
        var form = QueryForm()
        form.set("ImageId", image.id)
        form.set("InstanceType", type)
        form.set("MinCount", 1)
        form.set("MaxCount", 1)
        form.set("ClientToken", EC2.clientToken())
        form.set("UserData", userData)
        try await place(specification, in: &form)
        try setDisks(of: specification, image, in: &form)
        Self.setChoices(of: specification, account, in: &form)
        let tags = try Self.tags(of: specification)
        form.tag("instance", tags)
        form.tag("volume", tags.filter { $0.key == Tags.name || $0.key == "plan" })
        let instance = try await ec2.run(form, to: what)
        account.instances.noteMade(instance.id, instance)
        try await finish(instance, specification, job)
        return try await machine(.init(instance.id))
    }

    private func refuseTakenName(_ name: String) async throws(ProviderError) {
        let same = try await ec2.instances([("tag:\(Tags.name)", [name])], to: "look for \(name)")
        // EC2's filters know wildcards: only the very name counts.
        let taken = account.instances.apply(to: same, id: \.id).contains { $0.tags[Tags.name] == name }
        guard !taken else { throw ProviderError(.alreadyExists, "there is a machine \(name) already") }
    }

    private func type(for specification: Specification, _ image: EC2.MachineImage) async throws(ProviderError)
        -> String
    {
        if let flavor = specification.text("flavor") { return flavor }
        // kcli's own standards where nothing is said.
        let wish = SizeWish(
            memory: specification.number("memory") ?? 512, cpus: specification.number("cpus") ?? 1,
            architecture: image.architecture ?? "x86_64",
            usage: specification.flag("spot") ?? false ? "spot" : "on-demand")
        return try await account.type(for: wish, in: specification.text("az") ?? account.zone)
    }

    private static func userData(of specification: Specification) throws(ProviderError) -> String? {
        guard let text = try FirstBoot(specification)?.userData.reveal() else { return nil }
        guard text.utf8.count <= userDataLimit else {
            throw ProviderError(
                .tooLarge, "the user data has \(text.utf8.count) bytes; EC2 takes \(userDataLimit): use #include")
        }
        return Data(text.utf8).base64EncodedString()
    }

    /// Name, metadata and what kcli keeps, each under its own key. AWS's own tags of a restored machine are passed over.
    static func tags(of specification: Specification) throws(ProviderError) -> [String: String] {
        var tags = [Tags.name: specification.name]
        for pair in specification.pairs("metadata") where !pair.key.hasPrefix(Tags.reservedPrefix) {
            guard Tags.isFree(pair.key) else {
                throw ProviderError(.invalidValue, "metadata: the key \(pair.key) is not free to be set")
            }
            tags[pair.key] = pair.value
        }
        for key in StandardParameters.metadataKeys + ["image", "description"] {
            if let text = specification.text(key) { tags[key] = text }
        }
        return tags
    }

    // MARK: Where it goes

    private func place(_ specification: Specification, in form: inout QueryForm) async throws(ProviderError) {
        let zone = specification.text("az") ?? account.zone
        let interfaces = specification.entries("nics")
        for interface in interfaces { try interface.require(only: MachineParameters.nicKeys) }
        let names = specification.texts("securitygroups")
        let isOpen = specification.flag("public")
        guard !interfaces.isEmpty || isOpen != nil || !names.isEmpty else {
            form.set("Placement.AvailabilityZone", zone)
            return
        }
        let plan = try await NetworkPlan(account: account)
        var place = zone
        var subnets: [EC2.NetworkRange] = []
        for interface in interfaces.isEmpty ? [Specification(name: "nic0")] : interfaces {
            let subnet = try plan.subnet(for: interface, zone: place)
            // All interfaces of a machine are in one zone: that of the first.
            place = subnet.zone ?? place
            subnets.append(subnet)
        }
        let groups = try await SecurityGroups(account: account).ids(named: names, vpc: subnets.first?.vpc)
        guard isOpen != true || subnets.count == 1 else {
            throw ProviderError(
                .invalidValue, "public: EC2 gives a public address to a machine with one interface only")
        }
        for (index, subnet) in subnets.enumerated() {
            let prefix = "NetworkInterface.\(index + 1)."
            form.set(prefix + "DeviceIndex", index)
            form.set(prefix + "SubnetId", subnet.id)
            form.set(prefix + "PrivateIpAddress", interfaces.isEmpty ? nil : interfaces[index].text("ip"))
            form.list(prefix + "SecurityGroupId", groups)
            form.set(prefix + "DeleteOnTermination", true)
            if subnets.count == 1 { form.set(prefix + "AssociatePublicIpAddress", isOpen) }
        }
    }

    // MARK: What it has

    private func setDisks(of specification: Specification, _ image: EC2.MachineImage, in form: inout QueryForm)
        throws(ProviderError)
    {
        let disks = specification.entries("disks")
        let hibernates = specification.flag("hibernate") ?? false
        var taken = image.devices.map(\.name)
        var mappings: [(String, Specification)] = []
        for (index, disk) in disks.enumerated() {
            try disk.require(only: MachineParameters.diskKeys)
            if disk.text("volume") != nil { continue }
            guard index > 0 else {
                mappings.append((image.rootDevice ?? "/dev/sda1", disk))
                continue
            }
            let device = try Self.device(disk.name, beside: taken)
            taken.append(device)
            mappings.append((device, disk))
        }
        if disks.isEmpty && hibernates { mappings = [(image.rootDevice ?? "/dev/sda1", Specification(name: ""))] }
        let standard = specification.number("disksize")
        form.list("BlockDeviceMapping", of: Array(mappings.enumerated())) { form, prefix, mapping in
            let (index, (device, disk)) = mapping
            let fallback = standard ?? (index == 0 ? nil : Self.standardSize)
            form.set(prefix + "DeviceName", device)
            let ebs = prefix + "Ebs."
            form.set(ebs + "SnapshotId", index == 0 ? nil : disk.text("image"))
            form.set(ebs + "VolumeSize", disk.number("size") ?? (disk.text("image") == nil ? fallback : nil))
            form.set(ebs + "VolumeType", disk.text("type"))
            form.set(ebs + "Iops", disk.number("iops"))
            form.set(ebs + "Throughput", disk.number("throughput"))
            form.set(ebs + "Encrypted", disk.flag("encrypted") ?? (index == 0 && hibernates ? true : nil))
            form.set(ebs + "KmsKeyId", disk.text("kms_key"))
            form.set(ebs + "DeleteOnTermination", true)
        }
    }

    private static func setChoices(of specification: Specification, _ account: Account, in form: inout QueryForm) {
        form.set("KeyName", specification.text("keypair") ?? account.keyPair)
        form.set("Placement.GroupName", specification.text("placement_group"))
        form.set("Placement.Tenancy", specification.text("tenancy"))
        form.set("IamInstanceProfile.Name", specification.text("instance_profile"))
        if specification.flag("hibernate") ?? false { form.set("HibernationOptions.Configured", true) }
        if specification.flag("spot") ?? false {
            form.set("InstanceMarketOptions.MarketType", "spot")
            form.set("InstanceMarketOptions.SpotOptions.MaxPrice", specification.text("spot_price"))
        }
    }

    // MARK: What follows

    /// What EC2 does only to a machine that is there: standing volumes, forwarding, a record, and no start.
    private func finish(_ instance: EC2.Instance, _ specification: Specification, _ job: any JobReporter)
        async throws(ProviderError)
    {
        let what = "finish \(specification.name)"
        let volumes = specification.entries("disks").compactMap { $0.text("volume") }
        let isRouter = specification.flag("router") ?? false
        let hasRecord = specification.flag("reservedns") ?? false
        let staysDown = specification.flag("start") == false
        guard !volumes.isEmpty || isRouter || hasRecord || staysDown else { return }
        job.accepted()
        do throws(ProviderError) {
            let running = try await wait(for: "running", instance.id, what)
            for volume in volumes {
                try await attachDisk(try await Disks(account: account).volume(named: volume).id, to: running)
            }
            if isRouter { try await ec2.modify(instance.id, to: what) { $0.set("SourceDestCheck.Value", false) } }
            var last = running
            if staysDown {
                try await ec2.stop(instance.id, to: what)
                last = try await wait(for: "stopped", instance.id, what)
            }
            // Of the address that it keeps: a public one goes with the stop.
            if hasRecord { try await zones.reserve(last, specification, account) }
        } catch {
            throw ProviderError(
                error.code, "\(specification.name) was made, and is not as asked: \(error.message)", cause: error.cause)
        }
    }

    /// Waits until a machine is in a state; fails where EC2 ends it instead.
    func wait(for state: String, _ id: String, _ what: String) async throws(ProviderError) -> EC2.Instance {
        try await Self.patience.until(what) { () async throws(ProviderError) -> EC2.Instance? in
            let instance = try await account.instance(id)
            return instance.state == state ? instance : nil
        }
    }
}
