import ProviderAPI

/// What creation of a machine takes here.
enum MachineParameters {
    /// Of a disk.
    static let disk: [Parameter] =
        StandardParameters.vmDisk.filter { $0.name != "type" } + [
            Parameter("boot_order", .number, "1 for what it boots from first", aliases: ["bootorder"]),
            Parameter("serial", .text, "the serial number that the guest sees"),
            Parameter("wwn", .text, "the World Wide Name that the guest sees, 16 hexadecimal digits"),
            Parameter("cache", .choice(DiskWish.caches), "how the host caches it"),
            Parameter("io", .choice(DiskWish.policies), "how the host reads and writes it"),
            Parameter("discard", .choice(["unmap", "ignore"]), "whether what the guest discards is given back"),
            Parameter("readonly", .flag, "whether the guest can only read it"),
            Parameter("shareable", .flag, "whether other machines have it at the same time"),
            Parameter("rotation_rate", .number, "1 for a solid-state disk, or revolutions a minute"),
            Parameter("driver_extra", .list, "attributes of libvirt's driver element, key=value"),
        ]
    static let diskKeys = Set(disk.map(\.name))

    /// Of an interface.
    static let nic: [Parameter] =
        StandardParameters.nic + StandardParameters.guestInterface + [
            Parameter("mode", .choice(InterfaceWish.modes), "of type direct (macvtap)"),
            Parameter("boot_order", .number, "1 for what it boots from first", aliases: ["bootorder"]),
            Parameter("vlan", .list, "VLAN tags; more than one is a trunk", aliases: ["ovs_vlan"]),
            Parameter("multiqueues", .number, "queues of virtio, 1 to 256"),
            Parameter("filter", .text, "a network filter of the host"),
            Parameter("target", .text, "the name of the device on the host", aliases: ["port_name"]),
            Parameter("ovs", .flag, "whether its bridge is Open vSwitch's"),
            Parameter("reserveip", .flag, "whether the network's DHCP keeps ip for it"),
            Parameter("reservedns", .flag, "whether the network's DNS knows its name and ip"),
            Parameter("alias", .list, "more names for reservedns"),
            Parameter("bridge", .flag, "whether network names a bridge of the host"),
            Parameter("macvtap", .flag, "whether network names an interface of the host, for type direct"),
        ]
    static let nicKeys = Set(nic.map(\.name))

    /// Those that every driver of libvirt understands.
    static let common: [Parameter] =
        StandardParameters.vm.map { parameter in
            switch parameter.name {
            case "disks": Parameter("disks", .entries(disk), parameter.help, aliases: parameter.aliases)
            case "nics": Parameter("nics", .entries(nic), parameter.help, aliases: parameter.aliases)
            default: parameter
            }
        } + [
            Parameter("iso", .text, "the medium in its CD drive"),
            Parameter("extra_iso", .list, "media of more CD drives"),
            Parameter("floppy", .text, "the medium in its floppy drive"),
            Parameter("uuid", .text, "its identity; a new one where it is not set"),
            Parameter("virttype", .choice(["kvm", "qemu"]), "hardware virtualisation or emulation"),
            Parameter("disksize", .gibibytes, "GiB of disks that say no size"),
            Parameter("diskinterface", .text, "the bus of disks that say none"),
            Parameter("diskthin", .flag, "whether disks that do not say are thin"),
            Parameter("reservedns", .flag, "whether the network's DNS knows its name and ip"),
            Parameter("reserveip", .flag, "whether the network's DHCP keeps the ip of its interfaces"),
        ] + processor + memory + firmware + devices + screen

    private static let processor: [Parameter] = [
        Parameter("cpumodel", .text, "host-model, host-passthrough, maximum or a model's name"),
        Parameter("cpuflags", .list, "features: avx2, -svm, or name=avx2 policy=require"),
        Parameter("cpupinning", .list, "vcpus=0-1 hostcpus=2,3"),
        Parameter("cpuhotplug", .flag, "room for 64 processors without a new start"),
        Parameter("maxcpus", .number, "processors that it can have without a new start"),
        Parameter("sockets", .number, "sockets that the guest sees"),
        Parameter("cores", .number, "cores of each socket"),
        Parameter("threads", .number, "threads of each core"),
        Parameter("nested", .flag, "whether the guest can run machines of its own"),
        Parameter("pmu", .flag, "whether the guest has performance counters"),
        Parameter("iommu", .flag, "an IOMMU for the guest; needs machine q35"),
    ]

    private static let memory: [Parameter] = [
        Parameter("memoryhotplug", .flag, "room for more memory without a new start"),
        Parameter("maxmemory", .mebibytes, "MiB that it can have without a new start"),
        Parameter("hugepages", .text, "yes, or the size of the host's pages: 2M, 1G"),
        Parameter("hugepages_2mb", .flag, "memory from the host's pages of 2 MiB"),
        Parameter("hugepages_1gb", .flag, "memory from the host's pages of 1 GiB"),
        Parameter("numa", .list, "nodes that the guest sees: id=0 vcpus=0-1 memory=1024"),
        Parameter("numamode", .choice(MemoryWish.modes), "how memory is taken from the host's nodes"),
        Parameter("numanodes", .text, "the host's nodes for numamode, 0-1; all where it is not set"),
    ]

    private static let firmware: [Parameter] = [
        Parameter("machine", .text, "the chipset: pc, q35, ..."),
        Parameter("arch", .text, "the architecture, where the host emulates others"),
        Parameter("emulator", .text, "the path of QEMU on the host"),
        Parameter("uefi", .flag, "boot by UEFI firmware instead of BIOS"),
        Parameter("secureboot", .flag, "UEFI that starts signed systems only"),
        Parameter("firmware", .text, "the path of the firmware on the host", aliases: ["uefi_firmware"]),
        Parameter("nvram_template", .text, "the path of its variables' template", aliases: ["uefi_nvtemplate"]),
        Parameter("boot", .list, "what it boots from, in order: hd, cdrom, network, or names of disks and interfaces",
            aliases: ["boot_order"]),
        Parameter("kernel", .text, "a kernel to boot directly: a volume's name, or a path on the host"),
        Parameter("initrd", .text, "the initial RAM disk for kernel"),
        Parameter("cmdline", .text, "the arguments for kernel"),
    ]

    private static let devices: [Parameter] = [
        Parameter("tpm", .flag, "an emulated TPM 2.0"),
        Parameter("rng", .flag, "a source of randomness; there is one unless no"),
        Parameter("serial", .flag, "a serial line; there is one unless no"),
        Parameter("guestagent", .flag, "a channel for the guest agent; there is one unless no"),
        Parameter("watchdog", .choice(DeviceWish.watchdogs), "what a watchdog does when the guest hangs"),
        Parameter("sharedfolders", .list, "directories of the host: /srv, or path=/srv tag=srv driver=virtiofs"),
        Parameter("pcidevices", .list, "devices of the host: 0000:03:00.0"),
        Parameter("usbdevices", .list, "devices of the host: VENDOR:PRODUCT, or BUS.DEVICE"),
        Parameter("qemuextra", .list, "arguments for QEMU itself"),
    ]

    private static let screen: [Parameter] = [
        Parameter("vnc", .flag, "a VNC screen; there is one unless no, or spice yes"),
        Parameter("spice", .flag, "a SPICE screen instead"),
        Parameter("vncpassword", .text, "what a viewer is asked for", aliases: ["graphicspassword"], isSecret: true),
        Parameter("listen", .text, "where the screen listens: an address, or socket"),
        Parameter("video", .choice(ScreenWish.models), "the graphics card"),
    ]

    /// What goes with the disc for the first boot, which libvirt's simulation cannot be given.
    static let all: [Parameter] = common + StandardParameters.cloudInit + StandardParameters.cloudInitNetwork
}
