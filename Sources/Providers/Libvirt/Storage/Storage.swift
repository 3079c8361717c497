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

/// What a volume is, as its name tells: there is nothing else to go by.
enum VolumeRole {
    case iso, image, disk

    init(_ name: String, format: String?, isBacking: Bool) {
        let lower = name.lowercased()
        if lower.hasSuffix(".iso") || format == "iso" {
            self = .iso
        } else if isBacking || [".qcow2", ".qc2", ".raw"].contains(where: lower.hasSuffix) || !name.contains(".") {
            self = .image
        } else {
            self = .disk
        }
    }
}
