import ProviderAPI

/// What creation of a machine takes here.
enum MachineParameters {
    /// Of a disk, from those that mean the same everywhere.
    static let disk = StandardParameters.vmDisk.filter { $0.name != "type" }
    static let diskKeys = Set(disk.map(\.name))
    /// Of an interface.
    static let nic = StandardParameters.nic.filter { $0.name != "ip" }
    static let nicKeys = Set(nic.map(\.name))

    static let all: [Parameter] =
        StandardParameters.vm.map { parameter in
            switch parameter.name {
            case "disks": Parameter("disks", .entries(disk), parameter.help, aliases: parameter.aliases)
            case "nics": Parameter("nics", .entries(nic), parameter.help, aliases: parameter.aliases)
            default: parameter
            }
        } + [
            Parameter("iso", .text, "the medium in its CD drive"),
            Parameter("virttype", .choice(["kvm", "qemu"]), "hardware virtualisation or emulation"),
            Parameter("machine", .text, "the chipset: pc, q35, ..."),
            Parameter("cpumodel", .text, "host-model, host-passthrough or a model's name"),
            Parameter("uefi", .flag, "boot by UEFI firmware instead of BIOS"),
        ]

    static let keys = Set(all.map(\.name))
}
