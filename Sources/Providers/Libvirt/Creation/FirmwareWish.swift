import ProviderAPI
import XMLKit

/// What a machine to be starts from (formatdomain: Operating system booting).
struct FirmwareWish: Sendable {
    /// What `boot` takes, where it names no device.
    static let classes = ["hd", "cdrom", "network", "fd"]

    let machine: String?
    let isUEFI: Bool
    let isSecure: Bool
    let loader: String?
    let template: String?
    let kernel: String?
    let initrd: String?
    let cmdline: String?
    /// Words of ``classes``, or names of devices; never both.
    let boot: [String]

    init(_ specification: Specification) throws(ProviderError) {
        isSecure = specification.flag("secureboot") ?? false
        loader = specification.text("firmware")
        template = specification.text("nvram_template")
        isUEFI = specification.flag("uefi") ?? isSecure
        guard isUEFI || !isSecure else { throw ProviderError(.invalidValue, "secureboot needs uefi") }
        guard loader != nil || template == nil else {
            throw ProviderError(.invalidValue, "nvram_template needs firmware")
        }
        let wish = specification.text("machine")
        // Secure boot needs the chipset's protected mode; an IOMMU is a device of it.
        let needs = isSecure ? "secureboot" : specification.flag("iommu") == true ? "iommu" : nil
        machine = wish ?? (needs == nil ? nil : "q35")
        if let needs, let wish, !wish.contains("q35") {
            throw ProviderError(.invalidValue, "\(needs) needs machine q35, not \(wish)")
        }
        kernel = specification.text("kernel")
        initrd = specification.text("initrd")
        cmdline = specification.text("cmdline")
        guard kernel != nil || (initrd == nil && cmdline == nil) else {
            throw ProviderError(
                .invalidValue,
                "\(initrd == nil ? "cmdline" : "initrd") needs kernel: what is inside an image cannot be changed")
        }
        boot = specification.texts("boot").flatMap { $0.split { " ,".contains($0) } }.map(String.init)
        let kinds = boot.filter(Self.classes.contains)
        guard kinds.isEmpty || kinds.count == boot.count else {
            throw ProviderError(
                .invalidValue, "boot: either \(Self.classes.joined(separator: ", ")), or names of devices")
        }
        guard Set(boot).count == boot.count else {
            throw ProviderError(.invalidValue, "boot names something twice")
        }
    }

    /// Whether the order is one of devices.
    var namesDevices: Bool { boot.first.map { !Self.classes.contains($0) } ?? false }

    /// The element `os`; files are paths on the host by now.
    func os(architecture: String, kernel: String?, initrd: String?, ordersDevices: Bool) -> XMLElement {
        var type = XMLElement("type", ["arch": architecture], text: "hvm")
        type["machine"] = machine
        var os = XMLElement("os", [:], [type])
        if let loader {
            var element = XMLElement("loader", ["readonly": "yes", "type": "pflash"], text: loader)
            if isSecure { element["secure"] = "yes" }
            os.append(element)
            if let template { os.append(XMLElement("nvram", ["template": template])) }
        } else if isUEFI {
            os["firmware"] = "efi"
            if isSecure {
                let features = ["secure-boot", "enrolled-keys"].map {
                    XMLElement("feature", ["enabled": "yes", "name": $0])
                }
                os.append(XMLElement("firmware", [:], features))
            }
        }
        if let kernel { os.append(XMLElement("kernel", text: kernel)) }
        if let initrd { os.append(XMLElement("initrd", text: initrd)) }
        if let cmdline { os.append(XMLElement("cmdline", text: cmdline)) }
        if !ordersDevices {
            for device in boot.isEmpty ? ["hd", "cdrom"] : boot { os.append(XMLElement("boot", ["dev": device])) }
        }
        return os
    }

    /// The features of the chipset that go with it.
    func features(architecture: String, processors: ProcessorWish) -> XMLElement {
        var features = XMLElement("features")
        if architecture != "s390x" { features.append(XMLElement("acpi")) }
        if ["x86_64", "i686"].contains(architecture) { features.append(XMLElement("apic")) }
        if let pmu = processors.pmu { features.append(XMLElement("pmu", ["state": pmu ? "on" : "off"])) }
        if isSecure { features.append(XMLElement("smm", ["state": "on"])) }
        if processors.hasIOMMU { features.append(XMLElement("ioapic", ["driver": "qemu"])) }
        return features
    }
}
