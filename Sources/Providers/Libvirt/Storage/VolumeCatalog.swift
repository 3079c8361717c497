import LibvirtKit
import ProviderAPI
import Synchronization
import XMLKit

/// What the XML of a volume tells.
struct VolumeDetail: Sendable, Hashable {
    var name: String
    var key: String
    var path: String
    var pool: String
    /// Bytes, as the guest sees them.
    var capacity: Int
    /// Bytes that it takes on the host.
    var allocation: Int
    /// Bytes of its file or device: what a reader of its content sees.
    var length: Int
    var format: String?
    /// The path of the volume that it builds on.
    var backing: String?
    /// That volume's format.
    var backingFormat: String?
    /// The type of a machine's disk that has it: `file`, `block`, or `volume` for what is no path on the host.
    var diskType: String

    init(_ volume: XMLElement, pool: String) {
        name = volume.text("name") ?? ""
        key = volume.text("key") ?? ""
        path = volume.text("target/path") ?? ""
        self.pool = pool
        capacity = volume.first("capacity").flatMap(Self.bytes) ?? 0
        allocation = volume.first("allocation").flatMap(Self.bytes) ?? 0
        // A volume without a word about it is not larger than its capacity (an empty file, a raw one).
        length = volume.first("physical").flatMap(Self.bytes) ?? capacity
        let format = volume.first("target/format")?["type"]
        // To QEMU it is raw, whatever the table says that it is for.
        self.format = format.map { Self.partitionTypes.contains($0) ? "raw" : $0 }
        backing = volume.text("backingStore/path")
        backingFormat = volume.first("backingStore/format")?["type"]
        switch volume["type"] {
        case "file", nil: diskType = "file"
        case "block": diskType = "block"
        default: diskType = "volume"
        }
    }

    /// What libvirt calls the format of a partition (formatstorage).
    private static let partitionTypes: Set<String> = [
        "none", "linux", "fat16", "fat32", "linux-swap", "linux-lvm", "linux-raid", "extended",
    ]

    /// A directory in a pool of files (`lost+found`), which libvirt lists and no machine can have.
    var isDirectory: Bool { format == "dir" }

    /// Whole GiB, rounded up: what a disk of that size must have been asked for.
    var gibibytes: Int { (capacity + (1 << 30) - 1) >> 30 }

    private static func bytes(_ size: XMLElement) -> Int? {
        guard let number = Int(size.text), let unit = DomainDetail.bytes(ofUnit: size["unit"] ?? "bytes") else {
            return nil
        }
        return number * unit
    }
}

/// The volumes as they were last read: libvirt has no call for the facts of many.
final class VolumeCatalog: Sendable {
    /// What a listing finds.
    enum Found {
        case volume(VolumeDetail)
        /// One that cannot be read, and why.
        case odd(key: String, name: String, pool: String, reason: String)
    }

    private struct Entry {
        /// nil: no pool has it.
        var detail: VolumeDetail?
        var time: ContinuousClock.Instant
    }

    private struct State {
        var byPath: [String: Entry] = [:]
        var byKey: [String: Entry] = [:]
    }

    private let state = Mutex(State())
    /// For a machine's facts.
    private let lifetime: Duration
    /// For a listing, which asks for many: a size changes seldom, and through this program it is known.
    private let listingLifetime: Duration

    init(lifetime: Duration = .seconds(4), listingLifetime: Duration = .seconds(30)) {
        self.lifetime = lifetime
        self.listingLifetime = listingLifetime
    }

    /// The volume of a machine's disk; nil where no pool has it.
    func volume(
        of disk: DomainDetail.Disk, on connection: Connection, _ index: HostIndex? = nil
    ) throws -> VolumeDetail? {
        if let pool = disk.pool, let name = disk.volume {
            return try tolerant {
                try read(
                    try index?.volume(named: name, in: pool) ?? connection.pool(named: pool).volume(named: name),
                    pool: pool)
            }
        }
        guard let path = disk.path else { return nil }
        let known = state.withLock { $0.byPath[path] }
        if let known, ContinuousClock.now - known.time < lifetime { return known.detail }
        let detail = try tolerant {
            if let (volume, pool) = index?.volume(path: path) { return try read(volume, pool: pool) }
            let volume = try connection.volume(path: path)
            return try read(volume, pool: try volume.pool().name)
        }
        if detail == nil { state.withLock { $0.byPath[path] = Entry(detail: nil, time: .now) } }
        return detail
    }

    /// The same, read anew: sizes that something is done by must not be those of a while ago.
    func current(of disk: DomainDetail.Disk, on connection: Connection) throws -> VolumeDetail? {
        guard let known = try volume(of: disk, on: connection) else { return nil }
        return try volume(key: known.key, on: connection)
    }

    /// The volume of a key, read anew; nil where no pool has it.
    func volume(key: String, on connection: Connection) throws -> VolumeDetail? {
        try tolerant {
            let volume = try connection.volume(key: key)
            return try read(volume, pool: try volume.pool().name)
        }
    }

    /// Reads one volume, and remembers it.
    @discardableResult
    func read(_ volume: StorageVolume, pool: String) throws -> VolumeDetail {
        let detail = VolumeDetail(try XMLElement(parsing: try volume.xml()), pool: pool)
        state.withLock { state in
            state.byPath[detail.path] = Entry(detail: detail, time: .now)
            state.byKey[detail.key] = Entry(detail: detail, time: .now)
        }
        return detail
    }

    /// Reads one that was just made: where it cannot be read, it is not left behind.
    func read(made volume: StorageVolume, in pool: StoragePool, on connection: Connection, _ debts: Debts) throws
        -> VolumeDetail
    {
        do {
            return try read(volume, pool: pool.name)
        } catch {
            debts.takeBack(volume: volume.name, of: pool.name, on: connection)
            throw error
        }
    }

    /// Every volume of every active pool, directories left out: a call a pool, and one for each volume that is not known.
    func all(on connection: Connection) throws -> [Found] {
        try connection.pools(.active).flatMap { pool -> [Found] in
            let name = pool.name
            let all = try unless(.noStoragePool, .operationInvalid) { try pool.volumes() } ?? []
            return try all.compactMap { volume in
                let known = state.withLock { $0.byKey[volume.key] }
                if let known, let detail = known.detail, ContinuousClock.now - known.time < listingLifetime {
                    return detail.isDirectory ? nil : .volume(detail)
                }
                return try found(volume, pool: name, on: connection)
            }
        }
    }

    private func found(_ volume: StorageVolume, pool: String, on connection: Connection) throws -> Found? {
        do {
            let detail = try read(volume, pool: pool)
            return detail.isDirectory ? nil : .volume(detail)
        } catch let error as LibvirtError where error.code == .noStorageVolume {
            return nil
        } catch let error as LibvirtError where connection.isAlive {
            return .odd(key: volume.key, name: volume.name, pool: pool, reason: "\(error)")
        } catch let error as XMLError {
            return .odd(key: volume.key, name: volume.name, pool: pool, reason: "\(error)")
        }
    }

    /// Those that are for one purpose.
    func all(role: VolumeRole, on connection: Connection) throws -> [VolumeDetail] {
        let details = try all(on: connection).compactMap { found in
            if case .volume(let detail) = found { detail } else { nil }
        }
        let backing = Set(details.compactMap(\.backing))
        return details.filter { detail in
            VolumeRole(detail.name, format: detail.format, isBacking: backing.contains(detail.path)) == role
        }
    }

    /// Deletes a volume that nobody needs.
    func delete(key: String, on connection: Connection) throws {
        let volume = try connection.volume(key: key)
        let detail = try read(volume, pool: try volume.pool().name)
        try VolumeUse(on: connection, self).requireFree(detail, except: nil)
        try volume.delete()
        removeAll()
    }

    /// Forgets all.
    func removeAll() {
        state.withLock { $0 = State() }
    }

    /// nil where the volume or its pool is not there.
    private func tolerant(_ read: () throws -> VolumeDetail) throws -> VolumeDetail? {
        try unless(.noStorageVolume, .noStoragePool, .operationInvalid, call: read)
    }
}
