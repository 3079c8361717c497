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
    var minimumDisk: Int?
    var created: String?
    var visibility: String?
    var os: String?
    var owner: String?
    var isProtected: Bool?
    /// The image of the server that it was made from, as Compute notes it.
    var base: String?
    /// The server that it is a snapshot of, as this provider notes it.
    var snapshotOf: String?
    var snapshotName: String?
    var snapshotDescription: String?

    /// The property with the id of the server that an image is a snapshot of.
    static let snapshotProperty = "infrafs_snapshot_of"
    /// The property with the name of that snapshot.
    static let snapshotNameProperty = "infrafs_snapshot"

    enum CodingKeys: String, CodingKey {
        case id, name, status, size, visibility, owner
        case format = "disk_format"
        case minimumDisk = "min_disk"
        case created = "created_at"
        case os = "os_distro"
        case isProtected = "protected"
        case base = "base_image_ref"
        case snapshotOf = "infrafs_snapshot_of"
        case snapshotName = "infrafs_snapshot"
        case snapshotDescription = "infrafs_description"
    }

    /// Its name; its id where it has none.
    var title: String { name.flatMap { $0.isEmpty ? nil : $0 } ?? id }
}
