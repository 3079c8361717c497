/// The parameters of creation that have one meaning on every platform. A provider offers those that it can honour and
/// adds its own; what kcli calls them is an alias.
public enum StandardParameters {
    /// Of one disk of a machine.
    public static let vmDisk: [Parameter] = [
        Parameter("size", .gibibytes, "GiB"),
        Parameter("pool", .text, "the pool that will hold it"),
        Parameter("bus", .text, "virtio, scsi, sata, ide, ...", aliases: ["interface"]),
        Parameter("format", .text, "qcow2, raw, ..."),
        Parameter("thin", .flag, "allocate as it is written"),
        Parameter("image", .text, "the image to start from"),
        Parameter("volume", .text, "an existing volume to attach instead of making one", aliases: ["name"]),
        Parameter("type", .text, "the platform's volume type"),
    ]

    /// Of one interface of a machine.
    public static let nic: [Parameter] = [
        Parameter("network", .text, "the network it will be on", aliases: ["net", "name"]),
        Parameter("mac", .text, "hardware address"),
        Parameter("model", .text, "virtio, e1000, ..."),
        Parameter("ip", .text, "a fixed address"),
        Parameter("type", .text, "the platform's interface type"),
    ]

    /// Of a machine, on every platform.
    public static let vm: [Parameter] = [
        Parameter("memory", .mebibytes, "MiB, or with a unit: 4096, 4G, 4GiB"),
        Parameter("cpus", .number, "virtual processors", aliases: ["numcpus"]),
        Parameter("image", .text, "the image to start from"),
        Parameter("disks", .entries(vmDisk), "disks, the boot disk first"),
        Parameter("nics", .entries(nic), "network interfaces", aliases: ["nets"]),
        Parameter("start", .flag, "whether to start it once made"),
        Parameter("autostart", .flag, "whether it starts with its host"),
        Parameter("description", .text, "free text"),
        Parameter("metadata", .map, "free keys and values"),
        Parameter("plan", .text, "the plan it belongs to, in kcli's sense"),
        Parameter("owner", .text, "who it belongs to"),
        Parameter("user", .text, "the login user"),
        Parameter("domain", .text, "its DNS domain"),
        Parameter("dnsclient", .text, "the provider that keeps its DNS records"),
        Parameter("pool", .text, "the pool for disks that name none"),
        Parameter("profile", .text, "the profile whose values fill in what is not set"),
    ]

    /// The keys of a machine's metadata that are files of their own.
    public static let metadataKeys = ["plan", "profile", "owner", "user", "domain", "dnsclient"]

    /// Of a standing volume.
    public static let disk: [Parameter] = [
        Parameter("size", .gibibytes, "GiB"),
        Parameter("pool", .text, "the pool that will hold it"),
        Parameter("format", .text, "qcow2, raw, ..."),
        Parameter("thin", .flag, "allocate as it is written"),
        Parameter("image", .text, "the image to start from"),
    ]

    /// Of a pool.
    public static let pool: [Parameter] = [
        Parameter("type", .text, "dir, logical, ..."),
        Parameter("path", .text, "where it keeps its volumes"),
        Parameter("autostart", .flag, "whether it starts with its host"),
    ]

    /// Of a network.
    public static let network: [Parameter] = [
        Parameter("cidr", .text, "its range, 192.168.122.0/24"),
        Parameter("dual_cidr", .text, "the second range of a dual-stack network"),
        Parameter("dhcp", .flag, "whether it gives addresses out"),
        Parameter("nat", .flag, "whether its machines reach out through the host"),
        Parameter("domain", .text, "the DNS domain of its machines"),
        Parameter("mode", .text, "nat, isolated, route, open, bridge, ..."),
        Parameter("autostart", .flag, "whether it starts with its host"),
        Parameter("plan", .text, "the plan it belongs to, in kcli's sense"),
    ]

    /// Of a subnet.
    public static let subnet: [Parameter] = [
        Parameter("cidr", .text, "its range, 10.0.1.0/24"),
        Parameter("network", .text, "the network it belongs to"),
        Parameter("az", .text, "availability zone"),
        Parameter("gateway", .text, "the router's address in it"),
        Parameter("routes", .list, "each CIDR via TARGET"),
    ]

    /// Of a security group.
    public static let securityGroup: [Parameter] = [
        Parameter("description", .text, "free text"),
        Parameter("network", .text, "the network it belongs to"),
        Parameter("rules", .list, "each ingress|egress PROTOCOL PORTS CIDR"),
    ]

    /// Of an image or an ISO.
    public static let image: [Parameter] = [
        Parameter("url", .text, "where to download it from"),
        Parameter("size", .text, "bytes of an empty one"),
        Parameter("format", .text, "qcow2, raw, ..."),
        Parameter("os", .text, "the operating system in it"),
        Parameter("pool", .text, "the pool that will hold it"),
    ]
}
