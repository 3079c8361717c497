import ProviderAPI
import ProviderKit

/// What DescribeInstances does not tell of machines.
struct MachineDetail: Sendable {
    var volumes: [String: EC2.Volume] = [:]
    var types: [String: EC2.InstanceType] = [:]
    /// By instance.
    var snapshots: [String: [EC2.Snapshot]] = [:]
    /// Names of VPCs by id.
    var networks: [String: String] = [:]
    /// Names of images by id, of those that are still there.
    var images: [String: String] = [:]
}

extension VirtualMachine {
    /// An instance as a machine; without its detail it is incomplete.
    init(_ instance: EC2.Instance, detail: MachineDetail? = nil) {
        self.init(
            id: .init(instance.id), name: instance.tags[Tags.name] ?? instance.id, status: Self.status(of: instance),
            rawStatus: instance.state, isComplete: detail != nil)
        addresses = Self.addresses(of: instance)
        flavor = instance.type
        creationDate = Self.creationDate(of: instance)
        description = instance.tags[Tags.description]
        metadata = Tags.metadata(of: instance.tags)
        image = instance.tags["image"] ?? instance.image.map { detail?.images[$0] ?? $0 }
        if let type = instance.type.flatMap({ detail?.types[$0] }) {
            memory = type.memory
            cpus = type.cpus
        }
        disks = instance.orderedDevices.map { Disk($0, of: instance, detail: detail) }
        nics = instance.interfaces.map { NIC($0, detail: detail) }
        snapshots = Self.snapshots(of: instance, detail?.snapshots[instance.id] ?? [])
    }

    private static func status(of instance: EC2.Instance) -> Status {
        switch instance.state {
        case "pending": .starting
        case "running": .up
        case "stopping", "shutting-down": .stopping
        case "stopped": instance.isHibernated ? .suspended : .down
        case "terminated": .down
        default: .unknown
        }
    }

    /// The one to use first: the public one, as kcli has it.
    private static func addresses(of instance: EC2.Instance) -> [String] {
        let interfaces = instance.interfaces
        let first = [instance.publicAddress, instance.privateAddress].compactMap { $0 }
        let all =
            first + interfaces.flatMap(\.publicAddresses) + interfaces.flatMap(\.addresses)
            + interfaces.flatMap(\.addresses6)
        var seen: Set<String> = []
        return all.filter { seen.insert($0).inserted }
    }

    /// EC2's launch time is that of the last start; the first interface was attached when the machine was made.
    private static func creationDate(of instance: EC2.Instance) -> String? {
        let times = instance.interfaces.prefix(1).compactMap(\.attachTime) + [instance.launchTime].compactMap { $0 }
        return times.min().map(Timestamp.seconds)
    }

    private static func snapshots(of instance: EC2.Instance, _ parts: [EC2.Snapshot]) -> [Snapshot] {
        let current = instance.tags[Tags.current]
        return MachineSnapshot.all(of: parts).map { snapshot in
            Snapshot(
                name: snapshot.name, current: snapshot.name == current, creationDate: snapshot.creationDate,
                description: snapshot.description, parent: snapshot.parent, state: snapshot.state)
        }
    }
}

extension EC2.Instance {
    /// Stopped with its memory kept.
    var isHibernated: Bool { stateReason?.contains("Hibernate") ?? false }

    /// The root first, the others as EC2 lists them.
    var orderedDevices: [Device] {
        devices.filter { $0.name == rootDevice } + devices.filter { $0.name != rootDevice }
    }

    /// Its name, for messages.
    var label: String { tags[Tags.name] ?? id }

    /// The device that a person calls `sdf`.
    func device(_ name: String) throws(ProviderError) -> Device {
        guard let device = devices.first(where: { EC2.shortName(of: $0.name) == name }) else {
            throw ProviderError(.notFound, "\(label) has no disk \(name)")
        }
        return device
    }
}

extension EC2 {
    /// A device without its folder: `/dev/sda1` is `sda1`.
    static func shortName(of device: String) -> String {
        device.hasPrefix("/dev/") ? String(device.dropFirst(5)) : device
    }
}

extension VirtualMachine.Disk {
    init(_ device: EC2.Instance.Device, of instance: EC2.Instance, detail: MachineDetail?) {
        let volume = device.volume.flatMap { detail?.volumes[$0] }
        self.init(
            name: EC2.shortName(of: device.name), volume: device.volume.map { .init($0) }, size: volume?.size,
            path: device.volume, type: volume?.type, boot: device.name == instance.rootDevice)
    }
}

extension VirtualMachine.NIC {
    init(_ interface: EC2.Instance.Interface, detail: MachineDetail?) {
        self.init(
            name: "eth\(interface.index)",
            network: interface.vpc.map { detail?.networks[$0] ?? $0 }, mac: interface.mac, type: interface.type,
            addresses: interface.publicAddresses + interface.addresses + interface.addresses6)
    }
}

/// ISO 8601 as the tree has it.
enum Timestamp {
    /// `2026-01-02T03:04:05.000Z` without its fraction.
    static func seconds(_ text: String) -> String {
        guard let dot = text.firstIndex(of: ".") else { return text }
        return String(text[..<dot]) + (text.hasSuffix("Z") ? "Z" : "")
    }
}
