import ProviderAPI
import ProviderKit

extension EC2.Volume {
    /// Its name, for messages.
    var label: String { tags[Tags.name] ?? id }
}

/// The EBS volumes of an account in a region.
struct Disks: CollectionService {
    let account: Account

    var operations: Set<Operation> { Self.all }
    static let all: Set<Operation> = [.listDisks, .createDisk, .deleteDisk, .growDisk]

    let parameters =
        StandardParameters.disk.filter { ["size", "image"].contains($0.name) } + [
            Parameter("type", .text, "gp3, gp2, io2, io1, st1, sc1 or standard", aliases: ["format"]),
            Parameter("az", .text, "the availability zone", aliases: ["pool"]),
            Parameter("iops", .number, "operations a second, for gp3, io1 and io2"),
            Parameter("throughput", .number, "MiB a second, for gp3"),
            Parameter("encrypted", .flag, "whether it is encrypted"),
            Parameter("kms_key", .text, "the key that encrypts it"),
        ]

    /// DescribeVolumes alone: the names of machines are detail.
    func list() async throws(ProviderError) -> [Disk] {
        let found = try await account.ec2.volumes(to: "list disks")
        return account.volumes.apply(to: found, id: \.id).filter(Self.isThere).map { Disk($0) }
    }

    func items(_ ids: [Disk.ID]) async throws(ProviderError) -> [Disk] {
        let wanted = Set(ids.map(\.rawValue))
        let isFew = ids.count <= EC2.filterLimit
        async let instances = account.ec2.instances(to: "read the names of machines")
        let filters: EC2.Filters = isFew ? [("volume-id", ids.map(\.rawValue))] : []
        let found = try await account.ec2.volumes(filters, to: "read disks")
        let volumes = account.volumes.apply(to: found, asked: ids.map(\.rawValue), id: \.id).filter(Self.isThere)
        do {
            let names = Dictionary(try await instances.map { ($0.id, $0.label) }) { $1 }
            return volumes.filter { wanted.contains($0.id) }.map { Disk($0, machines: names) }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    private static func isThere(_ volume: EC2.Volume) -> Bool {
        volume.state != "deleting" && volume.state != "deleted"
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Disk {
        try specification.require(only: Set(parameters.map(\.name)))
        let same = try await account.ec2.volumes(
            [("tag:\(Tags.name)", [specification.name])], to: "look for \(specification.name)")
        guard !same.contains(where: { $0.tags[Tags.name] == specification.name && Self.isThere($0) }) else {
            throw ProviderError(.alreadyExists, "there is a disk \(specification.name) already")
        }
        let zone: String?
        if let named = specification.text("az") ?? account.zone {
            zone = named
        } else {
            zone = try await account.ec2.zones(to: "choose a zone").first
        }
        let maker = VolumeMaker(account: account, zone: zone)
        var inner = specification
        inner.values["az"] = nil
        let volume = try await maker.make(inner, name: specification.name, to: "create \(specification.name)")
        return Disk(volume, machines: [:])
    }

    func delete(_ id: Disk.ID, _ job: any JobReporter) async throws(ProviderError) {
        let volume = try await account.volume(id.rawValue)
        if let user = volume.attachments.first {
            throw ProviderError(.busy, "\(volume.label) is attached to \(user.instance): detach it first")
        }
        try await account.ec2.deleteVolume(volume.id, to: "delete \(volume.label)")
        account.volumes.noteGone(volume.id)
    }

    func apply(_ change: Disk.Change, to id: Disk.ID, _ job: any JobReporter) async throws(ProviderError) -> Disk {
        guard case .grow(let size) = change else { throw .unsupported(change.operation) }
        try await grow(id.rawValue, to: size)
        guard let disk = try await items([id]).first else {
            throw ProviderError(.notFound, "\(id): it was deleted meanwhile")
        }
        return disk
    }

    /// EC2 enlarges a volume at once and moves its data in its own time.
    func grow(_ id: String, to size: Int) async throws(ProviderError) {
        let volume = try await account.volume(id)
        guard size > volume.size ?? 0 else {
            throw ProviderError(.invalidValue, "a volume only grows: \(volume.label) has \(volume.size ?? 0) GiB")
        }
        try await account.ec2.growVolume(id, to: size, to: "grow \(volume.label)")
        account.volumes.noteChanged(id, isShown: { $0.size == size }, put: { $0.size = size })
    }

    /// A volume by name or id.
    func volume(named name: String) async throws(ProviderError) -> EC2.Volume {
        if name.hasPrefix("vol-") { return try await account.volume(name) }
        let found = try await account.ec2.volumes([("tag:\(Tags.name)", [name])], to: "look for \(name)")
            .filter { $0.tags[Tags.name] == name && Self.isThere($0) }
        guard let volume = found.first, found.count == 1 else {
            throw ProviderError(
                .invalidValue,
                found.isEmpty ? "there is no disk \(name)" : "\(found.count) disks are called \(name): give an id")
        }
        return volume
    }
}

extension Disk {
    /// A volume as a disk; without the names of machines it is incomplete where it is attached.
    init(_ volume: EC2.Volume, machines: [String: String]? = nil) {
        self.init(
            id: .init(volume.id), name: volume.tags[Tags.name] ?? volume.id, size: volume.size,
            capacity: volume.size.map { $0 << 30 }, pool: volume.zone, format: volume.type,
            vms: volume.attachments.map { machines?[$0.instance] ?? $0.instance })
        isComplete = machines != nil || volume.attachments.isEmpty
        if volume.state == "error" { fault = "EC2 calls it error" }
    }
}
