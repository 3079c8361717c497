import Glibc
import LibvirtKit
import ProviderAPI
import XMLKit

/// A size that a domain has now and the most it can have without a new start (memory in KiB, or processors).
struct Allotment: Sendable, Hashable {
    var current: Int
    var maximum: Int

    /// Whether room to grow was left on purpose; then only the current size is changed while it fits.
    func hasRoom(for size: Int) -> Bool { maximum > current && size <= maximum }

    static func memory(of domain: XMLElement) -> Allotment? {
        guard let maximum = domain.first("memory").flatMap(kibibytes) else { return nil }
        return Allotment(current: domain.first("currentMemory").flatMap(kibibytes) ?? maximum, maximum: maximum)
    }

    static func cpus(of domain: XMLElement) -> Allotment? {
        guard let vcpu = domain.first("vcpu"), let maximum = Int(vcpu.text) else { return nil }
        return Allotment(current: vcpu["current"].flatMap { Int($0) } ?? maximum, maximum: maximum)
    }

    private static func kibibytes(_ size: XMLElement) -> Int? {
        guard let number = Int(size.text), let unit = DomainDetail.bytes(ofUnit: size["unit"] ?? "KiB") else {
            return nil
        }
        return number * unit / 1024
    }
}

extension Domain {
    func document(inactive: Bool = false, secrets: Bool = false) throws -> XMLElement {
        try XMLElement(parsing: try xml(inactive: inactive, secrets: secrets))
    }

    /// Everything that a change of it can affect now.
    func impacts() throws -> [DomainImpact] {
        var impacts: [DomainImpact] = []
        if try isActive() { impacts.append(.live) }
        if try isPersistent() { impacts.append(.config) }
        return impacts
    }

    /// The same as one set.
    func impact() throws -> DomainImpact {
        DomainImpact(try impacts())
    }
}

extension Machines {
    /// Failures of a live change that only say that it has to wait for the next start.
    static let onlyLater: Set<LibvirtError.Code> = [
        .operationUnsupported, .configUnsupported, .argumentUnsupported, .noSupport, .operationInvalid,
        .operationFailed, .internalError, .invalidArgument, .deviceMissing,
    ]

    /// The definition first, then the running machine as far as it goes: what it cannot take is pending.
    func setMemory(_ mebibytes: Int, of domain: Domain, on connection: Connection) throws {
        guard mebibytes > 0 else { throw ProviderError(.invalidValue, "memory must be at least 1 MiB") }
        let size = mebibytes * 1024
        let impacts = try domain.impacts()
        if impacts.contains(.config) {
            try Turn.once(domain, on: connection) {
                let next = Allotment.memory(of: try domain.document(inactive: true))
                if next?.hasRoom(for: size) != true { try domain.setMemory(size, maximum: true, .config) }
                try domain.setMemory(size, .config)
            }
        }
        guard impacts.contains(.live), let now = Allotment.memory(of: try domain.document()) else { return }
        let isPossible = size <= now.maximum
        guard isPossible || impacts.contains(.config) else {
            throw ProviderError(.outOfRange, "memory: this running machine can have \(now.maximum / 1024) MiB at most")
        }
        guard isPossible, now.current != size else { return }
        try live(impacts) { try domain.setMemory(size, .live) }
        try awaitBalloon(of: domain, size)
    }

    /// The guest gives memory back, or takes it, in its own time; it gets a moment so that a read right after the write
    /// shows the new size. Later the balloon's event tells.
    private func awaitBalloon(of domain: Domain, _ size: Int) throws {
        _ = try session.signals.wait(for: domain.uuid, within: .milliseconds(500)) {
            Allotment.memory(of: try domain.document())?.current == size
        }
    }

    func setCPUs(_ count: Int, of domain: Domain, on connection: Connection) throws {
        guard count > 0 else { throw ProviderError(.invalidValue, "cpus must be at least 1") }
        let impacts = try domain.impacts()
        if impacts.contains(.config) {
            try Turn.once(domain, on: connection) {
                let next = Allotment.cpus(of: try domain.document(inactive: true))
                if next?.hasRoom(for: count) != true { try domain.setVCPUs(count, maximum: true, .config) }
                try domain.setVCPUs(count, .config)
            }
        }
        guard impacts.contains(.live), let now = Allotment.cpus(of: try domain.document()) else { return }
        guard count <= now.maximum || impacts.contains(.config) else {
            throw ProviderError(.outOfRange, "cpus: this running machine can have \(now.maximum) at most")
        }
        guard count <= now.maximum, now.current != count else { return }
        try live(impacts) { try domain.setVCPUs(count, .live) }
    }

    func setDescription(_ text: String, of domain: Domain, on connection: Connection) throws {
        try Turn.once(domain, on: connection) {
            try domain.setDescription(text.isEmpty ? nil : text, try domain.impact())
        }
    }

    /// A live change. Where the definition has it already, a refusal means that it waits for the next start.
    private func live(_ impacts: [DomainImpact], _ change: () throws -> Void) throws {
        do {
            try change()
        } catch let error as LibvirtError {
            guard impacts.contains(.config), Self.onlyLater.contains(error.code) else { throw error }
        }
    }

    /// Makes a change wherever it shows. A machine whose QEMU ends meanwhile takes with it what was of that run.
    private func inEverything(of domain: Domain, _ change: (DomainImpact) throws -> Void) throws {
        for impact in try domain.impacts() {
            do {
                try change(impact)
            } catch let error as LibvirtError {
                guard impact == .live, try !domain.isActive() else { throw error }
            }
        }
    }

    func setMetadata(_ key: String, to value: String?, of domain: Domain, on connection: Connection) throws {
        try Turn.with(domain.uuid, on: connection) {
            try inEverything(of: domain) { impact in
                let old = try domain.metadata(namespace: MachineMetadata.namespace, impact)
                let new = try MachineMetadata.info(old, setting: key, to: value)
                try domain.setMetadata(
                    new, namespace: MachineMetadata.namespace, prefix: MachineMetadata.prefix, impact)
            }
        }
    }

    /// Keeps the list of the volumes that were made together with the machine.
    func changeOwnVolumes(of domain: Domain, on connection: Connection, _ change: (inout Set<String>) -> Void) throws {
        try Turn.with(domain.uuid, on: connection) {
            try inEverything(of: domain) { impact in
                let old = try domain.metadata(namespace: MachineMetadata.ownNamespace, impact)
                var keys = Set(try old.map { try XMLElement(parsing: $0).elements.map(\.text) } ?? [])
                change(&keys)
                let element = MachineMetadata.element(forVolumes: keys)
                guard element != nil || old != nil else { return }
                try domain.setMetadata(
                    element, namespace: MachineMetadata.ownNamespace, prefix: MachineMetadata.ownPrefix, impact)
            }
        }
    }

    /// Volumes are recognised by the machine's name: before that changes, they are written down.
    func rename(_ domain: Domain, to name: String, on connection: Connection) throws {
        try MachineName.check(name)
        guard name != domain.name else { return }
        try requireFree(name, on: connection)
        let own = try ownVolumes(of: domain, on: connection)
        if !own.isEmpty { try changeOwnVolumes(of: domain, on: connection) { $0.formUnion(own.map(\.key)) } }
        try domain.rename(to: name)
    }

    func requireFree(_ name: String, on connection: Connection) throws {
        guard try unless(.noDomain, call: { try connection.domain(named: name) }) != nil else { return }
        throw ProviderError(.alreadyExists, "virtual machine \(name): the name is taken")
    }
}

/// Names that libvirt and the host's files can bear.
enum MachineName {
    static func check(_ name: String) throws(ProviderError) {
        let isOdd = name.isEmpty || name == "." || name == ".." || name.contains("/")
        guard !isOdd, name.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw ProviderError(
                .invalidValue, "\(name) cannot be a machine's name: it must have no slash or control character")
        }
    }
}
