import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

/// The XML of domains and their devices (formatdomain).
enum DomainDefinition {
    /// What a new machine is made of.
    struct Plan {
        var name: String
        var type: String
        var architecture: String
        var memory: Int
        var cpus: Int
        var disks: [XMLElement]
        var interfaces: [XMLElement]
        var description: String?
        var fields: [(key: String, value: String)]
        var ownVolumes: Set<String>
        var machine: String?
        var cpuModel: String?
        var isUEFI: Bool
    }

    static func domain(_ plan: Plan) -> XMLElement {
        var domain = XMLElement("domain", ["type": plan.type], [XMLElement("name", text: plan.name)])
        if let text = plan.description { domain.append(XMLElement("description", text: text)) }
        domain.append(metadata(plan))
        domain.append(XMLElement("memory", ["unit": "MiB"], text: "\(plan.memory)"))
        domain.append(XMLElement("vcpu", text: "\(plan.cpus)"))
        domain.append(os(plan))
        let isPC = ["x86_64", "i686"].contains(plan.architecture)
        domain.append(XMLElement("features", [:], [XMLElement("acpi")] + (isPC ? [XMLElement("apic")] : [])))
        if let cpu = cpu(plan) { domain.append(cpu) }
        domain.append(XMLElement("clock", ["offset": "utc"]))
        domain.append(XMLElement("on_poweroff", text: "destroy"))
        domain.append(XMLElement("on_reboot", text: "restart"))
        domain.append(XMLElement("on_crash", text: "destroy"))
        domain.append(XMLElement("devices", [:], plan.disks + controllers(plan) + plan.interfaces + standardDevices))
        return domain
    }

    private static func metadata(_ plan: Plan) -> XMLElement {
        let fields = plan.fields.map { XMLElement("kvirt:\($0.key)", text: $0.value) }
        var metadata = XMLElement(
            "metadata", [:], [XMLElement("kvirt:info", ["xmlns:kvirt": MachineMetadata.namespace], fields)])
        if !plan.ownVolumes.isEmpty {
            let volumes = plan.ownVolumes.sorted().map { XMLElement("infrafs:volume", text: $0) }
            metadata.append(
                XMLElement("infrafs:volumes", ["xmlns:infrafs": MachineMetadata.ownNamespace], volumes))
        }
        return metadata
    }

    private static func os(_ plan: Plan) -> XMLElement {
        var type = XMLElement("type", ["arch": plan.architecture], text: "hvm")
        type["machine"] = plan.machine
        var os = XMLElement(
            "os", [:], [type, XMLElement("boot", ["dev": "hd"]), XMLElement("boot", ["dev": "cdrom"])])
        if plan.isUEFI { os["firmware"] = "efi" }
        return os
    }

    /// Without a wish, hardware virtualisation shows the host's features and emulation keeps QEMU's own model.
    private static func cpu(_ plan: Plan) -> XMLElement? {
        switch plan.cpuModel {
        case "host-model", "host-passthrough", "maximum": XMLElement("cpu", ["mode": plan.cpuModel ?? ""])
        case let model?:
            XMLElement("cpu", ["mode": "custom", "match": "exact"], [XMLElement("model", text: model)])
        case nil: plan.type == "kvm" ? XMLElement("cpu", ["mode": "host-model"]) : nil
        }
    }

    private static func controllers(_ plan: Plan) -> [XMLElement] {
        let needsSCSI = plan.disks.contains { $0.first("target")?["bus"] == "scsi" }
        return needsSCSI ? [XMLElement("controller", ["type": "scsi", "model": "virtio-scsi"])] : []
    }

    /// Serial console, guest agent, a screen for viewers on the host itself, balloon and randomness.
    private static let standardDevices: [XMLElement] = [
        XMLElement("serial", ["type": "pty"]),
        XMLElement("console", ["type": "pty"]),
        XMLElement(
            "channel", ["type": "unix"],
            [XMLElement("target", ["type": "virtio", "name": "org.qemu.guest_agent.0"])]),
        XMLElement(
            "graphics", ["type": "vnc", "port": "-1", "autoport": "yes", "listen": "127.0.0.1"],
            [XMLElement("listen", ["type": "address", "address": "127.0.0.1"])]),
        XMLElement("memballoon", ["model": "virtio"]),
        XMLElement("rng", ["model": "virtio"], [XMLElement("backend", ["model": "random"], text: "/dev/urandom")]),
    ]

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

    private static func source(_ volume: VolumeDetail) -> XMLElement {
        switch volume.diskType {
        case "file": XMLElement("source", ["file": volume.path])
        case "block": XMLElement("source", ["dev": volume.path])
        default: XMLElement("source", ["pool": volume.pool, "volume": volume.name])
        }
    }

    // MARK: Interfaces

    static func interface(_ specification: Specification, on connection: Connection) throws -> XMLElement {
        try specification.require(only: MachineParameters.nicKeys)
        let type = specification.text("type") ?? "network"
        guard let network = specification.text("network") else {
            throw ProviderError(.invalidValue, "nic \(specification.name): network is missing")
        }
        var interface = XMLElement("interface", ["type": type])
        if let mac = specification.text("mac") { interface.append(XMLElement("mac", ["address": mac])) }
        switch type {
        case "network":
            try requireNetwork(network, on: connection)
            interface.append(XMLElement("source", ["network": network]))
        case "bridge": interface.append(XMLElement("source", ["bridge": network]))
        case "direct": interface.append(XMLElement("source", ["dev": network, "mode": "bridge"]))
        default:
            throw ProviderError(.invalidValue, "nic type \(type) is not one of network, bridge, direct")
        }
        interface.append(XMLElement("model", ["type": specification.text("model") ?? "virtio"]))
        return interface
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
        throw ProviderError(.invalidValue, "network \(name) does not exist on this host: see networks/")
    }
}
