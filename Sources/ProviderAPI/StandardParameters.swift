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
        Parameter("user", .text, "the login user", aliases: ["vmuser"]),
        Parameter("domain", .text, "its DNS domain"),
        Parameter("dnsclient", .text, "the provider that keeps its DNS records"),
        Parameter("pool", .text, "the pool for disks that name none"),
        Parameter("profile", .text, "the profile whose values fill in what is not set"),
    ]

    /// What the guest is told at its first boot, on every platform that can hand it to cloud-init; `user` and `domain`
    /// of ``vm`` belong to it.
    public static let cloudInit: [Parameter] = [
        Parameter("cloudinit", .flag, "whether the guest is told anything at its first boot"),
        Parameter("hostname", .text, "the name the guest gives itself; its own name where it is not set"),
        Parameter("keys", .list, "public keys of ssh for the login user"),
        Parameter("password", .text, "the login user's password, or its hash", isSecret: true),
        Parameter("rootpassword", .text, "root's password, or its hash", isSecret: true),
        Parameter("enableroot", .flag, "whether root may log in by ssh"),
        Parameter("packages", .list, "packages to install"),
        Parameter("cmds", .list, "commands of the first boot"),
        Parameter("files", .entries(guestFile), "files to put into the guest"),
        Parameter("userdata", .text, "cloud-init user data as it is", aliases: ["user_data"], mayHoldSecrets: true),
    ]

    /// A file to put into a guest.
    public static let guestFile: [Parameter] = [
        Parameter("path", .text, "where it goes in the guest"),
        Parameter("content", .text, "its content", mayHoldSecrets: true),
        Parameter("encoding", .choice(["plain", "base64", "gzip+base64"]), "how its content is written"),
        Parameter("mode", .text, "its mode, in octal", aliases: ["permissions"]),
        Parameter("owner", .text, "its owner, user or user:group"),
    ]

    /// What else the guest is told where the platform does not configure its network: DHCP stands for what is not set.
    public static let cloudInitNetwork: [Parameter] = [
        Parameter("dns", .list, "servers that resolve names"),
        Parameter("gateway", .text, "the router, for the first interface with an address"),
        Parameter("networkdata", .text, "cloud-init network configuration as it is", aliases: ["network_config"]),
    ]

    /// Of one interface, beside ``nic``, where the platform does not configure the guest's network.
    public static let guestInterface: [Parameter] = [
        Parameter("netmask", .text, "24 or 255.255.255.0: the guest gets ip as it is", aliases: ["mask", "prefix"]),
        Parameter("gateway", .text, "the router's address"),
        Parameter("dns", .list, "servers that resolve names"),
        Parameter("domain", .text, "the domain to search"),
        Parameter("mtu", .number, "bytes of a frame"),
        Parameter("noconf", .flag, "whether the guest is told nothing of it"),
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
