import ProviderAPI
import XMLKit

/// What the XML of a domain tells of a machine.
struct DomainDetail: Sendable, Hashable {
    /// A disk as the XML has it; sizes and pools are the volume's to tell.
    struct Disk: Sendable, Hashable {
        var target: String
        var bus: String?
        var format: String?
        /// A file or a block device.
        var path: String?
        /// A volume by pool and name, where the XML says so.
        var pool: String?
        var volume: String?
        var type: String
        var boot: Bool
    }

    /// What a drive of any kind has in it: a file or a device, or a volume by pool and name.
    struct Source: Sendable, Hashable {
        var path: String?
        var pool: String?
        var volume: String?

        init(path: String?, pool: String? = nil, volume: String? = nil) {
            self.path = path
            self.pool = pool
            self.volume = volume
        }

        init(_ source: XMLElement) {
            self.init(path: source["file"] ?? source["dev"], pool: source["pool"], volume: source["volume"])
        }

        /// All ways to name a volume.
        static func all(path: String?, pool: String?, volume: String) -> [Source] {
            (path.map { [Source(path: $0)] } ?? []) + [Source(path: nil, pool: pool, volume: volume)]
        }
    }

    var uuid: String
    var name: String
    var description: String?
    var metadata: [String: String]
    /// MiB.
    var memory: Int?
    var cpus: Int?
    var iso: String?
    var disks: [Disk]
    /// Of its disks and of its media, without what they are built on.
    var sources: Set<Source>
    var nics: [VirtualMachine.NIC]
    var screen: Screen?
    /// Whether the guest agent has its end of the channel open.
    var hasAgent: Bool
    /// Keys of the volumes that were made together with the machine.
    var ownVolumes: Set<String>

    init(_ domain: XMLElement) {
        uuid = domain.text("uuid") ?? ""
        name = domain.text("name") ?? ""
        description = domain.text("description")
        metadata = MachineMetadata.fields(of: domain)
        ownVolumes = MachineMetadata.ownVolumes(of: domain)
        let memory = domain.first("currentMemory") ?? domain.first("memory")
        self.memory = memory.flatMap(Self.mebibytes)
        let vcpu = domain.first("vcpu")
        cpus = (vcpu?["current"] ?? vcpu?.text).flatMap { Int($0) }
        let bootsFromDisk = domain.all("os/boot").first.map { $0["dev"] == "hd" } ?? true
        let drives = domain.all("devices/disk")
        disks = Self.disks(drives, bootsFromDisk: bootsFromDisk)
        sources = Set(drives.compactMap { $0.first("source") }.map(Source.init))
        iso = Self.drives(of: domain).first { $0.first("source") != nil }.flatMap(Self.medium)
        nics = domain.all("devices/interface").enumerated().map { Self.nic($1, index: $0) }
        screen = domain.all("devices/graphics").lazy.compactMap(Screen.init).first
        hasAgent = domain.all("devices/channel").contains { channel in
            let target = channel.first("target")
            return target?["name"] == "org.qemu.guest_agent.0" && target?["state"] == "connected"
        }
    }

    /// A size with its unit (formatdomain: `b`, `KB`, `KiB`, ... ; KiB where none is given).
    static func mebibytes(_ size: XMLElement) -> Int? {
        guard let number = Int(size.text) else { return nil }
        let unit = size["unit"] ?? "KiB"
        guard let factor = bytes(ofUnit: unit) else { return nil }
        return Int((Double(number) * Double(factor) / 1_048_576).rounded(.down))
    }

    /// Bytes of one of libvirt's units.
    static func bytes(ofUnit unit: String) -> Int? {
        switch unit {
        case "b", "bytes", "B": 1
        case "KB": 1000
        case "k", "K", "KiB": 1 << 10
        case "MB": 1_000_000
        case "M", "MiB": 1 << 20
        case "GB": 1_000_000_000
        case "G", "GiB": 1 << 30
        case "TB": 1_000_000_000_000
        case "T", "TiB": 1 << 40
        default: nil
        }
    }

    private static func disks(_ drives: [XMLElement], bootsFromDisk: Bool) -> [Disk] {
        let kept = drives.filter { ["disk", "lun"].contains($0["device"] ?? "disk") }
        let hasOrder = drives.contains { $0.first("boot") != nil }
        return kept.enumerated().map { index, drive in
            let source = drive.first("source")
            return Disk(
                target: drive.first("target")?["dev"] ?? "disk\(index)", bus: drive.first("target")?["bus"],
                format: drive.first("driver")?["type"], path: source?["file"] ?? source?["dev"],
                pool: source?["pool"], volume: source?["volume"], type: drive["device"] ?? "disk",
                boot: hasOrder ? drive.first("boot")?["order"] == "1" : bootsFromDisk && index == 0)
        }
    }

    /// The CD drives that are the user's: not the one with the disc that was made for the machine's first boot.
    static func drives(of domain: XMLElement) -> [XMLElement] {
        let name = domain.text("name") ?? ""
        let discs = ["\(name).ISO", "\(name)-\(domain.text("uuid") ?? "").ISO"]
        let own = MachineMetadata.ownVolumes(of: domain)
        return domain.all("devices/disk").filter { drive in
            guard drive["device"] == "cdrom" else { return false }
            let source = drive.first("source")
            let isOwn = (source?["file"] ?? source?["dev"]).map(own.contains) ?? false
            return !isOwn && !(medium(drive).map(discs.contains) ?? false)
        }
    }

    /// The name of what is in a drive: the last part of its path.
    static func medium(_ drive: XMLElement) -> String? {
        guard let source = drive.first("source") else { return nil }
        if let volume = source["volume"] { return volume }
        let path = source["file"] ?? source["dev"] ?? source["name"]
        return path?.split(separator: "/").last.map(String.init)
    }

    private static func nic(_ interface: XMLElement, index: Int) -> VirtualMachine.NIC {
        let source = interface.first("source")
        return VirtualMachine.NIC(
            name: "eth\(index)", network: source?["network"] ?? source?["bridge"] ?? source?["dev"],
            mac: interface.first("mac")?["address"]?.lowercased(), model: interface.first("model")?["type"],
            type: interface["type"])
    }
}
