import LibvirtKit
import ProviderAPI
import Synchronization

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
    var format: String?
    /// The path of the volume that it builds on.
    var backing: String?

    init(_ volume: XMLElement, pool: String) {
        name = volume.text("name") ?? ""
        key = volume.text("key") ?? ""
        path = volume.text("target/path") ?? ""
        self.pool = pool
        capacity = volume.first("capacity").flatMap(Self.bytes) ?? 0
        allocation = volume.first("allocation").flatMap(Self.bytes) ?? 0
        format = volume.first("target/format")?["type"]
        backing = volume.text("backingStore/path")
    }

    /// Whole GiB, rounded up: what a disk of that size must have been asked for.
    var gibibytes: Int { (capacity + (1 << 30) - 1) >> 30 }

    private static func bytes(_ size: XMLElement) -> Int? {
        guard let number = Int(size.text), let unit = DomainDetail.bytes(ofUnit: size["unit"] ?? "bytes") else {
            return nil
        }
        return number * unit
    }
}

/// The volumes as they were last read, by path: libvirt has no call for the facts of many.
final class VolumeCatalog: Sendable {
    private struct Entry {
        var detail: VolumeDetail?
        var time: ContinuousClock.Instant
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let lifetime: Duration

    init(lifetime: Duration = .seconds(10)) {
        self.lifetime = lifetime
    }

    /// The volume of a machine's disk; nil where no pool has it.
    func volume(of disk: DomainDetail.Disk, on connection: Connection) throws -> VolumeDetail? {
        if let pool = disk.pool, let name = disk.volume {
            return try tolerant { try read(try connection.pool(named: pool).volume(named: name), pool: pool) }
        }
        guard let path = disk.path else { return nil }
        let known = entries.withLock { $0[path] }
        if let known, ContinuousClock.now - known.time < lifetime { return known.detail }
        let detail = try tolerant {
            let volume = try connection.volume(path: path)
            return try read(volume, pool: try volume.pool().name)
        }
        entries.withLock { $0[path] = Entry(detail: detail, time: .now) }
        return detail
    }

    /// Reads one volume, and remembers it.
    @discardableResult
    func read(_ volume: StorageVolume, pool: String) throws -> VolumeDetail {
        let detail = VolumeDetail(try XMLElement(parsing: try volume.xml()), pool: pool)
        entries.withLock { $0[detail.path] = Entry(detail: detail, time: .now) }
        return detail
    }

    /// Forgets all.
    func removeAll() {
        entries.withLock { $0 = [:] }
    }

    /// nil where the volume or its pool is not there.
    private func tolerant(_ read: () throws -> VolumeDetail) throws -> VolumeDetail? {
        do {
            return try read()
        } catch let error as LibvirtError
            where [.noStorageVolume, .noStoragePool, .operationInvalid].contains(error.code)
        {
            return nil
        }
    }
}
