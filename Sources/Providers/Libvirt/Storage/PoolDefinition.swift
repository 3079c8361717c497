import FoundationEssentials
import ProviderAPI
import XMLKit

/// The XML of pools (formatstorage), for every type that libvirt has: what a host lacks, it refuses itself.
struct PoolDefinition {
    static let parameters =
        StandardParameters.pool.map { parameter in
            parameter.name == "type" ? Parameter("type", .choice(types), "what it is made of") : parameter
        } + [
            Parameter("source_host", .list, "the server, HOST or HOST:PORT; the monitors of an rbd pool, one a line"),
            Parameter("source_device", .list, "its devices, one a line; the target's IQN of an iscsi pool"),
            Parameter("source_dir", .text, "the directory that a netfs server exports, or one in a gluster volume"),
            Parameter("source_name", .text, "the volume group, zpool, RBD pool or gluster volume"),
            Parameter("source_format", .text, "ext4, xfs, nfs, cifs, lvm2, gpt, ..."),
            Parameter("source_adapter", .text, "the SCSI host of a scsi pool: host5, or a WWPN as WWNN:WWPN"),
            Parameter("source_initiator", .text, "the IQN with which an iscsi pool logs in"),
            Parameter("source_username", .text, "who logs in to an rbd or iscsi pool"),
            Parameter("source_secret", .text, "the UUID of the libvirt secret that holds the password"),
            Parameter("build", .flag, "whether to make the file system or the volume group; never over another"),
        ]

    private static let types = PoolType.allCases.map(\.rawValue)

    let name: String
    /// New for each, so that it tells this pool from any other of its name.
    let uuid = UUID().uuidString.lowercased()
    let type: PoolType
    let autostart: Bool
    /// Whether something is to be made on the devices.
    let builds: Bool
    let document: XMLElement

    init(_ wish: Specification) throws(ProviderError) {
        name = wish.name
        type = try Self.type(wish)
        autostart = wish.flag("autostart") ?? true
        builds = wish.flag("build") ?? false
        var pool = XMLElement(
            "pool", ["type": type.rawValue], [XMLElement("name", text: name), XMLElement("uuid", text: uuid)])
        let source = try Self.source(wish, type)
        if !source.elements.isEmpty { pool.append(source) }
        if let path = wish.text("path") ?? type.path(name) {
            guard path.hasPrefix("/") else { throw Self.invalid(wish, "path \(path) must begin with /") }
            pool.append(XMLElement("target", [:], [XMLElement("path", text: path)]))
        }
        document = pool
    }

    private static func invalid(_ wish: Specification, _ reason: String) -> ProviderError {
        ProviderError(.invalidValue, "pool \(wish.name): \(reason)")
    }

    /// The type, where all that is said fits it.
    private static func type(_ wish: Specification) throws(ProviderError) -> PoolType {
        let text = wish.text("type") ?? "dir"
        guard let type = PoolType(rawValue: text) else { throw invalid(wish, "there is no type \(text)") }
        for key in type.needs where wish.texts(key).isEmpty {
            throw invalid(wish, "a pool of type \(type.rawValue) needs \(key)")
        }
        for key in parameters.map(\.name) where !["type", "autostart"].contains(key) {
            let texts = wish.texts(key)
            guard wish.values[key] != nil, !texts.isEmpty || wish.flag(key) == true else { continue }
            guard type.takes(key) else { throw invalid(wish, "a pool of type \(type.rawValue) takes no \(key)") }
            guard texts.count < 2 || type.lists.contains(key) else {
                throw invalid(wish, "a pool of type \(type.rawValue) has one \(key)")
            }
        }
        for (key, other) in [("source_username", "source_secret"), ("source_secret", "source_username")] {
            guard wish.text(key) == nil || wish.text(other) != nil else { throw invalid(wish, "\(key) needs \(other)") }
        }
        return type
    }

    private static func source(_ wish: Specification, _ type: PoolType) throws(ProviderError) -> XMLElement {
        var source = XMLElement("source")
        for host in wish.texts("source_host") { source.append(self.host(host)) }
        for device in wish.texts("source_device") { source.append(XMLElement("device", ["path": device])) }
        if let path = wish.text("source_dir") { source.append(XMLElement("dir", ["path": path])) }
        if let adapter = wish.text("source_adapter") { source.append(self.adapter(adapter)) }
        if let name = wish.text("source_name") ?? (type == .logical ? wish.name : nil) {
            source.append(XMLElement("name", text: name))
        }
        if let format = wish.text("source_format") { source.append(XMLElement("format", ["type": format])) }
        if let initiator = wish.text("source_initiator") {
            source.append(XMLElement("initiator", [:], [XMLElement("iqn", ["name": initiator])]))
        }
        if let user = wish.text("source_username"), let secret = wish.text("source_secret") {
            source.append(
                XMLElement(
                    "auth", ["type": type == .rbd ? "ceph" : "chap", "username": user],
                    [XMLElement("secret", ["uuid": secret])]))
        }
        return source
    }

    private static func host(_ text: String) -> XMLElement {
        guard let colon = text.lastIndex(of: ":"), Int(text[text.index(after: colon)...]) != nil,
            !text[..<colon].contains(":") || text[..<colon].hasSuffix("]")
        else { return XMLElement("host", ["name": text]) }
        return XMLElement("host", ["name": String(text[..<colon]), "port": String(text[text.index(after: colon)...])])
    }

    private static func adapter(_ text: String) -> XMLElement {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2 else { return XMLElement("adapter", ["type": "scsi_host", "name": text]) }
        return XMLElement("adapter", ["type": "fc_host", "wwnn": parts[0], "wwpn": parts[1]])
    }
}
