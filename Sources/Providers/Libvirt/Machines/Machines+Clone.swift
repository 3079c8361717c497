import FoundationEssentials
import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// Copies a machine: new identity, hardware addresses and volumes. What its disks share with an image the copy shares
    /// too, unless it is to be full; what is their own is copied. All of it or nothing.
    func clone(
        _ id: VirtualMachine.ID, to name: String, full: Bool, start: Bool, _ job: any JobReporter
    ) async throws(ProviderError) {
        try MachineName.check(name)
        try await session.long(cache.subject(id), job) { [self] connection, cancellation, progress in
            let domain = try connection.domain(uuid: id.rawValue)
            try requireStill(domain, "clone")
            try requireFree(name, on: connection)
            let plan = try ClonePlan(of: domain, named: name, full: full, on: connection, self)
            job.accepted()
            progress.begin(total: plan.copies.reduce(0) { $0 + $1.source.allocation })
            var made: [StorageVolume] = []
            do {
                for copy in plan.copies {
                    try cancellation.check()
                    made.append(try copy.make(on: connection, progress, cancellation, session.debts))
                }
                try cancellation.check()
                let keys = Set(made.map(\.key))
                try define(plan.definition(own: keys), start: start, on: connection)
            } catch {
                for (copy, _) in zip(plan.copies, made) {
                    session.debts.takeBack(volume: copy.name, of: copy.pool, on: connection)
                }
                volumes.removeAll()
                throw error
            }
            volumes.removeAll()
        }
    }

    /// A clone that cannot be started is not left behind.
    private func define(_ definition: XMLElement, start: Bool, on connection: Connection) throws {
        let owed = Owed.machine(uuid: definition.text("uuid") ?? "", name: definition.text("name") ?? "")
        let clone = try session.debts.making(owed, on: connection) {
            try connection.define(domain: definition.description)
        }
        do {
            if start { try clone.start() }
        } catch {
            session.debts.takeBack(owed, on: connection)
            throw error
        }
    }

    /// Makes an image of a machine's boot disk, with all that it is built on.
    func export(_ id: VirtualMachine.ID, to image: String, _ job: any JobReporter) async throws(ProviderError) {
        try MachineName.check(image)
        guard VolumeRole(image, format: nil, isBacking: false) == .image else {
            throw ProviderError(
                .invalidValue, "\(image) cannot be the name of an image: it is that of a medium or a disk")
        }
        try await session.long(cache.subject(id), job) { [self] connection, cancellation, progress in
            let domain = try connection.domain(uuid: id.rawValue)
            try requireStill(domain, "export")
            let disks = DomainDetail(try domain.document(inactive: true)).disks
            guard let disk = disks.first(where: \.boot) ?? disks.first,
                let source = try volumes.current(of: disk, on: connection)
            else { throw ProviderError(.unsupported, "it has no disk that a pool has: there is nothing to export") }
            let pool = try connection.pool(named: source.pool)
            guard try unless(.noStorageVolume, call: { try pool.volume(named: image) }) == nil else {
                throw ProviderError(.alreadyExists, "image \(image): pool \(pool.name) has a volume of that name")
            }
            job.accepted()
            let copy = VolumeCopy(
                source: source, name: image, pool: source.pool,
                format: source.diskType == "file" ? "qcow2" : "raw", isLinked: false)
            progress.begin(total: source.allocation)
            _ = try copy.make(on: connection, progress, cancellation, session.debts)
            guard !cancellation.isCancelled else {
                session.debts.takeBack(volume: image, of: source.pool, on: connection)
                throw ProviderError(.cancelled, "interrupted")
            }
            volumes.removeAll()
        }
        session.send(ProviderEvent(.collection(.images), detail: "exported"))
    }

    /// The disks of a running machine change under whoever copies them.
    private func requireStill(_ domain: Domain, _ what: String) throws {
        let isActive = try domain.isActive()
        try require(!isActive, domain, "it is running, and a copy of its disks would be torn: stop it, then \(what)")
    }
}

/// The copy of a volume.
struct VolumeCopy {
    let source: VolumeDetail
    let name: String
    let pool: String
    let format: String
    /// Whether it keeps building on what its source builds on.
    let isLinked: Bool

    func make(
        on connection: Connection, _ progress: CopyProgress, _ cancellation: Cancellation, _ debts: Debts
    ) throws -> StorageVolume {
        progress.begin(name, in: pool, bytes: source.allocation)
        defer { progress.finished() }
        let original = try connection.volume(key: source.key)
        let pool = try connection.pool(named: pool)
        guard isLinked else {
            let xml = VolumeDefinition.volume(name, capacity: source.capacity, format: format)
            return try pool.createVolume(xml, copying: original, on: connection, debts)
        }
        // virStorageVolCreateXMLFrom copies what a volume is built on into it; its file as it is keeps building on that.
        let empty = VolumeDefinition.volume(name, capacity: 0, format: "raw")
        let copy = try pool.createVolume(empty, on: connection, debts)
        do {
            try copyContent(of: original, to: copy, cancellation)
            try pool.refresh()
            return try pool.volume(named: name)
        } catch {
            debts.takeBack(volume: name, of: pool.name, on: connection)
            throw error
        }
    }

    private func copyContent(of original: StorageVolume, to copy: StorageVolume, _ cancellation: Cancellation) throws {
        let upload = try VolumeUpload(into: copy, offset: 0, holes: true)
        var offset = 0
        while offset < source.length {
            try cancellation.check()
            let part = try original.download(offset: offset, length: source.length - offset, limit: 4 << 20)
            guard part.end > offset else { break }
            for extent in part.extents {
                if let place = extent.place {
                    try upload.send(Array(part.bytes[place..<place + extent.count]))
                } else {
                    try upload.sendHole(extent.count)
                }
            }
            offset = part.end
        }
        try upload.finish()
    }
}

/// What a clone is made of.
private struct ClonePlan {
    let name: String
    private let uuid = UUID().uuidString.lowercased()
    private(set) var copies: [VolumeCopy] = []
    private var document: XMLElement

    init(of domain: Domain, named name: String, full: Bool, on connection: Connection, _ machines: Machines) throws {
        self.name = name
        document = try domain.document(inactive: true, secrets: true)
        let own = Set(try machines.ownVolumes(of: domain, on: connection).map(\.key))
        var taken: Set<String> = []
        for index in document.children.indices {
            guard case .element(var devices) = document.children[index], devices.name == "devices" else { continue }
            for place in devices.children.indices {
                guard case .element(let device) = devices.children[place] else { continue }
                devices.children[place] = .element(
                    try self.device(device, own, full: full, &taken, on: connection, machines.volumes))
            }
            document.children[index] = .element(devices)
        }
    }

    private mutating func device(
        _ device: XMLElement, _ own: Set<String>, full: Bool, _ taken: inout Set<String>, on connection: Connection,
        _ catalog: VolumeCatalog
    ) throws -> XMLElement {
        var device = device
        switch device.name {
        case "interface":
            // libvirt gives it an address of its own.
            device.removeAll { $0.name == "mac" }
            return device
        case "disk": break
        default: return device
        }
        guard device.first("source") != nil, device.first("shareable") == nil else { return device }
        let target = device.first("target")?["dev"] ?? "disk"
        let source = device.first("source")
        let disk = DomainDetail.Disk(
            target: target, path: source?["file"] ?? source?["dev"], pool: source?["pool"], volume: source?["volume"],
            type: device["device"] ?? "disk", boot: false)
        let volume = try catalog.current(of: disk, on: connection)
        let isMedium = device.first("readonly") != nil || disk.type != "disk"
        guard let volume, !isMedium || own.contains(volume.key) else {
            guard !isMedium else { return device }
            throw ProviderError(.unsupported, "disk \(target): no pool has its volume, so it cannot be copied")
        }
        let pool = try connection.pool(named: volume.pool)
        let copyName = try freeName(isMedium ? "\(name).ISO" : "\(name)_%.img", in: pool, &taken)
        let format = volume.format ?? "raw"
        copies.append(
            VolumeCopy(
                source: volume, name: copyName, pool: volume.pool, format: format == "iso" ? "raw" : format,
                isLinked: !full && volume.backing != nil && volume.diskType == "file"))
        device.removeAll { $0.name == "backingStore" }
        let path = volume.path.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [copyName[...]]
        device.update(where: { $0.name == "source" }) { source in
            if source["file"] != nil { source["file"] = path.joined(separator: "/") }
            if source["dev"] != nil { source["dev"] = path.joined(separator: "/") }
            if source["volume"] != nil { source["volume"] = copyName }
        }
        return device
    }

    /// kcli's names: `web2_0.img`, `web2_1.img`, ...
    private func freeName(_ pattern: String, in pool: StoragePool, _ taken: inout Set<String>) throws -> String {
        let name = try VolumeNames.free(in: pool, besides: taken) { index in
            if pattern.contains("%") { return pattern.replacing("%", with: "\(index)") }
            return index == 0 ? pattern : "\(index)-\(pattern)"
        }
        taken.insert(name)
        return name
    }

    /// The definition of the clone: what identifies the machine is made anew.
    func definition(own keys: Set<String>) -> XMLElement {
        var domain = document
        domain.removeAll { ["uuid", "genid"].contains($0.name) }
        domain.update(where: { $0.name == "name" }) { $0 = XMLElement("name", text: name) }
        domain.append(XMLElement("uuid", text: uuid))
        domain.update(where: { $0.name == "os" }) { os in
            // Its own firmware variables, from the template.
            os.update(where: { $0.name == "nvram" }) { nvram in
                nvram.children = []
                nvram.removeAll { $0.name == "source" }
            }
        }
        domain.update(where: { $0.name == "metadata" }) { metadata in
            metadata.update(where: { $0.localName == "info" }) { info in
                // A fixed address is the original's.
                info.removeAll { $0.localName == "ip" }
                info.update(where: { $0.localName == "creationdate" }) { date in
                    date = XMLElement(date.name, text: MachineMetadata.kcliDate(time(nil)))
                }
            }
        }
        return MachineMetadata.domain(domain, owning: keys)
    }
}
