import ProviderAPI

extension Disk: Described {
    static let schema = ResourceSchema<Disk>(
        help: "every volume",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the platform's name") { .text($0.name) },
            .fact("size", "GiB; write more to grow it") { Value($0.size) }
                .writing(.growDisk) { (text, disk) throws(ProviderError) in
                    let size = try Parsing.gibibytes(text)
                    guard size >= disk.size ?? 0 else {
                        throw ProviderError(
                            .invalidValue, "a disk can only grow: \(disk.name) has \(disk.size ?? 0) GiB")
                    }
                    return size == disk.size ? nil : .grow(size: size)
                },
            .fact("pool", "the pool that holds it") { Value($0.pool) },
            .fact("path", "where the platform keeps it") { Value($0.path) },
            .fact("format", "qcow2, raw, ...") { Value($0.format) },
            .fact("vm", "the machines it is attached to, one a line", detail: true) { Value($0.vms) },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ],
        obstacle: { disk, _ in
            guard !disk.vms.isEmpty else { return nil }
            return ProviderError(
                .busy, "\(disk.name) is attached to \(disk.vms.joined(separator: ", ")): detach it first")
        })
}

extension Pool: Described {
    static let schema = ResourceSchema<Pool>(
        help: "places that hold volumes",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the platform's name") { .text($0.name) },
            .fact("type", "dir, logical, ...") { Value($0.type) },
            .fact("path", "where it keeps its volumes") { Value($0.path) },
            .fact("status", "up when it is available, else down; write up or down") { .text($0.active ? "up" : "down") }
                .writing(.updatePool) { (text, pool) throws(ProviderError) in
                    let active = try Network.isUp(text)
                    return active == pool.active ? nil : .active(active)
                },
            .fact("autostart", "whether it starts with its host: yes or no") { $0.autostart.map(Value.flag) ?? .none }
                .writing(.updatePool) { (text, pool) throws(ProviderError) in
                    let flag = try Parsing.flag(text)
                    return flag == pool.autostart ? nil : .autostart(flag)
                },
            .fact("capacity", "bytes") { Value($0.capacity) },
            .fact("allocation", "bytes in use") { Value($0.allocation) },
            .fact("available", "bytes free") { Value($0.available) },
            .part("source_host", "the servers that have it, one a line") { Value($0.source.hosts) },
            .part("source_device", "its devices, one a line; the target of an iscsi pool") { Value($0.source.devices) },
            .part("source_dir", "the directory of the server") { Value($0.source.directory) },
            .part("source_name", "the volume group, zpool, RBD pool or gluster volume") { Value($0.source.name) },
            .part("source_format", "ext4, nfs, lvm2, gpt, ...") { Value($0.source.format) },
            .part("source_adapter", "the SCSI host, or WWNN:WWPN") { Value($0.source.adapter) },
            .part("source_initiator", "the IQN with which it logs in") { Value($0.source.initiator) },
            .part("source_username", "who logs in") { Value($0.source.username) },
            .part("source_secret", "the UUID of the secret with the password") { Value($0.source.secret) },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ])
}

extension Image: Described {
    static let schema = ResourceSchema<Image>(
        help: "templates that machines are made from",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the name that a machine's image takes") { .text($0.name) },
            .fact("size", "bytes") { Value($0.size) },
            .fact("format", "qcow2, raw, ...") { Value($0.format) },
            .fact("status", "available, or the platform's word") { Value($0.status) },
            .fact("os", "the operating system in it") { Value($0.os) },
            .fact("pool", "the pool that holds it") { Value($0.pool) },
            .fact(
                "visibility", "who may use it, in the platform's word: private, shared, public, ...",
                requires: .updateImage
            ) { Value($0.visibility) }
            .writing(.updateImage) { (text, image) throws(ProviderError) in
                let word = try Parsing.name(text)
                return word == image.visibility ? nil : .visibility(word)
            },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ],
        groups: [
            Group(
                name: "properties", help: "free keys: create, write, append, rm", requires: .updateImage,
                shape: .files(
                    .init("KEY", "the value of that key") { Value($0.properties[$1]) }
                        .writing(.updateImage, document: true) { (text, image, key) in
                            text == image.properties[key] ? nil : .property(key: key, value: text)
                        }),
                elements: { $0.properties.keys.sorted() },
                make: (
                    .updateImage, { (key, _) throws(ProviderError) in .property(key: try Parsing.name(key), value: "") }
                ),
                remove: (.updateImage, { (key, _) in .property(key: key, value: nil) }))
        ])
}

extension ISO: Described {
    static let schema = ResourceSchema<ISO>(
        help: "media for CD drives",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the name that a machine's iso takes") { .text($0.name) },
            .fact("size", "bytes") { Value($0.size) },
            .fact("status", "available, or the platform's word") { Value($0.status) },
            .fact("os", "the operating system in it") { Value($0.os) },
            .fact("pool", "the pool that holds it") { Value($0.pool) },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ])
}

extension Flavor: Described {
    static let schema = ResourceSchema<Flavor>(
        help: "sizes of machines that the platform sells",
        attributes: [
            .fact("id", "the platform's own id") { .text($0.id.rawValue) },
            .fact("name", "the name that a machine's flavor takes") { .text($0.name) },
            .fact("cpus", "virtual processors") { Value($0.cpus) },
            .fact("memory", "MiB") { Value($0.memory) },
            .fact("disk", "GiB of the disk that comes with it") { Value($0.disk) },
            .fact("description", "free text") { Value($0.description) },
            .fact("fault", "why it could not be read whole; empty when it could") { Value($0.fault) },
        ])
}

extension Bucket: Described {
    /// A bucket is a directory of objects: its own facts are extended attributes.
    static let schema = ResourceSchema<Bucket>(
        help: "objects, as files and directories", attributes: [], isConcealed: { !$0.isListed })
}
