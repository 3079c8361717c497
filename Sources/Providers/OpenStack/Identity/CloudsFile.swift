import Glibc
import ProviderAPI
import YAMLKit

/// clouds.yaml, with secure.yaml merged over it (openstacksdk, "Configuring OpenStack SDK Applications").
struct CloudsFile {
    private let clouds: [YAMLNode]

    /// Where they are looked for, nearest first.
    private static func directories(home: String?, configuration: String?) -> [String] {
        let personal = configuration ?? home.map { "\($0)/.config" }
        return ["."] + (personal.map { ["\($0)/openstack"] } ?? []) + ["/etc/openstack"]
    }

    /// Reads those that are there; nil where there is none. `invalidValue` for one that cannot be read.
    init?(environment: (String) -> String?) throws(ProviderError) {
        let directories = Self.directories(home: environment("HOME"), configuration: environment("XDG_CONFIG_HOME"))
        let clouds = try Self.first("clouds", environment("OS_CLIENT_CONFIG_FILE"), directories)
        guard let clouds else { return nil }
        let secure = try Self.first("secure", environment("OS_CLIENT_SECURE_FILE"), directories)
        self.clouds = [secure, clouds].compactMap { $0 }
    }

    private static func first(
        _ name: String, _ path: String?, _ directories: [String]
    ) throws(ProviderError) -> YAMLNode? {
        let candidates = path.map { [$0] } ?? directories.flatMap { ["\($0)/\(name).yaml", "\($0)/\(name).yml"] }
        for candidate in candidates {
            guard let text = try contents(candidate) else { continue }
            do throws(YAMLError) {
                return try YAML.parse(text)
            } catch {
                throw ProviderError(.invalidValue, "\(candidate): line \(error.line) is no YAML")
            }
        }
        return nil
    }

    private static func contents(_ path: String) throws(ProviderError) -> String? {
        guard let file = fopen(path, "re") else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw ProviderError(.invalidValue, "\(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            return nil
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    /// The fields of a cloud; nil where no file has one of that name.
    func add(_ name: String, to fields: inout AccountFields) -> Bool {
        let entries = clouds.compactMap { $0["clouds"]?[name] }
        for cloud in entries {
            for (key, node) in Self.texts(cloud["auth"]) { fields.add(Self.standard(key), node) }
            for (key, node) in Self.texts(cloud) { fields.add(Self.standard(key), node) }
            if cloud["region_name"] == nil, let region = cloud["regions"]?.elements?.first?.text {
                fields.add("region_name", region)
            }
        }
        return !entries.isEmpty
    }

    private static func texts(_ node: YAMLNode?) -> [(String, String)] {
        (node?.entries ?? []).compactMap { entry in entry.value.text.map { (entry.key, $0) } }
    }

    private static func standard(_ key: String) -> String {
        switch key {
        case "user_name", "user": "username"
        case "project": "project_name"
        case "endpoint_type": "interface"
        default: key
        }
    }
}

extension YAMLNode {
    /// A scalar as it is written; nil for null, lists and maps.
    fileprivate var text: String? {
        guard case .scalar(let text, _) = value, !isNull else { return nil }
        return text
    }
}
