import LibvirtKit
import ProviderAPI
import XMLKit

/// What an operation leaves on a host where it ends before its end, in words that the next process understands too, and how
/// that is put right: as it was before the operation or, where the host has gone on by itself, as it was to be.
enum Owed: Codable, Hashable, Sendable {
    /// A volume that was being made.
    case volume(String, pool: String)
    /// A volume that was to go, once nothing needs it. `machine` is the UUID of the one that it was to go with: while that is
    /// there, it stays. `written` is when it was last written, as libvirt says it: one with another time is another.
    case removal(volume: String, pool: String, written: String, machine: String?)
    /// A machine that was made; its volumes stay.
    case machine(uuid: String, name: String)
    /// A network that was being made.
    case network(uuid: String, name: String)
    /// A pool that was being made.
    case pool(uuid: String, name: String)
    /// A network that was stopped to be removed.
    case stoppedNetwork(uuid: String, name: String)
    /// A pool that was stopped to be removed.
    case stoppedPool(uuid: String, name: String)
    /// Parts of a network that were changed.
    case change(NetworkParts)
    /// A network that was stopped to be started with another definition; the one that it had and the other, as XML.
    case restart(uuid: String, name: String, old: String, new: String)
    /// What a network keeps for an interface of a machine that was being made.
    case reservation(Reservations.Entry, machine: String)

    /// When and by whom it is put right.
    enum Occasion: Sendable {
        /// At once, by the operation that failed.
        case now
        /// Later, by the same process: seconds since 1970 since when it is owed.
        case later(since: Int)
        /// By the process after the one that was killed, which was last known to go on at that time.
        case afterwards(since: Int)

        var since: Int? {
            switch self {
            case .now: nil
            case .later(let time), .afterwards(let time): time
            }
        }

        var isNow: Bool { if case .now = self { true } else { false } }

        var isAfterwards: Bool { if case .afterwards = self { true } else { false } }
    }

    /// Whether it is written down: a machine that was made is whole, whoever made it.
    var isWrittenDown: Bool { if case .machine = self { false } else { true } }

    /// Whether the first look of the next process decides: what is as it was then, people may change from then on.
    var isDecidedAtOnce: Bool {
        switch self {
        case .volume: false
        default: true
        }
    }

    /// `volume web1_0.img of pool default`, ...
    var subject: String {
        switch self {
        case .volume(let name, let pool), .removal(let name, let pool, _, _): "volume \(name) of pool \(pool)"
        case .machine(_, let name): "virtual machine \(name)"
        case .network(_, let name), .stoppedNetwork(_, let name): "network \(name)"
        case .pool(_, let name), .stoppedPool(_, let name): "pool \(name)"
        case .change(let parts): "what changed of network \(parts.name)"
        case .restart(_, let name, _, _): "what changed of network \(name)"
        case .reservation(let entry, _): entry.subject
        }
    }

    /// Puts it right; does nothing where there is nothing to do. Blocks.
    func settle(on connection: Connection, _ occasion: Occasion, _ debts: Debts) throws {
        switch self {
        case .volume(let name, let pool):
            try Self.remove(volume: name, of: pool, on: connection, occasion.since)
        case .removal(let name, let pool, let written, let machine):
            if let machine, try unless(.noDomain, call: { try connection.domain(uuid: machine) }) != nil { return }
            try Self.remove(volume: name, of: pool, writtenAt: written, on: connection)
        case .machine(let uuid, _): try Self.remove(machine: uuid, on: connection)
        // What runs was whole, or was put to use since.
        case .network(let uuid, _):
            try unless(.noNetwork) {
                try connection.network(uuid: uuid).remove(evenActive: !occasion.isAfterwards)
            }
        case .pool(let uuid, _):
            try unless(.noStoragePool) {
                try connection.pool(uuid: uuid).remove(evenActive: !occasion.isAfterwards)
            }
        case .stoppedNetwork(let uuid, _): try unless(.noNetwork) { try connection.network(uuid: uuid).restart() }
        case .stoppedPool(let uuid, _): try unless(.noStoragePool) { try connection.pool(uuid: uuid).restart() }
        case .change(let parts): try parts.takeBack(on: connection, isInTurn: occasion.isNow)
        case .restart(let uuid, _, let old, let new):
            try Self.restart(network: uuid, from: old, to: new, on: connection, keepsDefinition: !occasion.isNow)
        case .reservation(let entry, let machine):
            if occasion.isAfterwards, try Self.isThere(mac: entry.mac, on: connection) { return }
            try Reservations(of: machine, on: connection, debts).remove(entry)
        }
    }

    // MARK: Volumes

    /// Seconds by which the clocks of two hosts may differ.
    private static let skew = 60

    /// A volume that something needs stays: the call that was to give it to that did take effect. One that was written
    /// after the connection was lost is another's, and one that does not tell its time may be.
    private static func remove(volume name: String, of pool: String, on connection: Connection, _ since: Int?) throws {
        try unless(.noStoragePool, .noStorageVolume) {
            let volume = try connection.pool(named: pool).volume(named: name)
            if let since {
                guard let changed = try written(volume).flatMap(Double.init), changed <= Double(since + skew) else {
                    throw ProviderError(.busy, "it may have been made by somebody else since")
                }
            }
            try removeFree(volume, of: pool, on: connection)
        }
    }

    private static func remove(volume name: String, of pool: String, writtenAt time: String, on connection: Connection)
        throws
    {
        try unless(.noStoragePool, .noStorageVolume) {
            let volume = try connection.pool(named: pool).volume(named: name)
            if try written(volume) == time { try removeFree(volume, of: pool, on: connection) }
        }
    }

    private static func removeFree(_ volume: StorageVolume, of pool: String, on connection: Connection) throws {
        let catalog = VolumeCatalog()
        let use = try VolumeUse(on: connection, catalog)
        if use.isFree(try catalog.read(volume, pool: pool), except: nil) { try volume.delete() }
    }

    /// nil for one that does not tell its time.
    private static func written(_ volume: StorageVolume) throws -> String? {
        try XMLElement(parsing: try volume.xml()).text("target/timestamps/mtime")
    }

    /// Volumes that are to go with a machine or, where that is nil, with a disk of one. One that does not tell its time, or
    /// is gone, is not among them.
    static func removals(of volumes: [VolumeDetail], machine: String?, on connection: Connection) throws -> [Owed] {
        try volumes.compactMap { detail in
            let time = try unless(.noStorageVolume) { try written(try connection.volume(key: detail.key)) } ?? nil
            return time.map { .removal(volume: detail.name, pool: detail.pool, written: $0, machine: machine) }
        }
    }

    // MARK: Machines

    private static func remove(machine uuid: String, on connection: Connection) throws {
        try unless(.noDomain) {
            let domain = try connection.domain(uuid: uuid)
            if try domain.isActive() { try domain.destroy() }
            if try domain.isPersistent() { try domain.undefine() }
        }
    }

    /// Whether a machine has an interface of that hardware address.
    private static func isThere(mac: String, on connection: Connection) throws -> Bool {
        try connection.domains().contains { domain in
            try unless(.noDomain) { try NICReference.macs(of: domain).contains(mac.lowercased()) } ?? false
        }
    }

    // MARK: Networks

    /// Where it does not run it is started, as it was before; a definition that it has by then stays where that can be, and
    /// where somebody has made something else of it.
    private static func restart(
        network uuid: String, from old: String, to new: String, on connection: Connection, keepsDefinition: Bool
    ) throws {
        try unless(.noNetwork) {
            let network = try connection.network(uuid: uuid)
            guard try !network.isActive() else { return }
            if keepsDefinition, (try? network.start()) != nil { return }
            let now = try XMLElement(parsing: try network.xml(inactive: true)).canonical
            guard try [old, new].contains(where: { try XMLElement(parsing: $0).canonical == now }) else { return }
            try connection.define(network: old).start()
        }
    }
}

/// What libvirt defines and starts apart from each other: a network, a pool.
private protocol Configured {
    func isActive() throws(LibvirtError) -> Bool
    func isPersistent() throws(LibvirtError) -> Bool
    func start() throws(LibvirtError)
    func stop() throws(LibvirtError)
    func undefine() throws(LibvirtError)
}

extension LibvirtKit.Network: Configured {}

extension StoragePool: Configured {}

extension Configured {
    fileprivate func remove(evenActive: Bool) throws {
        let isActive = try isActive()
        guard evenActive || !isActive else { return }
        if isActive { try stop() }
        try undefine()
    }

    /// One that has lost its definition, late, goes; any other is started again.
    fileprivate func restart() throws {
        switch (try isPersistent(), try isActive()) {
        case (true, false): try start()
        case (false, true): try stop()
        default: break
        }
    }
}

extension XMLElement {
    /// The same whatever the order of attributes and the space between elements: libvirt writes both its own way.
    var canonical: XMLElement {
        var element = self
        element.attributes.sort { $0.name < $1.name }
        element.children = children.compactMap { child in
            switch child {
            case .element(let part): .element(part.canonical)
            case .text(let text): text.allSatisfy(\.isWhitespace) ? nil : child
            case .markup: child
            }
        }
        return element
    }
}
