/// The keys of tags that mean something here.
enum Tags {
    /// The name that AWS's own console shows, and kcli.
    static let name = "Name"
    /// The plan of a VPC, as kcli spells it; that of a machine is `plan`.
    static let networkPlan = "Plan"
    static let description = "description"
    /// What begins with this is ours, and not shown.
    static let ownPrefix = "infrafs:"
    /// AWS's own tags, which nobody can set.
    static let reservedPrefix = "aws:"
    /// On a snapshot of a volume: the machine's snapshot that it is part of, by name.
    static let snapshot = "infrafs:snapshot"
    /// On it: the instance.
    static let machine = "infrafs:vm"
    /// On it: the device of the volume at that time, and whether it was the root.
    static let device = "infrafs:device"
    static let root = "infrafs:root"
    /// On it: the instance's state at that time, and the snapshot before.
    static let state = "infrafs:state"
    static let parent = "infrafs:parent"
    /// On an instance: the snapshot that its state descends from.
    static let current = "infrafs:current"
    /// On an instance: the DNS record that was reserved for it, `ZONEID NAME`.
    static let record = "infrafs:dns"
    /// On what was made together with a VPC or a subnet: its id.
    static let owner = "infrafs:network"

    /// What a machine's `metadata` shows.
    static func metadata(of tags: [String: String]) -> [String: String] {
        tags.filter { key, _ in key != name && key != description && !key.hasPrefix(ownPrefix) }
    }

    /// Whether a key can be set by a user as metadata.
    static func isFree(_ key: String) -> Bool {
        key != name && key != description && !key.hasPrefix(ownPrefix) && !key.hasPrefix(reservedPrefix)
    }
}
