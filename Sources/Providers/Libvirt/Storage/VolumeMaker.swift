import LibvirtKit
import ProviderAPI
import XMLKit

/// Makes the volumes of a machine's disks, and takes them back when the rest fails.
struct VolumeMaker {
    let connection: Connection
    let catalog: VolumeCatalog
    /// The pool for disks that name none.
    let pool: String?
    let debts: Debts
    private(set) var made: [VolumeDetail] = []

    init(connection: Connection, catalog: VolumeCatalog, pool: String?, debts: Debts) {
        self.connection = connection
        self.catalog = catalog
        self.pool = pool
        self.debts = debts
    }

    /// The volume of one disk: the standing one that was named, or a new one.
    mutating func volume(for disk: Specification, machine: String) throws -> VolumeDetail {
        let pool = try Storage.pool(disk.text("pool") ?? self.pool, on: connection)
        if let name = disk.text("volume") {
            return try Storage.volume(named: name, in: pool, on: connection, catalog)
        }
        return try make(freeName(machine, in: pool), disk, in: pool)
    }

    /// Makes a volume of that name, empty or from an image.
    mutating func make(_ name: String, _ wish: Specification, in pool: StoragePool) throws -> VolumeDetail {
        let image = try wish.text("image").map { try Storage.image(named: $0, first: pool, on: connection, catalog) }
        let isThin = wish.flag("thin") ?? true
        let document = try XMLElement(parsing: try pool.xml())
        guard wish.flag("thin") != true || document["type"] != "logical" else {
            throw ProviderError(
                .unsupported,
                "disk \(wish.name) of \(name): libvirt makes no thin volumes in the volume group \(pool.name)")
        }
        let takesFiles = Self.holdsFiles(document)
        let format = wish.text("format") ?? (takesFiles && isThin ? "qcow2" : "raw")
        guard let capacity = Self.capacity(wish.number("size"), image) else {
            throw ProviderError(.invalidValue, "disk \(wish.name) of \(name): size must be at least 1 GiB")
        }
        var xml = XMLElement(
            "volume", [:],
            [XMLElement("name", text: name), XMLElement("capacity", ["unit": "bytes"], text: "\(capacity)")])
        xml.append(XMLElement("allocation", ["unit": "bytes"], text: isThin ? "0" : "\(capacity)"))
        xml.append(XMLElement("target", [:], [XMLElement("format", ["type": format])]))
        let volume: StorageVolume
        if let image, format == "qcow2", isThin {
            let source = XMLElement("format", ["type": image.format ?? "raw"])
            xml.append(XMLElement("backingStore", [:], [XMLElement("path", text: image.path), source]))
            volume = try pool.createVolume(xml, on: connection, debts)
        } else if let image {
            let source = try connection.volume(key: image.key)
            volume = try pool.createVolume(xml, copying: source, on: connection, debts)
        } else {
            volume = try pool.createVolume(xml, on: connection, debts)
        }
        let detail = try catalog.read(made: volume, in: pool, on: connection, debts)
        made.append(detail)
        return detail
    }

    /// Whether a pool's volumes are files, which can be of any format.
    static func holdsFiles(_ pool: XMLElement) -> Bool {
        ["dir", "fs", "netfs", "gluster", "vstorage"].contains(pool["type"] ?? "")
    }

    /// Makes a volume of that name with that content.
    mutating func make(_ name: String, _ content: [UInt8], in pool: StoragePool) throws -> VolumeDetail {
        let xml = XMLElement(
            "volume", [:],
            [
                XMLElement("name", text: name), XMLElement("capacity", ["unit": "bytes"], text: "\(content.count)"),
                XMLElement("target", [:], [XMLElement("format", ["type": "raw"])]),
            ])
        let volume = try pool.createVolume(xml, on: connection, debts)
        made.append(try catalog.read(made: volume, in: pool, on: connection, debts))
        let upload = try VolumeUpload(into: volume, offset: 0)
        try upload.send(content)
        try upload.finish()
        return try catalog.read(volume, pool: pool.name)
    }

    /// Bytes: what was asked for, but never less than the image has; 10 GiB or the image's size where nothing was.
    private static func capacity(_ gibibytes: Int?, _ image: VolumeDetail?) -> Int? {
        let asked = gibibytes.map { $0 << 30 } ?? (image == nil ? 10 << 30 : 0)
        if gibibytes != nil, asked <= 0 { return nil }
        return max(asked, image?.capacity ?? 0)
    }

    /// kcli's names: `web1_0.img`, `web1_1.img`, ...
    private func freeName(_ machine: String, in pool: StoragePool) throws -> String {
        let first = made.count
        return try VolumeNames.free(in: pool) { "\(machine)_\(first + $0).img" }
    }

    /// Removes what was made. The failure that led here is the one to tell, not one of these.
    mutating func undo() {
        for detail in made { debts.takeBack(volume: detail.name, of: detail.pool, on: connection) }
        made = []
        catalog.removeAll()
    }
}
