import CloudInit
import FoundationEssentials
import Glibc
import ProviderAPI

/// A machine to be, checked as far as that can be done without asking the host.
struct MachineWish: Sendable {
    let name: String
    let uuid: String
    let processor: ProcessorWish
    let memory: MemoryWish
    let firmware: FirmwareWish
    let devices: DeviceWish
    let screen: ScreenWish
    let disks: [DiskWish]
    let interfaces: [InterfaceWish]
    /// Whether nothing was said about interfaces: one on the network `default`, where there is such.
    let hasStandardInterface: Bool
    let firstBoot: FirstBoot?
    /// What the guest is told of its interfaces, with the hardware addresses of ``interfaces``.
    let guestInterfaces: [FirstBoot.Interface]
    /// Media of CD drives.
    let media: [String]
    let floppy: String?
    let description: String?
    /// Its DNS domain.
    let domain: String?
    let fields: [(key: String, value: String)]
    let pool: String?
    let virtualization: String?
    let architecture: String?
    let emulator: String?
    let autostart: Bool?
    let starts: Bool

    init(_ specification: Specification) throws(ProviderError) {
        try specification.require(only: Set(MachineParameters.all.map(\.name)))
        try MachineName.check(specification.name)
        name = specification.name
        uuid = try Self.uuid(specification)
        processor = try ProcessorWish(specification)
        devices = try DeviceWish(specification)
        memory = try MemoryWish(specification, processors: processor, isShared: devices.sharesMemory)
        firmware = try FirmwareWish(specification)
        screen = try ScreenWish(specification)
        disks = try Self.disks(specification)
        hasStandardInterface = specification.values["nics"] == nil
        var specification = specification
        if hasStandardInterface {
            let standard = Value.map([.init("network", .text("default"))])
            specification.values["nics"] = .map([.init("eth0", standard)])
        }
        interfaces = try Self.interfaces(specification)
        firstBoot = try FirstBoot(specification)
        guestInterfaces = try Self.guestInterfaces(specification, interfaces, hasFirstBoot: firstBoot != nil)
        media = ["iso", "extra_iso"].flatMap(specification.texts)
        floppy = specification.text("floppy")
        description = specification.text("description")
        domain = specification.text("domain")
        fields = try Self.fields(specification)
        pool = specification.text("pool")
        virtualization = specification.text("virttype")
        architecture = specification.text("arch")
        emulator = specification.text("emulator")
        autostart = specification.flag("autostart")
        starts = specification.flag("start") ?? true
        try checkOrders()
    }

    private static func uuid(_ specification: Specification) throws(ProviderError) -> String {
        if let text = specification.text("uuid")?.lowercased() {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], parts.allSatisfy({ UInt64($0, radix: 16) != nil }) else {
                throw ProviderError(.invalidValue, "uuid: '\(text)' is no UUID")
            }
            return text
        }
        return UUID().uuidString.lowercased()
    }

    /// Without a word about disks, one of 10 GiB, as kcli makes it; the first starts from the machine's image.
    private static func disks(_ specification: Specification) throws(ProviderError) -> [DiskWish] {
        var wishes = specification.entries("disks")
        let image = specification.text("image")
        if specification.values["disks"] == nil {
            let size: [String: Value] = image == nil ? ["size": .number(10)] : [:]
            wishes = [Specification(name: "", values: size)]
        }
        if let image {
            guard !wishes.isEmpty else {
                throw ProviderError(.invalidValue, "image \(image) needs a disk to start from it: disks is empty")
            }
            // The disk it boots from, which is the first where nothing else is said.
            let orders = wishes.map { $0.number("boot_order") ?? .max }
            let first = orders.firstIndex(of: orders.min() ?? .max) ?? 0
            if wishes[first].text("image") == nil, wishes[first].text("volume") == nil {
                wishes[first].values["image"] = .text(image)
            }
        }
        let bus = specification.text("diskinterface") ?? "virtio"
        return try wishes.map { wish throws(ProviderError) in
            var wish = wish
            if wish.values["size"] == nil, wish.text("image") == nil {
                wish.values["size"] = specification.values["disksize"]
            }
            if wish.values["thin"] == nil { wish.values["thin"] = specification.values["diskthin"] }
            return try DiskWish(wish, bus: bus)
        }
    }

    private static func interfaces(_ specification: Specification) throws(ProviderError) -> [InterfaceWish] {
        try specification.entries("nics").map { wish throws(ProviderError) in
            var wish = wish
            for key in ["reserveip", "reservedns"] where wish.values[key] == nil && wish.text("ip") != nil {
                wish.values[key] = specification.values[key]
            }
            return try InterfaceWish(wish)
        }
    }

    /// A fixed address reaches the guest by the network's DHCP or, with a netmask, by cloud-init.
    private static func guestInterfaces(
        _ specification: Specification, _ interfaces: [InterfaceWish], hasFirstBoot: Bool
    ) throws(ProviderError) -> [FirstBoot.Interface] {
        let told = try FirstBoot.Interface.all(of: specification)
        return try zip(told, interfaces).map { pair throws(ProviderError) in
            var (told, wish) = pair
            told.mac = wish.mac
            guard told.address == nil || hasFirstBoot else {
                throw ProviderError(
                    .invalidValue,
                    "nics/\(told.name): ip with a netmask is told to the guest by cloud-init, which is off")
            }
            return told
        }
    }

    /// kcli's fields: its own names first, then free ones.
    private static func fields(_ specification: Specification) throws(ProviderError) -> [(key: String, value: String)] {
        var fields: [(key: String, value: String)] = [("creationdate", MachineMetadata.kcliDate(time(nil)))]
        for key in ["image"] + StandardParameters.metadataKeys {
            if let value = specification.text(key) { fields.append((key, value)) }
        }
        for (key, value) in specification.pairs("metadata") {
            guard MachineMetadata.isName(key) else {
                throw ProviderError(
                    .invalidValue, "metadata key \(key) cannot be kept by libvirt: use letters, digits, - _ . only")
            }
            // The date is that of this machine, and a parameter of its own wins over a free key.
            if !fields.contains(where: { $0.key == key }) { fields.append((key, value)) }
        }
        return fields
    }

    /// Whether the order to boot from is one of devices, not of their kinds.
    var ordersDevices: Bool {
        firmware.namesDevices || disks.contains { $0.order != nil } || interfaces.contains { $0.order != nil }
    }

    private func checkOrders() throws(ProviderError) {
        let orders = disks.compactMap(\.order) + interfaces.compactMap(\.order)
        guard Set(orders).count == orders.count else {
            throw ProviderError(.invalidValue, "boot_order: two devices have the same")
        }
        guard orders.isEmpty || firmware.boot.isEmpty else {
            throw ProviderError(.invalidValue, "boot and boot_order of devices are the same thing: set one of them")
        }
    }
}
