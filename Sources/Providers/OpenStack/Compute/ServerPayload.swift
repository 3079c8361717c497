/// A server as Compute sends it (`GET /servers/detail`, microversion 2.47 and later).
struct ServerPayload: Decodable, Sendable, Hashable {
    struct Address: Decodable, Sendable, Hashable {
        var addr: String
        var version: Int?
        /// `fixed` or `floating`.
        var type: String?
        var mac: String?

        enum CodingKeys: String, CodingKey {
            case addr, version
            case type = "OS-EXT-IPS:type"
            case mac = "OS-EXT-IPS-MAC:mac_addr"
        }
    }

    /// The flavor as it was when the server was made.
    struct Flavor: Decodable, Sendable, Hashable {
        /// Below microversion 2.47.
        var id: String?
        var name: String?
        var vcpus: Int?
        /// MiB.
        var ram: Int?
        /// GiB of the root disk; 0 where there is none.
        var disk: Int?

        enum CodingKeys: String, CodingKey {
            case id, vcpus, ram, disk
            case name = "original_name"
        }
    }

    /// The image it was made from; nil where it boots from a volume, for which Compute sends an empty string.
    struct Image: Decodable, Sendable, Hashable {
        var id: String?

        private enum CodingKeys: String, CodingKey { case id }

        init(from decoder: any Decoder) throws {
            id = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .id)
        }
    }

    struct Fault: Decodable, Sendable, Hashable {
        var message: String?
    }

    struct Attachment: Decodable, Sendable, Hashable {
        var id: String
        /// Whether the volume is deleted with the server.
        var goesWithServer: Bool?

        enum CodingKeys: String, CodingKey {
            case id
            case goesWithServer = "delete_on_termination"
        }
    }

    struct Group: Decodable, Sendable, Hashable {
        var name: String
    }

    var id: String
    var name: String
    /// `ACTIVE`, `SHUTOFF`, ...
    var status: String
    /// What is being done to it: `powering-on`, ...
    var task: String?
    /// 1 running, 3 paused, 4 shut down, 6 crashed, 7 suspended.
    var power: Int?
    var metadata: [String: String]?
    var image: Image?
    var flavor: Flavor?
    /// ISO 8601, UTC.
    var created: String?
    /// The same, of its last change.
    var updated: String?
    var description: String?
    var addresses: [String: [Address]]?
    var volumes: [Attachment]?
    var fault: Fault?
    var groups: [Group]?
    var keyName: String?
    var zone: String?
    /// `/dev/vda`; told to administrators, and to everybody since 2.3 in some clouds.
    var rootDevice: String?

    enum CodingKeys: String, CodingKey {
        case id, name, status, metadata, image, flavor, created, updated, description, addresses, fault
        case task = "OS-EXT-STS:task_state"
        case power = "OS-EXT-STS:power_state"
        case volumes = "os-extended-volumes:volumes_attached"
        case groups = "security_groups"
        case keyName = "key_name"
        case zone = "OS-EXT-AZ:availability_zone"
        case rootDevice = "OS-EXT-SRV-ATTR:root_device_name"
    }
}

/// A flavor (`GET /flavors/detail`).
struct FlavorPayload: Decodable, Sendable, Hashable {
    var id: String
    var name: String
    var vcpus: Int
    /// MiB.
    var ram: Int
    /// GiB.
    var disk: Int
    var description: String?
}
