import ProviderAPI
import XMLKit

/// The devices of a machine to be that are neither disks nor interfaces (formatdomain: Devices).
struct DeviceWish: Sendable {
    struct Folder: Sendable {
        var path: String
        var tag: String
        var driver: String
        var isReadOnly: Bool
    }

    static let watchdogs = ["reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"]

    let hasTPM: Bool
    let hasRandomness: Bool
    let hasSerial: Bool
    let hasAgent: Bool
    let hasIOMMU: Bool
    let watchdog: String?
    let folders: [Folder]
    let pci: [XMLElement]
    let usb: [XMLElement]
    /// Arguments for QEMU itself.
    let arguments: [String]

    init(_ specification: Specification) throws(ProviderError) {
        hasTPM = specification.flag("tpm") ?? false
        hasRandomness = specification.flag("rng") ?? true
        hasSerial = specification.flag("serial") ?? true
        hasAgent = specification.flag("guestagent") ?? true
        hasIOMMU = specification.flag("iommu") ?? false
        watchdog = specification.text("watchdog")
        folders = try specification.texts("sharedfolders").map { line throws(ProviderError) in try Self.folder(line) }
        guard Set(folders.map(\.tag)).count == folders.count else {
            throw ProviderError(.invalidValue, "sharedfolders: two have the same tag: give each tag=NAME")
        }
        pci = try specification.texts("pcidevices").map { line throws(ProviderError) in try Self.pci(line) }
        usb = try specification.texts("usbdevices").map { line throws(ProviderError) in try Self.usb(line) }
        arguments = specification.texts("qemuextra").flatMap { $0.split(separator: " ") }.map(String.init)
    }

    private static func folder(_ line: String) throws(ProviderError) -> Folder {
        let fields = try FieldLine(line, of: "sharedfolders", keys: ["path", "tag", "driver", "readonly"])
        let driver = fields["driver"] ?? "9p"
        guard let path = fields["path"] ?? fields.bare, path.hasPrefix("/"), ["9p", "virtiofs"].contains(driver) else {
            throw ProviderError(
                .invalidValue,
                "sharedfolders: '\(line)': write a path of the host, or path=/srv tag=srv driver=9p|virtiofs")
        }
        // kcli's tag is the last part of the path.
        let tag = fields["tag"] ?? path.split(separator: "/").last.map(String.init) ?? "root"
        let isReadOnly = fields["readonly"].map { ["yes", "true"].contains($0) } ?? false
        guard driver == "9p" || !isReadOnly else {
            throw ProviderError(.invalidValue, "sharedfolders: '\(line)': virtiofs has no readonly")
        }
        return Folder(path: path, tag: tag, driver: driver, isReadOnly: isReadOnly)
    }

    private static func pci(_ text: String) throws(ProviderError) -> XMLElement {
        let address = try pciAddress(text, of: "pcidevices")
        return XMLElement(
            "hostdev", ["mode": "subsystem", "type": "pci", "managed": "yes"], [XMLElement("source", [:], [address])])
    }

    /// `0000:03:00.0`, or without the domain.
    static func pciAddress(_ text: String, of parameter: String) throws(ProviderError) -> XMLElement {
        let parts = text.split { ":.".contains($0) }.map { Int($0, radix: 16) }
        let numbers = (parts.count == 3 ? [0] : []) + parts
        guard numbers.count == 4, let domain = numbers[0], let bus = numbers[1], let slot = numbers[2],
            let function = numbers[3], domain <= 0xFFFF, bus <= 0xFF, slot <= 0x1F, function <= 7
        else { throw ProviderError(.invalidValue, "\(parameter): '\(text)' is no address, as 0000:03:00.0") }
        func hex(_ number: Int) -> String { "0x" + String(number, radix: 16) }
        return XMLElement(
            "address", ["domain": hex(domain), "bus": hex(bus), "slot": hex(slot), "function": hex(function)])
    }

    /// `1d6b:0002`, or `1.4` for a bus and a device.
    private static func usb(_ text: String) throws(ProviderError) -> XMLElement {
        var source = XMLElement("source")
        let ids = text.split(separator: ":").map { Int($0, radix: 16) }
        let place = text.split(separator: ".").map { Int($0) }
        if ids.count == 2, let vendor = ids[0], let product = ids[1], vendor <= 0xFFFF, product <= 0xFFFF {
            source.append(XMLElement("vendor", ["id": "0x" + String(vendor, radix: 16)]))
            source.append(XMLElement("product", ["id": "0x" + String(product, radix: 16)]))
        } else if place.count == 2, let bus = place[0], let device = place[1] {
            source.append(XMLElement("address", ["bus": "\(bus)", "device": "\(device)"]))
        } else {
            throw ProviderError(
                .invalidValue, "usbdevices: '\(text)' is neither VENDOR:PRODUCT, as 1d6b:0002, nor BUS.DEVICE")
        }
        return XMLElement("hostdev", ["mode": "subsystem", "type": "usb", "managed": "yes"], [source])
    }

    /// Whether virtiofsd is to read the guest's memory.
    var sharesMemory: Bool { folders.contains { $0.driver == "virtiofs" } }

    var elements: [XMLElement] {
        var elements: [XMLElement] = []
        if hasSerial {
            elements.append(XMLElement("serial", ["type": "pty"]))
            elements.append(XMLElement("console", ["type": "pty"]))
        }
        if hasAgent {
            let target = XMLElement("target", ["type": "virtio", "name": "org.qemu.guest_agent.0"])
            elements.append(XMLElement("channel", ["type": "unix"], [target]))
        }
        elements.append(XMLElement("memballoon", ["model": "virtio"]))
        if hasRandomness {
            let backend = XMLElement("backend", ["model": "random"], text: "/dev/urandom")
            elements.append(XMLElement("rng", ["model": "virtio"], [backend]))
        }
        if hasTPM {
            let backend = XMLElement("backend", ["type": "emulator", "version": "2.0"])
            elements.append(XMLElement("tpm", ["model": "tpm-crb"], [backend]))
        }
        if hasIOMMU {
            elements.append(XMLElement("iommu", ["model": "intel"], [XMLElement("driver", ["intremap": "on"])]))
        }
        if let watchdog { elements.append(XMLElement("watchdog", ["model": "i6300esb", "action": watchdog])) }
        return elements + folders.map(Self.filesystem) + pci + usb
    }

    private static func filesystem(_ folder: Folder) -> XMLElement {
        let isVirtio = folder.driver == "virtiofs"
        var element = XMLElement(
            "filesystem", ["type": "mount", "accessmode": isVirtio ? "passthrough" : "mapped"])
        if isVirtio { element.append(XMLElement("driver", ["type": "virtiofs"])) }
        element.append(XMLElement("source", ["dir": folder.path]))
        element.append(XMLElement("target", ["dir": folder.tag]))
        if folder.isReadOnly { element.append(XMLElement("readonly")) }
        return element
    }

    /// QEMU's own arguments, as libvirt takes them.
    var commandLine: XMLElement? {
        guard !arguments.isEmpty else { return nil }
        return XMLElement("qemu:commandline", [:], arguments.map { XMLElement("qemu:arg", ["value": $0]) })
    }
}
