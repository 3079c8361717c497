import FoundationEssentials
import ProviderAPI
import XMLKit

/// The XML of pools (formatstorage), for every type that libvirt has: what a host lacks, it refuses itself.
struct PoolDefinition {
    static let parameters =
        StandardParameters.pool.map { parameter in
            parameter.name == "type" ? Parameter("type", .choice(types), "what it is made of") : parameter
        } + [
            Parameter("source_host", .text, "the server of a netfs, iscsi, rbd or gluster pool: HOST or HOST:PORT"),
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

    static let types = [
        "dir", "fs", "netfs", "logical", "disk", "iscsi", "iscsi-direct", "scsi", "mpath", "rbd", "sheepdog",
        "gluster", "zfs", "vstorage",
    ]

    let name: String
    /// New for each, so that it tells this pool from any other of its name.
    let uuid = UUID().uuidString.lowercased()
    let type: String
    let autostart: Bool
    /// Whether something is to be made on the devices.
    let builds: Bool
    let document: XMLElement

    init(_ wish: Specification) throws(ProviderError) {
        name = wish.name
        type = wish.text("type") ?? "dir"
        autostart = wish.flag("autostart") ?? true
        builds = wish.flag("build") ?? false
        var pool = XMLElement("pool", ["type": type], [XMLElement("name", text: name), XMLElement("uuid", text: uuid)])
        let source = try Self.source(wish, type)
        if !source.elements.isEmpty { pool.append(source) }
        if let path = try Self.path(wish, type) {
            pool.append(XMLElement("target", [:], [XMLElement("path", text: path)]))
        }
        document = pool
    }

    /// Whether it is a directory that can be made without harm to anything.
    var isDirectory: Bool { ["dir", "fs", "netfs"].contains(type) }

    private static func path(_ wish: Specification, _ type: String) throws(ProviderError) -> String? {
        let standard: String? =
            switch type {
            case "dir", "fs", "netfs", "vstorage": "/var/lib/libvirt/\(wish.name)"
            case "disk": "/dev"
            case "iscsi", "scsi": "/dev/disk/by-path"
            case "mpath": "/dev/mapper"
            default: nil
            }
        guard let path = wish.text("path") ?? standard else { return nil }
        guard path.hasPrefix("/") else {
            throw ProviderError(.invalidValue, "pool \(wish.name): path \(path) must begin with /")
        }
        return path
    }

    private static func source(_ wish: Specification, _ type: String) throws(ProviderError) -> XMLElement {
        let needed: [String: [String]] = [
            "fs": ["source_device"], "netfs": ["source_host", "source_dir"], "disk": ["source_device"],
            "iscsi": ["source_host", "source_device"],
            "iscsi-direct": ["source_host", "source_device", "source_initiator"],
            "scsi": ["source_adapter"], "rbd": ["source_name"], "gluster": ["source_host", "source_name"],
            "zfs": ["source_name"], "sheepdog": ["source_name"], "vstorage": ["source_name"],
        ]
        for key in needed[type] ?? [] where wish.values[key] == nil {
            throw ProviderError(.invalidValue, "pool \(wish.name): a pool of type \(type) needs \(key)")
        }
        var source = XMLElement("source")
        for host in wish.texts("source_host") { source.append(self.host(host)) }
        for device in wish.texts("source_device") { source.append(XMLElement("device", ["path": device])) }
        if let path = wish.text("source_dir") { source.append(XMLElement("dir", ["path": path])) }
        if let adapter = wish.text("source_adapter") { source.append(self.adapter(adapter)) }
        if let name = wish.text("source_name") ?? (type == "logical" ? wish.name : nil) {
            source.append(XMLElement("name", text: name))
        }
        if let format = wish.text("source_format") { source.append(XMLElement("format", ["type": format])) }
        if let initiator = wish.text("source_initiator") {
            source.append(XMLElement("initiator", [:], [XMLElement("iqn", ["name": initiator])]))
        }
        if let user = wish.text("source_username") {
            guard let secret = wish.text("source_secret") else {
                throw ProviderError(.invalidValue, "pool \(wish.name): source_username needs source_secret")
            }
            source.append(
                XMLElement(
                    "auth", ["type": type == "rbd" ? "ceph" : "chap", "username": user],
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
