import XMLKit

/// What the XML of a snapshot tells of where it is.
struct SnapshotRecord {
    let name: String
    /// Whether some of it is outside the machine's volumes.
    let isExternal: Bool
    /// The file with the machine's memory.
    let memoryFile: String?
    /// The disks that it froze, with the volumes that hold their state in it.
    let disks: [DomainDetail.Disk]
    /// The volumes that they went on in.
    let successors: [String]
    /// The volumes that it is inside of.
    let inside: [String]

    init(_ snapshot: XMLElement) {
        name = snapshot.text("name") ?? ""
        memoryFile = snapshot.first("memory")?["file"]
        let frozen = Set(
            snapshot.all("disks/disk").filter { $0["snapshot"] == "external" }.compactMap { $0["name"] })
        successors = snapshot.all("disks/disk").filter { $0["snapshot"] == "external" }
            .compactMap { $0.first("source")?["file"] }
        isExternal = !frozen.isEmpty || memoryFile != nil
        let then = snapshot.first("domain").map { DomainDetail($0).disks } ?? []
        let targets = Set(snapshot.all("disks/disk").filter { $0["snapshot"] == "internal" }.compactMap { $0["name"] })
        inside = then.filter { targets.contains($0.target) }.compactMap(\.path)
        disks = then.filter { frozen.contains($0.target) || frozen.contains($0.path ?? "") }
    }

    /// All of these.
    var paths: [String] { successors + disks.compactMap(\.path) }

    /// A snapshot after which the disks went on in other volumes.
    static func snapshot(_ old: XMLElement, on paths: [String: String]) -> XMLElement {
        var snapshot = old
        snapshot.update(where: { $0.name == "disks" }) { disks in
            for (target, path) in paths {
                disks.update(where: { $0.name == "disk" && $0["name"] == target }) { disk in
                    disk.update(where: { $0.name == "source" }) { $0["file"] = path }
                }
            }
        }
        return snapshot
    }

    /// A domain with other volumes behind its disks.
    static func domain(_ old: XMLElement, on paths: [String: String]) -> XMLElement {
        var domain = XMLElement(name: "domain", attributes: old.attributes, children: old.children)
        domain.update(where: { $0.name == "devices" }) { devices in
            for (target, path) in paths {
                devices.update(where: { $0.name == "disk" && $0.first("target")?["dev"] == target }) { disk in
                    disk["type"] = "file"
                    disk.removeAll { ["source", "backingStore", "mirror"].contains($0.name) }
                    disk.append(XMLElement("source", ["file": path]))
                    disk.update(where: { $0.name == "driver" }) { $0["type"] = "qcow2" }
                }
            }
        }
        return domain
    }
}
