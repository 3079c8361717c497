import ProviderAPI

/// `README`: how to use the mount, made from the same schema as the tree.
enum Readme {
    static func text(providers: [String]) -> String {
        """
        infrafs: infrastructure as files

        Each directory here is a provider of the configuration: \(providers.joined(separator: ", ")).

          cat PROVIDER/overview               all machines at a glance
          cat PROVIDER/vms/web1/status        the state of one
          echo up > PROVIDER/vms/web1/status  start it (down, shutdown, restart, reset, suspend, resume)
          timeout 60 cat PROVIDER/vms/web1/.wait/up
          mkdir PROVIDER/vms/web9             create one, from profiles/default
          rmdir PROVIDER/vms/web9             delete one that is down, with the disks that are its own
          cat PROVIDER/vms/web1/.error        why the last thing failed (or: infrafs why)
          tail -f PROVIDER/events             what changes, as it changes

        To create with parameters: mkdir PROVIDER/drafts/vms/web9, write its files (memory, cpus, image, ...), look at
        .plan, then mv PROVIDER/drafts/vms/web9 PROVIDER/vms/web9.

        Files of a provider:
          type status capabilities errors events refresh overview host/ jobs/ profiles/ drafts/

        \(collections())
        """
    }

    private static func collections() -> String {
        [
            section(VirtualMachine.self), section(Disk.self), section(Pool.self), section(Network.self),
            section(Subnet.self), section(Image.self), section(ISO.self), section(Flavor.self), section(Bucket.self),
            section(SecurityGroup.self), section(DNSZone.self),
        ].joined(separator: "\n")
    }

    private static func section<Item: Described>(_ type: Item.Type) -> String {
        let schema = Item.schema
        var lines = ["\(Item.kind.rawValue)/: \(schema.help)"]
        let width = schema.attributes.map(\.name.count).max() ?? 0
        for attribute in schema.attributes {
            let padding = String(repeating: " ", count: max(width, 12) - attribute.name.count)
            lines.append("  \(attribute.name)\(padding)  \(attribute.help)")
        }
        for group in schema.groups {
            let name = group.name + "/"
            lines.append(
                "  \(name)\(String(repeating: " ", count: max(0, max(width, 12) - name.count)))  \(group.help)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
