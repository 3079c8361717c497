import LibvirtKit
import ProviderAPI
import XMLKit

/// The XML of domains and their devices (formatdomain).
enum DomainDefinition {
    /// What a wish became on its host: everything that had to be asked for or made before.
    struct Made {
        let type: String
        let host: HostCapabilities
        var kernel: String?
        var initrd: String?
        /// Disks and drives.
        var disks: [XMLElement] = []
        var interfaces: [XMLElement] = []
        var ownVolumes: Set<String> = []

        init(type: String, host: HostCapabilities) {
            self.type = type
            self.host = host
        }
    }

    static func domain(_ wish: MachineWish, _ made: Made) -> XMLElement {
        var domain = XMLElement(
            "domain", ["type": made.type], [XMLElement("name", text: wish.name), XMLElement("uuid", text: wish.uuid)])
        if let text = wish.description { domain.append(XMLElement("description", text: text)) }
        domain.append(metadata(wish, made.ownVolumes))
        for element in wish.memory.elements(hostNodes: made.host.nodes) { domain.append(element) }
        domain.append(wish.processor.vcpu)
        if let tuning = wish.processor.tuning { domain.append(tuning) }
        domain.append(
            wish.firmware.os(
                architecture: made.host.architecture, kernel: made.kernel, initrd: made.initrd,
                ordersDevices: wish.ordersDevices))
        domain.append(wish.firmware.features(architecture: made.host.architecture, processors: wish.processor))
        let nodes = wish.memory.guestNodes
        if let cpu = wish.processor.cpu(type: made.type, vendor: made.host.cpuVendor, nodes: nodes) {
            domain.append(cpu)
        }
        domain.append(XMLElement("clock", ["offset": "utc"]))
        domain.append(XMLElement("on_poweroff", text: "destroy"))
        domain.append(XMLElement("on_reboot", text: "restart"))
        domain.append(XMLElement("on_crash", text: "destroy"))
        domain.append(devices(wish, made))
        if let line = wish.devices.commandLine {
            domain["xmlns:qemu"] = "http://libvirt.org/schemas/domain/qemu/1.0"
            domain.append(line)
        }
        return domain
    }

    private static func devices(_ wish: MachineWish, _ made: Made) -> XMLElement {
        var devices = XMLElement("devices")
        if let emulator = wish.emulator { devices.append(XMLElement("emulator", text: emulator)) }
        if made.disks.contains(where: { $0.first("target")?["bus"] == "scsi" }) {
            devices.append(XMLElement("controller", ["type": "scsi", "model": "virtio-scsi"]))
        }
        for element in made.disks + made.interfaces + wish.devices.elements + wish.screen.elements {
            devices.append(element)
        }
        return devices
    }

    private static func metadata(_ wish: MachineWish, _ ownVolumes: Set<String>) -> XMLElement {
        let fields = wish.fields.map { XMLElement("kvirt:\($0.key)", text: $0.value) }
        var metadata = XMLElement(
            "metadata", [:], [XMLElement("kvirt:info", ["xmlns:kvirt": MachineMetadata.namespace], fields)])
        if !ownVolumes.isEmpty {
            let volumes = ownVolumes.sorted().map { XMLElement("infrafs:volume", text: $0) }
            metadata.append(
                XMLElement("infrafs:volumes", ["xmlns:infrafs": MachineMetadata.ownNamespace], volumes))
        }
        return metadata
    }

    // MARK: Disks

    static func disk(_ volume: VolumeDetail, target: String, bus: String) -> XMLElement {
        XMLElement(
            "disk", ["type": volume.diskType, "device": "disk"],
            [
                XMLElement("driver", ["name": "qemu", "type": volume.format ?? "raw", "discard": "unmap"]),
                source(volume), XMLElement("target", ["dev": target, "bus": bus]),
            ])
    }

    static func drive(target: String, bus: String, holding volume: VolumeDetail?) -> XMLElement {
        let drive = XMLElement(
            "disk", ["type": "file", "device": "cdrom"],
            [XMLElement("target", ["dev": target, "bus": bus]), XMLElement("readonly")])
        return self.drive(drive, holding: volume)
    }

    /// A CD drive with another medium in it, or none.
    static func drive(_ drive: XMLElement, holding volume: VolumeDetail?) -> XMLElement {
        var changed = drive
        // What hangs on the old medium goes with it.
        changed.removeAll { ["source", "backingStore", "mirror"].contains($0.name) }
        changed.removeAll { $0.name == "driver" }
        guard let volume else {
            changed["type"] = "file"
            return changed
        }
        changed["type"] = volume.diskType
        changed.append(XMLElement("driver", ["name": "qemu", "type": "raw"]))
        changed.append(source(volume))
        return changed
    }

    static func source(_ volume: VolumeDetail) -> XMLElement {
        switch volume.diskType {
        case "file": XMLElement("source", ["file": volume.path])
        case "block": XMLElement("source", ["dev": volume.path])
        default: XMLElement("source", ["pool": volume.pool, "volume": volume.name])
        }
    }

    static func floppy(_ volume: VolumeDetail) -> XMLElement {
        XMLElement(
            "disk", ["type": volume.diskType, "device": "floppy"],
            [
                XMLElement("driver", ["name": "qemu", "type": "raw"]), source(volume),
                XMLElement("target", ["dev": "fda", "bus": "fdc"]), XMLElement("readonly"),
            ])
    }

    /// The bus of CD drives: the chipset's own.
    static func driveBus(architecture: String, machine: String?) -> String {
        guard ["x86_64", "i686"].contains(architecture) else { return "scsi" }
        return machine?.contains("q35") == true ? "sata" : "ide"
    }

    // MARK: Interfaces

    static func interface(_ specification: Specification, on connection: Connection) throws -> XMLElement {
        let wish = try InterfaceWish(specification)
        if wish.type == "network", let network = wish.network { try requireNetwork(network, on: connection) }
        return try wish.element(order: wish.order)
    }

    static func interface(_ old: XMLElement, movedTo network: String) -> XMLElement {
        var new = old
        new["type"] = "network"
        new.removeAll { $0.name == "source" }
        new.append(XMLElement("source", ["network": network]))
        return new
    }

    static func requireNetwork(_ name: String, on connection: Connection) throws {
        guard try unless(.noNetwork, call: { try connection.network(named: name) }) == nil else { return }
        throw ProviderError(
            .invalidValue,
            "network \(name) does not exist on this host: see networks/, or write bridge to type for a bridge of the host"
        )
    }
}
