import FoundationEssentials
import ProviderAPI
import XMLKit

extension EC2 {
    /// The states of machines that are there: one that is shutting down for good is as good as gone.
    private static let living = ["pending", "running", "stopping", "stopped"]

    /// DescribeInstances: those that are there and match.
    func instances(_ filters: [(name: String, values: [String])] = [], to what: String) async throws(ProviderError)
        -> [Instance]
    {
        var form = QueryForm()
        form.filter("instance-state-name", Self.living)
        for filter in filters { form.filter(filter.name, filter.values) }
        let reservations = try await pages(
            "DescribeInstances", form, size: 1000, set: "reservationSet", to: what)
        return reservations.flatMap { $0.items("instancesSet").compactMap(Instance.init) }
    }

    /// RunInstances, one machine; the form carries a ClientToken.
    func run(_ form: QueryForm, to what: String) async throws(ProviderError) -> Instance {
        let answer = try await call("RunInstances", form, to: what)
        guard let instance = answer.items("instancesSet").compactMap(Instance.init).first else {
            throw ProviderError(.malformedReply, "\(what): EC2 does not name the instance that it made")
        }
        return instance
    }

    /// StartInstances.
    func start(_ id: String, to what: String) async throws(ProviderError) {
        _ = try await call("StartInstances", Self.instance(id), to: what)
    }

    /// StopInstances: in good order, or hard (without the guest's shutdown), or into hibernation.
    func stop(_ id: String, hard: Bool = false, hibernate: Bool = false, to what: String)
        async throws(ProviderError)
    {
        var form = Self.instance(id)
        if hard {
            form.set("Force", true)
            form.set("SkipOsShutdown", true)
        }
        if hibernate { form.set("Hibernate", true) }
        _ = try await call("StopInstances", form, to: what)
    }

    /// RebootInstances.
    func reboot(_ id: String, to what: String) async throws(ProviderError) {
        _ = try await call("RebootInstances", Self.instance(id), to: what)
    }

    /// TerminateInstances.
    func terminate(_ id: String, to what: String) async throws(ProviderError) {
        _ = try await call("TerminateInstances", Self.instance(id), to: what)
    }

    private static func instance(_ id: String) -> QueryForm {
        var form = QueryForm()
        form.list("InstanceId", [id])
        return form
    }

    /// ModifyInstanceAttribute.
    func modify(_ id: String, to what: String, _ attribute: (inout QueryForm) -> Void) async throws(ProviderError) {
        var form = QueryForm()
        form.set("InstanceId", id)
        attribute(&form)
        _ = try await call("ModifyInstanceAttribute", form, to: what)
    }

    /// ModifyInstanceAttribute: whether a disk goes with its machine.
    func setDeletesOnTermination(_ deletes: Bool, device: String, of id: String, to what: String)
        async throws(ProviderError)
    {
        try await modify(id, to: what) { form in
            form.set("BlockDeviceMapping.1.DeviceName", device)
            form.set("BlockDeviceMapping.1.Ebs.DeleteOnTermination", deletes)
        }
    }

    /// GetConsoleOutput: the newest 64 KiB, as bytes.
    func consoleOutput(_ id: String, to what: String) async throws(ProviderError) -> [UInt8] {
        var form = QueryForm()
        form.set("InstanceId", id)
        let answer = try await call("GetConsoleOutput", form, to: what)
        guard let text = answer.text("output") else { return [] }
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
            throw ProviderError(.malformedReply, "\(what): the console output is no base64")
        }
        return Array(data)
    }

    /// CreateTags.
    func setTags(_ tags: [String: String], of ids: [String], to what: String) async throws(ProviderError) {
        guard !tags.isEmpty, !ids.isEmpty else { return }
        var form = QueryForm()
        form.list("ResourceId", ids)
        form.tags("Tag", tags)
        _ = try await call("CreateTags", form, to: what)
    }

    /// DeleteTags, whatever their values are.
    func removeTags(_ keys: [String], of ids: [String], to what: String) async throws(ProviderError) {
        guard !keys.isEmpty, !ids.isEmpty else { return }
        var form = QueryForm()
        form.list("ResourceId", ids)
        form.list("Tag", of: keys) { form, prefix, key in form.set(prefix + "Key", key) }
        _ = try await call("DeleteTags", form, to: what)
    }

    /// DescribeInstanceTypes: all that the region has, 100 a page, or those of these names.
    func instanceTypes(named names: [String]? = nil, to what: String) async throws(ProviderError) -> [InstanceType] {
        var form = QueryForm()
        if let names { form.filter("instance-type", names) }
        return try await pages("DescribeInstanceTypes", form, size: 100, set: "instanceTypeSet", to: what)
            .compactMap(InstanceType.init)
    }

    /// DescribeInstanceTypeOfferings: the names of the types that a zone has, or any zone of the region.
    func offeredTypes(in zone: String?, to what: String) async throws(ProviderError) -> Set<String> {
        var form = QueryForm()
        form.set("LocationType", zone == nil ? "region" : "availability-zone")
        if let zone { form.filter("location", [zone]) }
        let offers = try await pages(
            "DescribeInstanceTypeOfferings", form, size: 1000, set: "instanceTypeOfferingSet", to: what)
        return Set(offers.compactMap { $0.text("instanceType") })
    }
}
