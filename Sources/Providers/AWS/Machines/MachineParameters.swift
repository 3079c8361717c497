import ProviderAPI

/// What creation of a machine takes here.
enum MachineParameters {
    /// Of a disk, from those that mean the same everywhere.
    static let disk =
        StandardParameters.vmDisk.filter { ["size", "image", "volume", "type"].contains($0.name) } + [
            Parameter("iops", .number, "operations a second, for gp3, io1 and io2"),
            Parameter("throughput", .number, "MiB a second, for gp3"),
            Parameter("encrypted", .flag, "whether it is encrypted"),
            Parameter("kms_key", .text, "the key that encrypts it"),
        ]
    static let diskKeys = Set(disk.map(\.name))

    /// Of an interface.
    static let nic =
        StandardParameters.nic.filter { $0.name == "network" } + [
            Parameter("subnet", .text, "the subnet it is in, by name or id"),
            Parameter("ip", .text, "its fixed address", isObserved: true),
        ]
    static let nicKeys = Set(nic.map(\.name))

    static let all: [Parameter] =
        StandardParameters.vm.filter { $0.name != "autostart" && $0.name != "pool" }.map { parameter in
            switch parameter.name {
            case "disks": Parameter("disks", .entries(disk), parameter.help, aliases: parameter.aliases)
            case "nics": Parameter("nics", .entries(nic), parameter.help, aliases: parameter.aliases)
            case "image":
                Parameter("image", .text, "AMI: its id, its name, or a pattern of which the newest match is taken")
            default: parameter
            }
        } + own + firstBoot

    private static let own = [
        Parameter("flavor", .text, "the instance type, instead of memory and cpus"),
        Parameter("disksize", .gibibytes, "GiB of disks that say no size"),
        Parameter("securitygroups", .list, "security groups it is in, by name or id"),
        Parameter("az", .text, "the availability zone", aliases: ["availability_zone", "zone"]),
        Parameter("keypair", .text, "the EC2 key pair for its login user"),
        Parameter("public", .flag, "whether it gets a public address"),
        Parameter("spot", .flag, "whether it is a spot instance, which EC2 may take back"),
        Parameter("spot_price", .text, "the most to pay for it an hour, in dollars"),
        Parameter("placement_group", .text, "the placement group it is in"),
        Parameter("tenancy", .choice(["default", "dedicated", "host"]), "on what hardware it runs"),
        Parameter("hibernate", .flag, "whether it can hibernate (its root disk is encrypted then)"),
        Parameter("instance_profile", .text, "the IAM instance profile it has"),
        Parameter("router", .flag, "whether it may pass on packets that are not its own"),
        Parameter("reservedns", .flag, "whether Route 53 keeps an A record of it in domain"),
    ]

    /// What cloud-init is told: user data.
    private static let firstBoot = StandardParameters.cloudInit.filter { parameter in
        // EC2 configures interfaces itself; user and domain stand above.
        !["networkdata", "user", "domain"].contains(parameter.name)
    }

    static let keys = Set(all.map(\.name))
}
