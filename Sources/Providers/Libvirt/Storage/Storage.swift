import LibvirtKit
import ProviderAPI

/// Finding pools and volumes by the plain names that people write.
enum Storage {
    /// The pool of that name; without one, `default`, or the only pool there is.
    static func pool(_ name: String?, on connection: Connection) throws -> StoragePool {
        if let pool = try unless(.noStoragePool, call: { try connection.pool(named: name ?? "default") }) {
            return pool
        }
        let active = try connection.pools(.active)
        if name == nil, active.count == 1 { return active[0] }
        throw ProviderError(.invalidValue, "pool \(name ?? "default") does not exist on this host: see pools/")
    }

    /// The volume of that name, in that pool first and in all others after; or of that path.
    static func volume(
        named name: String, in first: StoragePool?, on connection: Connection, _ catalog: VolumeCatalog
    ) throws -> VolumeDetail {
        if name.hasPrefix("/") {
            let volume = try connection.volume(path: name)
            return try catalog.read(volume, pool: try volume.pool().name)
        }
        let others = try connection.pools(.active).filter { $0.uuid != first?.uuid }
        for pool in (first.map { [$0] } ?? []) + others {
            let found = try unless(.noStorageVolume, .operationInvalid) {
                try catalog.read(try pool.volume(named: name), pool: pool.name)
            }
            if let found { return found }
        }
        throw ProviderError(.invalidValue, "volume \(name) is in no active pool of this host")
    }

    /// The volume of an image. One that came to a pool behind libvirt's back is found after a refresh.
    static func image(
        named name: String, first pool: StoragePool?, on connection: Connection, _ catalog: VolumeCatalog
    ) throws -> VolumeDetail {
        do {
            return try volume(named: name, in: pool, on: connection, catalog)
        } catch let error as ProviderError where error.code == .invalidValue {
            for pool in try connection.pools(.active) { try pool.refresh() }
        }
        do {
            return try volume(named: name, in: pool, on: connection, catalog)
        } catch let error as ProviderError where error.code == .invalidValue {
            throw ProviderError(.invalidValue, "image \(name) is in no active pool of this host: see images/ and isos/")
        }
    }

    /// The volume of an ISO.
    static func isoVolume(named name: String, on connection: Connection, _ catalog: VolumeCatalog) throws
        -> VolumeDetail
    {
        try image(named: name, first: nil, on: connection, catalog)
    }
}

/// What a volume is for. libvirt keeps nothing about that, so the name tells: `.iso` is a medium; `NAME_0.img` and what
/// snapshots make of it (`NAME_0.img.before`) is a machine's own disk, as kcli and this program name them; firmware
/// variables are nothing to start from. All else can be the image of a machine.
enum VolumeRole: Sendable {
    case iso, image, disk

    init(_ name: String, format: String?, isBacking: Bool) {
        let lower = name.lowercased()
        if lower.hasSuffix(".iso") || format == "iso" {
            self = .iso
        } else if isBacking || !(Self.isMachineDisk(lower) || lower.hasSuffix(".fd") || lower.hasSuffix(".mem")) {
            self = .image
        } else {
            self = .disk
        }
    }

    private static func isMachineDisk(_ name: String) -> Bool {
        guard
            let range = name.ranges(of: ".img").last(where: {
                $0.upperBound == name.endIndex || name[$0.upperBound] == "."
            })
        else { return false }
        let stem = name[..<range.lowerBound]
        let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.count
        return digits > 0 && stem.dropLast(digits).last == "_" && stem.count > digits + 1
    }
}
