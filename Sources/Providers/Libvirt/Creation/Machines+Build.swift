import CloudInit
import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// Everything that the definition names. What only needs a look comes before what is made.
    func build(_ wish: MachineWish, _ maker: inout VolumeMaker, _ reserved: inout Reservations) throws
        -> DomainDefinition.Made
    {
        let connection = maker.connection
        let host = try HostCapabilities(connection, architecture: wish.architecture)
        let type = try host.type(asked: wish.virtualization ?? virtualization)
        try DomainCapabilities(connection, type: type, architecture: host.architecture, firmware: wish.firmware)
            .check(wish)
        let bus = DomainDefinition.driveBus(architecture: host.architecture, machine: wish.firmware.machine)
        let names = try DeviceNames(wish, driveBus: bus)
        var made = DomainDefinition.Made(type: type, host: host)
        made.kernel = try wish.firmware.kernel.map { try path(of: $0, on: connection) }
        made.initrd = try wish.firmware.initrd.map { try path(of: $0, on: connection) }
        let isNetworked = try requireNetworks(wish, on: connection)
        let media = try wish.media.map { try Storage.isoVolume(named: $0, on: connection, volumes) }
        let floppy = try wish.floppy.map { try Storage.isoVolume(named: $0, on: connection, volumes) }
        try requireStanding(wish, maker)
        for (index, disk) in wish.disks.enumerated() {
            let volume = try maker.volume(for: disk.volume, machine: wish.name)
            made.disks.append(disk.element(volume, target: names.disks[index], order: names.diskOrders[index]))
        }
        let disc = try firstBootDisc(wish, &maker)
        for (index, volume) in (media + (disc.map { [$0] } ?? [])).enumerated() {
            var drive = DomainDefinition.drive(target: names.drives[index], bus: bus, holding: volume)
            if let order = names.driveOrders[index] { drive.append(XMLElement("boot", ["order": "\(order)"])) }
            made.disks.append(drive)
        }
        if let floppy { made.disks.append(DomainDefinition.floppy(floppy)) }
        if isNetworked {
            for (index, interface) in wish.interfaces.enumerated() {
                made.interfaces.append(try interface.element(order: names.interfaceOrders[index]))
                try reserved.add(interface, domain: wish.domain)
            }
        }
        made.ownVolumes = Set(maker.made.map(\.key))
        return made
    }

    /// A file of the host: a volume by its name, or a path as it is.
    private func path(of name: String, on connection: Connection) throws -> String {
        guard !name.hasPrefix("/") else { return name }
        return try Storage.image(named: name, first: nil, on: connection, volumes).path
    }

    /// Whether the machine gets its interfaces: the standard one needs a network to be on.
    private func requireNetworks(_ wish: MachineWish, on connection: Connection) throws -> Bool {
        if wish.hasStandardInterface, try !connection.networks(.active).contains(where: { $0.name == "default" }) {
            return false
        }
        for interface in wish.interfaces where interface.type == "network" {
            if let network = interface.network { try DomainDefinition.requireNetwork(network, on: connection) }
        }
        return true
    }

    /// Pools, images and volumes that are named are there, and a standing volume is nobody else's.
    private func requireStanding(_ wish: MachineWish, _ maker: VolumeMaker) throws {
        var use: VolumeUse?
        for disk in wish.disks {
            let pool = try Storage.pool(disk.volume.text("pool") ?? maker.pool, on: maker.connection)
            if let name = disk.volume.text("volume") {
                let volume = try Storage.volume(named: name, in: pool, on: maker.connection, volumes)
                guard !disk.isShareable else { continue }
                let known = try use ?? VolumeUse(on: maker.connection, volumes)
                use = known
                try known.requireFree(volume, except: nil)
            } else if let image = disk.volume.text("image") {
                _ = try Storage.image(named: image, first: pool, on: maker.connection, volumes)
            }
        }
    }

    /// The disc that tells the guest what to do at its first boot, as a volume of the machine's own.
    private func firstBootDisc(_ wish: MachineWish, _ maker: inout VolumeMaker) throws -> VolumeDetail? {
        guard let boot = wish.firstBoot else { return nil }
        let disc = boot.disc(instanceID: wish.uuid, wish.guestInterfaces)
        let pool = try Storage.pool(maker.pool, on: maker.connection)
        // kcli's name, by which it deletes it together with the machine.
        let isTaken = try unless(.noStorageVolume) { try pool.volume(named: "\(wish.name).ISO") } != nil
        return try maker.make(isTaken ? "\(wish.name)-\(wish.uuid).ISO" : "\(wish.name).ISO", disc.bytes, in: pool)
    }
}
