import ProviderAPI
import ProviderKit

/// Makes volumes in one zone.
struct VolumeMaker: Sendable {
    let account: Account
    let zone: String?

    private static let patience = Polling(deadline: .seconds(120))

    /// Makes a volume of these parameters and waits until it can be attached. `image` is a snapshot's id.
    func make(_ specification: Specification, name: String, to what: String) async throws(ProviderError)
        -> EC2.Volume
    {
        var form = QueryForm()
        form.set("AvailabilityZone", zone)
        let snapshot = specification.text("image")
        form.set("SnapshotId", snapshot)
        form.set("Size", specification.number("size") ?? (snapshot == nil ? Machines.standardSize : nil))
        form.set("VolumeType", specification.text("type"))
        form.set("Iops", specification.number("iops"))
        form.set("Throughput", specification.number("throughput"))
        form.set("Encrypted", specification.flag("encrypted"))
        form.set("KmsKeyId", specification.text("kms_key"))
        form.tag("volume", name.isEmpty ? [:] : [Tags.name: name])
        form.set("ClientToken", EC2.clientToken())
        let made = try await account.ec2.createVolume(form, to: what)
        account.volumes.noteMade(made.id, made)
        return try await Self.patience.until(what) { () async throws(ProviderError) -> EC2.Volume? in
            guard let volume = try await account.ec2.volumes([("volume-id", [made.id])], to: what).first else {
                return nil
            }
            guard volume.state != "error" else {
                await discard(made.id)
                throw ProviderError(.failed, "\(what): EC2 could not make the volume \(made.id)")
            }
            return volume.state == "creating" ? nil : volume
        }
    }

    /// Deletes a volume that nobody asked for after all.
    func discard(_ id: String) async {
        let ec2 = account.ec2
        await undoing { () async throws(ProviderError) in try await ec2.deleteVolume(id, to: "delete \(id)") }
        account.volumes.noteGone(id)
    }
}
