import ProviderAPI
import XMLKit

extension EC2 {
    /// DescribeVolumes: those that match.
    func volumes(_ filters: [(name: String, values: [String])] = [], to what: String) async throws(ProviderError)
        -> [Volume]
    {
        var form = QueryForm()
        for filter in filters { form.filter(filter.name, filter.values) }
        return try await pages("DescribeVolumes", form, size: 500, set: "volumeSet", to: what)
            .compactMap(Volume.init)
    }

    /// CreateVolume; the form carries a ClientToken.
    func createVolume(_ form: QueryForm, to what: String) async throws(ProviderError) -> Volume {
        guard let volume = Volume(try await call("CreateVolume", form, to: what)) else {
            throw ProviderError(.malformedReply, "\(what): EC2 does not name the volume that it made")
        }
        return volume
    }

    /// DeleteVolume.
    func deleteVolume(_ id: String, to what: String) async throws(ProviderError) {
        var form = QueryForm()
        form.set("VolumeId", id)
        _ = try await call("DeleteVolume", form, to: what)
    }

    /// ModifyVolume: its size in GiB.
    func growVolume(_ id: String, to size: Int, to what: String) async throws(ProviderError) {
        var form = QueryForm()
        form.set("VolumeId", id)
        form.set("Size", size)
        _ = try await call("ModifyVolume", form, to: what)
    }

    /// AttachVolume.
    func attachVolume(_ id: String, to instance: String, as device: String, to what: String)
        async throws(ProviderError)
    {
        var form = QueryForm()
        form.set("VolumeId", id)
        form.set("InstanceId", instance)
        form.set("Device", device)
        _ = try await call("AttachVolume", form, to: what)
    }

    /// DetachVolume.
    func detachVolume(_ id: String, from instance: String, to what: String) async throws(ProviderError) {
        var form = QueryForm()
        form.set("VolumeId", id)
        form.set("InstanceId", instance)
        _ = try await call("DetachVolume", form, to: what)
    }

    /// DescribeSnapshots: the account's own that match.
    func snapshots(
        _ filters: [(name: String, values: [String])] = [], to what: String
    ) async throws(ProviderError) -> [Snapshot] {
        var form = QueryForm()
        form.list("Owner", ["self"])
        for filter in filters { form.filter(filter.name, filter.values) }
        return try await pages("DescribeSnapshots", form, size: 1000, set: "snapshotSet", to: what)
            .compactMap(Snapshot.init)
    }

    /// CreateSnapshots: of all volumes of a machine at one moment.
    func createSnapshots(of instance: String, description: String?, tags: [String: String], to what: String)
        async throws(ProviderError) -> [Snapshot]
    {
        var form = QueryForm()
        form.set("InstanceSpecification.InstanceId", instance)
        form.set("Description", description)
        form.tag("snapshot", tags)
        return try await call("CreateSnapshots", form, to: what).items("snapshotSet").compactMap(Snapshot.init)
    }

    /// DeleteSnapshot.
    func deleteSnapshot(_ id: String, to what: String) async throws(ProviderError) {
        var form = QueryForm()
        form.set("SnapshotId", id)
        _ = try await call("DeleteSnapshot", form, to: what)
    }

    /// CreateReplaceRootVolumeTask: the root of a running machine becomes what a snapshot holds; the old one goes.
    func replaceRootVolume(of instance: String, snapshot: String, to what: String) async throws(ProviderError)
        -> String
    {
        var form = QueryForm()
        form.set("InstanceId", instance)
        form.set("SnapshotId", snapshot)
        form.set("DeleteReplacedRootVolume", true)
        form.set("ClientToken", Self.clientToken())
        let answer = try await call("CreateReplaceRootVolumeTask", form, to: what)
        guard let task = answer.text("replaceRootVolumeTask/replaceRootVolumeTaskId") else {
            throw ProviderError(.malformedReply, "\(what): EC2 does not name the task")
        }
        return task
    }

    /// DescribeReplaceRootVolumeTasks: the state of one.
    func replaceRootVolumeState(_ task: String, to what: String) async throws(ProviderError) -> String? {
        var form = QueryForm()
        form.list("ReplaceRootVolumeTaskId", [task])
        return try await call("DescribeReplaceRootVolumeTasks", form, to: what)
            .items("replaceRootVolumeTaskSet").first?.text("taskState")
    }

    /// DescribeImages: those of these owners (`self`, `amazon`, an account's number) that match; of any where none is
    /// given.
    func images(
        owners: [String] = [], ids: [String] = [], _ filters: [(name: String, values: [String])] = [],
        to what: String
    ) async throws(ProviderError) -> [MachineImage] {
        var form = QueryForm()
        form.list("Owner", owners)
        form.list("ImageId", ids)
        for filter in filters { form.filter(filter.name, filter.values) }
        return try await pages("DescribeImages", form, size: ids.isEmpty ? 1000 : nil, set: "imagesSet", to: what)
            .compactMap(MachineImage.init)
    }

    /// CreateImage of a machine, without stopping it.
    func createImage(of instance: String, name: String, tags: [String: String], to what: String)
        async throws(ProviderError) -> String
    {
        var form = QueryForm()
        form.set("InstanceId", instance)
        form.set("Name", name)
        form.set("NoReboot", true)
        form.tag("image", tags)
        let answer = try await call("CreateImage", form, to: what)
        guard let id = answer.text("imageId") else {
            throw ProviderError(.malformedReply, "\(what): EC2 does not name the image that it makes")
        }
        return id
    }

    /// DeregisterImage.
    func deregisterImage(_ id: String, to what: String) async throws(ProviderError) {
        var form = QueryForm()
        form.set("ImageId", id)
        _ = try await call("DeregisterImage", form, to: what)
    }
}
