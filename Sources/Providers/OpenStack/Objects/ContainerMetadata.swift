import HTTPKit
import ProviderAPI

/// What is noted about a container (Object Store, "Create, update, or delete container metadata"). Keys are words of a
/// header: the service does not tell upper case from lower.
enum ContainerMetadata {
    private static let prefix = "x-container-meta-"
    private static let removal = "X-Remove-Container-Meta-"
    /// The keys that sign temporary addresses are secrets, and are kept where the others are.
    private static let secret = "temp-url-key"

    /// Everything that an answer about a container tells, by keys in lower case.
    static func all(_ headers: HTTPHeaders) -> [String: String] {
        var all: [String: String] = [:]
        for field in headers {
            let name = field.name.lowercased()
            guard name.hasPrefix(prefix) else { continue }
            let key = String(name.dropFirst(prefix.count))
            if !key.hasPrefix(secret) { all[key] = field.value }
        }
        return all
    }

    /// What sets a key, or removes it; `invalidValue` for one that no header can have, and for a secret.
    static func field(_ key: String, _ value: String?) throws(ProviderError) -> (name: String, value: String) {
        let isWord = key.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isWord, !key.isEmpty else {
            throw ProviderError(.invalidValue, "metadata: '\(key)' is no key: a-z, 0-9 and -")
        }
        guard !key.hasPrefix(secret) else {
            throw ProviderError(.notPermitted, "metadata: \(key) is a secret: set it by the openstack command")
        }
        guard let value else { return (removal + key, "x") }
        guard value.contains(where: { $0 != " " }), value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw ProviderError(.invalidValue, "metadata: what is noted under \(key) is one line of text")
        }
        return (prefix + key, value)
    }
}
