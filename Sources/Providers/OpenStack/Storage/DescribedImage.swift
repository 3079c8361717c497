import ProviderAPI

/// An image with its free properties, which the service keeps among all else that it tells of it.
struct DescribedImage: Decodable, Sendable {
    let image: ImagePayload
    let properties: [String: String]

    /// What every image has (Image API, "Show image"), and what the files of the tree tell.
    private static let reserved: Set<String> = [
        "id", "name", "status", "size", "virtual_size", "visibility", "owner", "disk_format", "container_format",
        "min_disk", "min_ram", "created_at", "updated_at", "protected", "checksum", "os_hash_algo", "os_hash_value",
        "os_hidden", "tags", "locations", "direct_url", "self", "file", "schema", "stores", "os_distro",
        "block_device_mapping",
    ]

    /// Whether a key is none that anybody may note something under: the service's own, or this provider's.
    static func isReserved(_ key: String) -> Bool {
        reserved.contains(key) || key.hasPrefix("os_glance_") || key.hasPrefix("infrafs_")
    }

    init(from decoder: any Decoder) throws {
        image = try ImagePayload(from: decoder)
        let container = try decoder.container(keyedBy: WrappedName.self)
        var properties: [String: String] = [:]
        for key in container.allKeys where !Self.isReserved(key.stringValue) {
            // What is no text is the service's own.
            if let text = try? container.decode(String.self, forKey: key) { properties[key.stringValue] = text }
        }
        self.properties = properties
    }
}
