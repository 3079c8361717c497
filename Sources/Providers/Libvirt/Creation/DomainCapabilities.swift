import LibvirtKit
import ProviderAPI
import XMLKit

/// What a domain of one type, architecture and chipset can have on a host (virConnectGetDomainCapabilities): what is
/// refused by name before anything is made. A driver that does not tell refuses later, in its own words.
struct DomainCapabilities {
    private let document: XMLElement?
    /// Path of the emulator.
    let emulator: String?

    init(_ connection: Connection, type: String, architecture: String, firmware: FirmwareWish) throws {
        do {
            let xml = try connection.domainCapabilities(
                architecture: architecture, machine: firmware.machine, virtualization: type)
            let document = try XMLElement(parsing: xml)
            self.document = document
            emulator = document.text("path")
        } catch let error as LibvirtError where error.code == .noSupport {
            document = nil
            emulator = nil
        } catch let error as LibvirtError where error.code == .invalidArgument {
            throw ProviderError(
                .invalidValue, "machine \(firmware.machine ?? ""): QEMU on this host does not know it",
                cause: error.message)
        }
    }

    /// The values of an enumeration; nil where the host does not tell.
    private func values(_ path: String, _ name: String) -> [String]? {
        guard let parent = document?.first(path) else { return nil }
        return parent.all("enum").first { $0["name"] == name }.map { $0.all("value").map(\.text) }
    }

    /// Refuses what this host cannot honour, by the parameter's name.
    func check(_ wish: MachineWish) throws(ProviderError) {
        guard document != nil else { return }
        if wish.firmware.isUEFI, wish.firmware.loader == nil {
            guard values("os", "firmware")?.contains("efi") == true else {
                throw ProviderError(.unsupported, "uefi: the host has no UEFI firmware for it: install OVMF there")
            }
            guard !wish.firmware.isSecure || values("os/loader", "secure")?.contains("yes") == true else {
                throw ProviderError(.unsupported, "secureboot: the host has no firmware for it: install OVMF there")
            }
        }
        if wish.devices.hasTPM, values("devices/tpm", "backendModel")?.contains("emulator") != true {
            throw ProviderError(.unsupported, "tpm: the host cannot emulate one: install swtpm there")
        }
        let buses = values("devices/disk", "bus")
        for disk in wish.disks { try require(disk.bus, in: buses, "disks/\(disk.name): bus") }
        if let type = wish.screen.type { try require(type, in: values("devices/graphics", "type"), "screen") }
        if let model = wish.screen.video {
            try require(model, in: values("devices/video", "modelType"), "video")
        }
        if wish.devices.sharesMemory {
            try require("virtiofs", in: values("devices/filesystem", "driverType"), "sharedfolders: driver")
        }
    }

    private func require(_ word: String, in known: [String]?, _ parameter: String) throws(ProviderError) {
        guard let known, !known.contains(word) else { return }
        throw ProviderError(
            .unsupported, "\(parameter) \(word): QEMU on this host can only have \(known.joined(separator: ", "))")
    }
}
