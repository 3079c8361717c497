/// A volume (`GET /volumes/detail`).
struct VolumePayload: Decodable, Sendable, Hashable {
    struct Attachment: Decodable, Sendable, Hashable {
        var server: String?
        /// `/dev/vdb`.
        var device: String?

        enum CodingKeys: String, CodingKey {
            case server = "server_id"
            case device
        }
    }

    var id: String
    var name: String?
    /// GiB.
    var size: Int
    /// `available`, `in-use`, `error`, ...
    var status: String
    var type: String?
    /// `true` or `false`, as a text.
    var bootable: String?
    var zone: String?
    var attachments: [Attachment]?

    enum CodingKeys: String, CodingKey {
        case id, name, size, status, bootable, attachments
        case type = "volume_type"
        case zone = "availability_zone"
    }

    /// Its name; its id where it has none, as volumes that Compute makes.
    var title: String { name.flatMap { $0.isEmpty ? nil : $0 } ?? id }

    func device(on server: String) -> String? {
        attachments?.first { $0.server == server }?.device.map { String($0.split(separator: "/").last ?? "") }
    }
}

/// An image (`GET /v2/images`), with the properties that are told from others by their names.
struct ImagePayload: Decodable, Sendable, Hashable {
    var id: String
    var name: String?
    var status: String
    /// Bytes; null while there is no content.
    var size: Int?
    var format: String?
    /// GiB.
    var minimumDisk: Int?
    /// MiB.
    var minimumMemory: Int?
    /// Bytes of the disk in it, where the service has looked.
    var virtualSize: Int?
    var created: String?
    var visibility: String?
    var os: String?
    var owner: String?
    var isProtected: Bool?
    /// The image of the server that it was made from, as Compute notes it.
    var base: String?
    /// What the volumes of a server of it are made of, as Compute notes it: JSON.
    var deviceMapping: String?
    /// The stores that an import failed in; the property is there, and empty, where none did.
    var failedStores: String?
    /// The server that it is a snapshot of, as this provider notes it.
    var snapshotOf: String?
    var snapshotName: String?
    var snapshotDescription: String?
    /// When a server that boots from a volume was put back to it.
    var reverted: String?

    /// The property with the id of the server that an image is a snapshot of.
    static let snapshotProperty = "infrafs_snapshot_of"
    /// The property with the name of that snapshot.
    static let snapshotNameProperty = "infrafs_snapshot"
    /// The property with the time when a server that boots from a volume was put back to that snapshot.
    static let revertProperty = "infrafs_reverted"

    enum CodingKeys: String, CodingKey {
        case id, name, status, size, visibility, owner
        case format = "disk_format"
        case minimumDisk = "min_disk"
        case minimumMemory = "min_ram"
        case virtualSize = "virtual_size"
        case deviceMapping = "block_device_mapping"
        case failedStores = "os_glance_failed_import"
        case created = "created_at"
        case os = "os_distro"
        case isProtected = "protected"
        case base = "base_image_ref"
        case snapshotOf = "infrafs_snapshot_of"
        case snapshotName = "infrafs_snapshot"
        case snapshotDescription = "infrafs_description"
        case reverted = "infrafs_reverted"
    }

    /// A volume of a server that is made of it.
    struct Device: Decodable, Sendable, Hashable {
        var snapshot: String?
        /// 0 is the one that it boots from.
        var order: Int?

        enum CodingKeys: String, CodingKey {
            case snapshot = "snapshot_id"
            case order = "boot_index"
        }
    }

    /// The volumes of a server that is made of it; none where it is the content of one disk.
    var devices: [Device] {
        guard let deviceMapping else { return [] }
        return (try? Cloud.decode([Device].self, Array(deviceMapping.utf8), title)) ?? []
    }

    /// GiB of disk that its content needs at least.
    var leastDisk: Int {
        let bytes = max(size ?? 0, virtualSize ?? 0)
        return max(1, minimumDisk ?? 0, (bytes + (1 << 30) - 1) >> 30)
    }

    var hasFailedImport: Bool { failedStores.map { !$0.isEmpty } ?? false }
    var isISO: Bool { format == "iso" }

    /// Its name; its id where it has none.
    var title: String { name.flatMap { $0.isEmpty ? nil : $0 } ?? id }
}
