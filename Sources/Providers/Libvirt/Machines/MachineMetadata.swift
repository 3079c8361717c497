import Glibc
import ProviderAPI
import XMLKit

/// The elements of a domain's metadata that mean something here.
///
/// kcli's is `info` in the namespace `kvirt`, one child a field. This program's own, in the namespace `infrafs`, names
/// the volumes that were made together with the machine: what may be deleted with it.
enum MachineMetadata {
    static let namespace = "kvirt"
    static let prefix = "kvirt"
    static let ownNamespace = "infrafs"
    static let ownPrefix = "infrafs"

    /// The fields of a domain's XML.
    static func fields(of domain: XMLElement) -> [String: String] {
        guard let info = element(of: domain, "info", namespace) else { return [:] }
        return fields(ofInfo: info)
    }

    /// The fields of an `info` element.
    static func fields(ofInfo info: XMLElement) -> [String: String] {
        let pairs = info.elements.filter { $0.elements.isEmpty }.map { ($0.localName, $0.text) }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The volumes that were made together with the machine.
    static func ownVolumes(of domain: XMLElement) -> Set<String> {
        guard let volumes = element(of: domain, "volumes", ownNamespace) else { return [] }
        return Set(volumes.elements.map(\.text))
    }

    /// The element of ours for those volumes, as virDomainSetMetadata takes it; nil for none.
    static func element(forVolumes keys: Set<String>) -> String? {
        guard !keys.isEmpty else { return nil }
        return XMLElement("volumes", [:], keys.sorted().map { XMLElement("volume", text: $0) }).description
    }

    /// A domain with these volumes as those that were made together with it.
    static func domain(_ old: XMLElement, owning keys: Set<String>) -> XMLElement {
        var domain = old
        let volumes = XMLElement(
            "infrafs:volumes", ["xmlns:infrafs": ownNamespace],
            keys.sorted().map { XMLElement("infrafs:volume", text: $0) })
        let isThere = domain.update(where: { $0.name == "metadata" }) { metadata in
            metadata.removeAll { element in
                element.localName == "volumes" && element.attributes.contains { $0.value == ownNamespace }
            }
            if !keys.isEmpty { metadata.append(volumes) }
        }
        if !isThere, !keys.isEmpty { domain.append(XMLElement("metadata", [:], [volumes])) }
        return domain
    }

    /// An `info` element with one field set or, with nil, removed; what else is in it stays.
    static func info(_ old: String?, setting key: String, to value: String?) throws -> String {
        guard isName(key) else {
            throw ProviderError(
                .invalidValue, "metadata key \(key) cannot be kept by libvirt: use letters, digits, - _ . only")
        }
        var info = try old.map { try XMLElement(parsing: $0) } ?? XMLElement("info")
        info.removeAll { $0.localName == key }
        if let value { info.append(XMLElement(key, text: value)) }
        return info.description
    }

    /// Whether a key can be an element's name.
    static func isName(_ key: String) -> Bool {
        guard let first = key.utf8.first, isLetter(first) else { return false }
        return key.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
    }

    private static func element(of domain: XMLElement, _ name: String, _ namespace: String) -> XMLElement? {
        domain.first("metadata")?.elements.first { element in
            guard element.localName == name else { return false }
            let prefix = element.name.dropLast(name.count + 1)
            return element[prefix.isEmpty ? "xmlns" : "xmlns:\(prefix)"] == namespace
        }
    }

    /// kcli's `dd-mm-YYYY HH:MM`, in UTC.
    static func kcliDate(_ seconds: Int) -> String {
        let time = utc(seconds)
        return "\(two(time.tm_mday))-\(two(time.tm_mon + 1))-\(time.tm_year + 1900) "
            + "\(two(time.tm_hour)):\(two(time.tm_min))"
    }

    /// kcli's date as ISO 8601; nil for something else.
    static func isoDate(kcli text: String) -> String? {
        let parts = text.split { "- :".contains($0) }.map(String.init)
        guard parts.count == 5, parts.allSatisfy({ Int($0) != nil }), parts[2].count == 4 else { return nil }
        guard (parts[0] + parts[1] + parts[3] + parts[4]).count == 8 else { return nil }
        return "\(parts[2])-\(parts[1])-\(parts[0])T\(parts[3]):\(parts[4]):00Z"
    }

    /// ISO 8601 of seconds since 1970.
    static func isoDate(_ seconds: Int) -> String {
        let time = utc(seconds)
        return "\(time.tm_year + 1900)-\(two(time.tm_mon + 1))-\(two(time.tm_mday))T"
            + "\(two(time.tm_hour)):\(two(time.tm_min)):\(two(time.tm_sec))Z"
    }

    private static func utc(_ seconds: Int) -> tm {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return parts
    }

    private static func two(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
