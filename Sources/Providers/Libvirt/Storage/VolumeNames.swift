import LibvirtKit
import XMLKit

/// Names for volumes that are about to be made.
enum VolumeNames {
    /// A name that no volume of a pool has, nor one of those that were taken: the next partition's in a partition table,
    /// else the first of those that `name` gives for 0, 1, 2, ...
    static func free(
        in pool: StoragePool, besides taken: Set<String> = [], _ name: (Int) -> String
    ) throws -> String {
        let used = Set(try pool.volumes().map(\.name)).union(taken)
        let document = try XMLElement(parsing: try pool.xml())
        return nextPartition(of: document, besides: used) ?? first(from: 0, besides: used, name)
    }

    /// What libvirt names the next partition of a pool that is a partition table, where it takes no other name; nil for other
    /// pools.
    static func nextPartition(of pool: XMLElement, besides used: Set<String>) -> String? {
        guard pool["type"] == "disk", let device = pool.first("source/device")?["path"] else { return nil }
        let disk = String(device.split(separator: "/").last ?? "")
        var stem = disk.last?.isNumber ?? false ? disk + "p" : disk
        // A path may be a link to the disk; partitions are named by itself.
        if let other = used.first { stem = String(other.reversed().drop { $0.isNumber }.reversed()) }
        return first(from: 1, besides: used) { "\(stem)\($0)" }
    }

    private static func first(from start: Int, besides used: Set<String>, _ name: (Int) -> String) -> String {
        var index = start
        while used.contains(name(index)) { index += 1 }
        return name(index)
    }
}
