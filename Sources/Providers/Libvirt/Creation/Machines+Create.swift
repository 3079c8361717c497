import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> VirtualMachine {
        try specification.require(only: MachineParameters.keys)
        try MachineName.check(specification.name)
        return try await session.run("virtual machine \(specification.name)") { connection in
            try requireFree(specification.name, on: connection)
            let uuid = try make(specification, on: connection)
            let context = try MachineContext(of: connection, bulk: false)
            guard let machine = try machine(.init(uuid), on: connection, context) else {
                throw ProviderError(.notFound, "virtual machine \(specification.name): it went away at once")
            }
            return machine
        }
    }

    /// Makes the volumes, the definition and, if wished, the running machine: all of it or nothing.
    private func make(_ specification: Specification, on connection: Connection) throws -> String {
        var maker = VolumeMaker(connection: connection, catalog: volumes, pool: specification.text("pool") ?? pool)
        var defined: Domain?
        do {
            let plan = try plan(specification, &maker)
            let domain = try connection.define(domain: DomainDefinition.domain(plan).description)
            defined = domain
            if let flag = specification.flag("autostart") { try domain.setAutostart(flag) }
            if specification.flag("start") ?? true { try domain.start() }
            return domain.uuid
        } catch {
            if let defined { undo(defined) }
            maker.undo()
            throw error
        }
    }

    /// The first failure is the one to tell; what undoing meets is of no use to anybody.
    private func undo(_ domain: Domain) {
        _ = try? domain.destroy()
        _ = try? domain.undefine()
    }

    private func plan(_ specification: Specification, _ maker: inout VolumeMaker) throws -> DomainDefinition.Plan {
        let capabilities = try HostCapabilities(maker.connection)
        let memory = specification.number("memory") ?? 512
        let cpus = specification.number("cpus") ?? 2
        guard memory > 0, cpus > 0 else {
            throw ProviderError(.invalidValue, "memory and cpus of \(specification.name) must be at least 1")
        }
        let interfaces = try interfaces(specification, on: maker.connection)
        let disks = try disks(specification, &maker)
        return DomainDefinition.Plan(
            name: specification.name,
            type: try capabilities.type(asked: specification.text("virttype") ?? virtualization),
            architecture: capabilities.architecture, memory: memory, cpus: cpus, disks: disks, interfaces: interfaces,
            description: specification.text("description"), fields: try fields(specification),
            ownVolumes: Set(maker.made.map(\.key)), machine: specification.text("machine"),
            cpuModel: specification.text("cpumodel"), isUEFI: specification.flag("uefi") ?? false)
    }

    /// kcli's fields: its own names first, then free ones.
    private func fields(_ specification: Specification) throws -> [(key: String, value: String)] {
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

    /// Without a word about disks, one of 10 GiB, as kcli makes it; the first starts from the machine's image.
    private func disks(_ specification: Specification, _ maker: inout VolumeMaker) throws -> [XMLElement] {
        var wishes = specification.entries("disks")
        let image = specification.text("image")
        if specification.values["disks"] == nil {
            wishes = [Specification(name: "", values: image == nil ? ["size": .number(10)] : [:])]
        }
        if let image {
            guard !wishes.isEmpty else {
                throw ProviderError(.invalidValue, "image \(image) needs a disk to start from it: disks is empty")
            }
            if wishes[0].text("image") == nil, wishes[0].text("volume") == nil {
                wishes[0].values["image"] = .text(image)
            }
        }
        var used: Set<String> = []
        var disks: [XMLElement] = []
        for wish in wishes {
            try wish.require(only: MachineParameters.diskKeys)
            let bus = wish.text("bus") ?? "virtio"
            let target = try DiskName.free(bus: bus, wish: wish.name, except: used)
            used.insert(target)
            let volume = try maker.volume(for: wish, machine: specification.name)
            if wish.text("volume") != nil {
                try VolumeUse(on: maker.connection, volumes).requireFree(volume, except: nil)
            }
            disks.append(DomainDefinition.disk(volume, target: target, bus: bus))
        }
        if let iso = specification.text("iso") {
            let volume = try Storage.isoVolume(named: iso, on: maker.connection, volumes)
            let bus = specification.text("machine")?.contains("q35") == true ? "sata" : "ide"
            disks.append(
                DomainDefinition.drive(
                    target: try DiskName.free(bus: bus, except: used), bus: bus, holding: volume))
        }
        return disks
    }

    /// Without a word about interfaces, one on the network `default`, as kcli makes it; none where there is no such.
    private func interfaces(_ specification: Specification, on connection: Connection) throws -> [XMLElement] {
        guard specification.values["nics"] == nil else {
            return try specification.entries("nics").map { try DomainDefinition.interface($0, on: connection) }
        }
        let hasDefault = try connection.networks(.active).contains { $0.name == "default" }
        guard hasDefault else { return [] }
        return [
            try DomainDefinition.interface(
                Specification(name: "eth0", values: ["network": .text("default")]), on: connection)
        ]
    }
}
