import ProviderAPI
import XMLKit

/// A disk of a machine to be, or one to add (formatdomain: Hard drives).
struct DiskWish: Sendable {
    static let caches = ["default", "none", "writethrough", "writeback", "directsync", "unsafe"]
    static let policies = ["threads", "native", "io_uring"]
    private static let driverAttributes: Set = [
        "cache", "io", "discard", "error_policy", "rerror_policy", "detect_zeroes", "ioeventfd", "event_idx",
        "copy_on_read", "iothread", "queues", "queue_size", "packed", "iommu", "ats", "discard_no_unref", "page_per_vq",
    ]

    /// What it is made from: name, size, pool, format, thin, image or volume.
    let volume: Specification
    let name: String
    let bus: String
    let order: Int?
    let serial: String?
    let wwn: String?
    let isReadOnly: Bool
    let isShareable: Bool
    let rotationRate: Int?
    private let driver: [(name: String, value: String)]

    /// `standard` is the bus where none is named.
    init(_ wish: Specification, bus standard: String = "virtio") throws(ProviderError) {
        try wish.require(only: MachineParameters.diskKeys)
        name = wish.name
        // kcli's word for a solid-state disk.
        let isSolid = (wish.text("bus") ?? standard) == "ssd"
        let bus = isSolid ? "sata" : wish.text("bus") ?? standard
        self.bus = bus
        order = wish.number("boot_order")
        serial = wish.text("serial")
        wwn = try wish.text("wwn").map { text throws(ProviderError) in try Self.wwn(text, bus: bus) }
        isReadOnly = wish.flag("readonly") ?? false
        isShareable = wish.flag("shareable") ?? false
        rotationRate = wish.number("rotation_rate") ?? (isSolid ? 1 : nil)
        guard rotationRate == nil || ["scsi", "sata", "ide"].contains(bus) else {
            throw ProviderError(.invalidValue, "disks/\(wish.name): rotation_rate needs bus scsi, sata or ide")
        }
        guard order.map({ $0 > 0 }) ?? true else {
            throw ProviderError(.invalidValue, "disks/\(wish.name): boot_order begins at 1")
        }
        driver = try Self.driver(wish)
        var volume = wish
        for key in ["boot_order", "serial", "wwn", "cache", "io", "discard", "readonly", "shareable", "rotation_rate",
            "driver_extra", "bus"] { volume.values[key] = nil }
        self.volume = volume
    }

    private static func wwn(_ text: String, bus: String) throws(ProviderError) -> String {
        let digits = text.lowercased().hasPrefix("0x") ? String(text.dropFirst(2)) : text
        guard digits.utf8.count == 16, UInt64(digits, radix: 16) != nil else {
            throw ProviderError(.invalidValue, "wwn: '\(text)' is not 16 hexadecimal digits")
        }
        guard ["scsi", "ide", "sata"].contains(bus) else {
            throw ProviderError(.invalidValue, "wwn needs bus scsi, sata or ide, not \(bus)")
        }
        return digits
    }

    private static func driver(_ wish: Specification) throws(ProviderError) -> [(name: String, value: String)] {
        var driver: [(name: String, value: String)] = []
        for key in ["cache", "io"] { if let value = wish.text(key) { driver.append((key, value)) } }
        driver.append(("discard", wish.text("discard") ?? "unmap"))
        for line in wish.texts("driver_extra") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, driverAttributes.contains(parts[0]) else {
                throw ProviderError(
                    .invalidValue,
                    "driver_extra: '\(line)': write NAME=VALUE with one of "
                        + driverAttributes.sorted().joined(separator: ", "))
            }
            driver.removeAll { $0.name == parts[0] }
            driver.append((parts[0], parts[1]))
        }
        return driver
    }

    func element(_ volume: VolumeDetail, target: String, order: Int?) -> XMLElement {
        var driver = XMLElement("driver", ["name": "qemu", "type": volume.format ?? "raw"])
        for attribute in self.driver { driver[attribute.name] = attribute.value }
        var place = XMLElement("target", ["dev": target, "bus": bus])
        if let rotationRate { place["rotation_rate"] = "\(rotationRate)" }
        var disk = XMLElement(
            "disk", ["type": volume.diskType, "device": "disk"],
            [driver, DomainDefinition.source(volume), place])
        if isReadOnly { disk.append(XMLElement("readonly")) }
        if isShareable { disk.append(XMLElement("shareable")) }
        if let serial { disk.append(XMLElement("serial", text: serial)) }
        if let wwn { disk.append(XMLElement("wwn", text: wwn)) }
        if let order { disk.append(XMLElement("boot", ["order": "\(order)"])) }
        return disk
    }
}
