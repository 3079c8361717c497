import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// Adds a device to the running machine and its definition; to the definition alone where the running one cannot
    /// take it (no free slot, a bus without hot-plug).
    func attach(_ device: XMLElement, to domain: Domain) throws {
        let impact = try domain.impact()
        do {
            try domain.attach(device: device.description, impact)
        } catch {
            guard impact == [.live, .config], Self.onlyLater.contains(error.code),
                (try? domain.attach(device: device.description, .config)) != nil
            else { throw error }
        }
    }

    /// Takes a device away, from the running machine and its definition. `isIt` finds it: a running guest gives it up
    /// in its own time, which is waited for.
    func detach(from domain: Domain, where isIt: (XMLElement) -> Bool) throws {
        for impact in try domain.impacts() {
            let document = try domain.document(inactive: impact == .config, secrets: true)
            guard let device = document.first("devices")?.elements.first(where: isIt) else { continue }
            try domain.detach(device: device.description, impact)
            if impact == .live { try awaitRelease(from: domain, where: isIt) }
        }
    }

    private func awaitRelease(from domain: Domain, where isIt: (XMLElement) -> Bool) throws {
        for _ in 0..<100 {
            guard try domain.document().first("devices")?.elements.contains(where: isIt) == true else { return }
            usleep(100_000)
        }
        throw ProviderError(
            .busy, "virtual machine \(domain.name): the guest did not release the device within 10 s: try again")
    }

    // MARK: The CD drive

    func setISO(_ name: String?, of domain: Domain, on connection: Connection) throws {
        let volume = try name.map { try Storage.isoVolume(named: $0, on: connection, volumes) }
        for impact in try domain.impacts() {
            let document = try domain.document(inactive: impact == .config, secrets: true)
            let drive = DomainDetail.drives(of: document).first
            if let drive {
                try domain.update(device: DomainDefinition.drive(drive, holding: volume).description, impact)
            } else if impact == .config, let volume {
                try addDrive(with: volume, to: document, domain)
            }
        }
    }

    private func addDrive(with volume: VolumeDetail, to document: XMLElement, _ domain: Domain) throws {
        let bus = document.first("os/type")?["machine"]?.contains("q35") == true ? "sata" : "ide"
        let drive = DomainDefinition.drive(
            target: try DiskName.free(bus: bus, in: [document]), bus: bus, holding: volume)
        try domain.attach(device: drive.description, .config)
    }

    // MARK: Interfaces

    func addNIC(_ specification: Specification, to domain: Domain, on connection: Connection) throws {
        let interface = try DomainDefinition.interface(specification, on: connection)
        try attach(interface, to: domain)
    }

    func deleteNIC(_ name: String, of domain: Domain) throws {
        let mac = try macOfNIC(name, of: domain)
        try detach(from: domain) { $0.name == "interface" && $0.first("mac")?["address"] == mac }
    }

    func updateNIC(_ name: String, network: String, of domain: Domain, on connection: Connection) throws {
        let mac = try macOfNIC(name, of: domain)
        try DomainDefinition.requireNetwork(network, on: connection)
        let isIt = { (device: XMLElement) in device.name == "interface" && device.first("mac")?["address"] == mac }
        for impact in try domain.impacts() {
            let document = try domain.document(inactive: impact == .config, secrets: true)
            guard let old = document.first("devices")?.elements.first(where: isIt) else { continue }
            let new = DomainDefinition.interface(old, movedTo: network)
            try domain.update(device: new.description, impact)
        }
    }

    /// `eth1` is the second interface of what is shown: the running machine's, or the definition's.
    private func macOfNIC(_ name: String, of domain: Domain) throws -> String {
        let interfaces = try domain.document().all("devices/interface")
        guard name.hasPrefix("eth"), let index = Int(name.dropFirst(3)), interfaces.indices.contains(index),
            let mac = interfaces[index].first("mac")?["address"]
        else { throw ProviderError(.notFound, "virtual machine \(domain.name) has no interface \(name)") }
        return mac
    }
}
