import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// Adds a device to the running machine and its definition; to the definition alone where the running one cannot
    /// take it (no free slot, a bus without hot-plug).
    func attach(_ device: XMLElement, to domain: Domain, on connection: Connection) throws {
        try Turn.once(domain, on: connection) {
            let impact = try domain.impact()
            do {
                try domain.attach(device: device.description, impact)
            } catch let error as LibvirtError {
                guard impact == [.live, .config], Self.onlyLater.contains(error.code),
                    (try? domain.attach(device: device.description, .config)) != nil
                else { throw error }
            }
        }
    }

    /// Takes a device away, from the running machine and its definition. `isIt` finds it: a running guest gives it up
    /// in its own time, which is waited for.
    func detach(from domain: Domain, on connection: Connection, where isIt: (XMLElement) -> Bool) throws {
        for impact in try domain.impacts() {
            let wasThere = try Turn.once(domain, on: connection) {
                let document = try domain.document(inactive: impact == .config, secrets: true)
                let device = document.first("devices")?.elements.first(where: isIt)
                if let device { try domain.detach(device: device.description, impact) }
                return device != nil
            }
            if impact == .live, wasThere { try awaitRelease(from: domain, where: isIt) }
        }
    }

    private func awaitRelease(from domain: Domain, where isIt: (XMLElement) -> Bool) throws {
        let isReleased = try session.signals.wait(
            for: domain.uuid, within: .seconds(10), endedBy: [.deviceKept]
        ) {
            try domain.document().first("devices")?.elements.contains(where: isIt) != true
        }
        guard !isReleased else { return }
        throw ProviderError(
            .busy, "virtual machine \(domain.name): the guest did not release the device: it does so once it is up")
    }

    // MARK: The CD drive

    func setISO(_ name: String?, of domain: Domain, on connection: Connection) throws {
        let volume = try name.map { try Storage.isoVolume(named: $0, on: connection, volumes) }
        for impact in try domain.impacts() {
            try Turn.once(domain, on: connection) {
                let document = try domain.document(inactive: impact == .config, secrets: true)
                let drive = DomainDetail.drives(of: document).first
                if let drive {
                    try domain.update(device: DomainDefinition.drive(drive, holding: volume).description, impact)
                } else if impact == .config, let volume {
                    try addDrive(with: volume, to: document, domain)
                }
            }
        }
    }

    private func addDrive(with volume: VolumeDetail, to document: XMLElement, _ domain: Domain) throws {
        let bus = document.first("os/type")?["machine"]?.contains("q35") == true ? "sata" : "ide"
        let drive = DomainDefinition.drive(
            target: try DiskName.free(bus: bus, in: [document]), bus: bus, holding: volume)
        try domain.attach(device: drive.description, .config)
    }
}
