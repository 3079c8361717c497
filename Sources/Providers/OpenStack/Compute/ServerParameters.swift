import ProviderAPI

/// What the creation of a server takes: what Compute can honour, nothing else.
enum ServerParameters {
    private static let standard: Set<String> = [
        "memory", "cpus", "image", "start", "description", "metadata", "plan", "owner", "user", "domain", "dnsclient",
        "profile",
    ]

    /// The guest is told by its user data; its network is configured by the cloud.
    private static let firstBoot = StandardParameters.cloudInit

    static let disk: [Parameter] =
        StandardParameters.vmDisk.filter { ["size", "image", "volume", "type", "bus"].contains($0.name) }
        + [
            Parameter("snapshot", .text, "the snapshot of a volume to start from"),
            Parameter("device", .choice(["disk", "cdrom", "lun"]), "what the guest sees"),
            Parameter("keep", .flag, "whether it outlives the server"),
        ]

    static let interface: [Parameter] =
        StandardParameters.nic.filter { ["network", "ip", "mac"].contains($0.name) }
        + [Parameter("port", .text, "an existing port, by its id"), Parameter("tag", .text, "a tag for the guest")]

    static let all: [Parameter] =
        StandardParameters.vm.filter { standard.contains($0.name) } + [
            Parameter("disks", .entries(disk), "volumes, the boot disk first; none: the flavor's own disk"),
            Parameter("nics", .entries(interface), "network interfaces", aliases: ["nets"]),
            Parameter("flavor", .text, "the size of machine; the smallest that fits where it is not set"),
            Parameter("keypair", .text, "the key pair for the login user", aliases: ["key_name"]),
            Parameter("securitygroups", .list, "the security groups of its interfaces"),
            Parameter("az", .text, "availability zone", aliases: ["availability_zone", "zone"]),
            Parameter("config_drive", .flag, "whether its data comes on a drive, not from the network"),
            Parameter("server_group", .text, "the server group that it joins"),
            Parameter("public", .flag, "whether it gets a floating address"),
        ] + firstBoot

    static let keys = Set(all.map(\.name))
}
