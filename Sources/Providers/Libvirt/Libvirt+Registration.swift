public import ProviderAPI

extension Libvirt {
    /// The registration of `type: kvm`.
    public static let registration = ProviderRegistration(
        type: "kvm", help: "a host with libvirt: QEMU/KVM machines, pools, networks", options: options,
        operations: LibvirtProvider.operations(of: .qemu)
    ) { settings throws(ProviderError) in
        try LibvirtProvider(settings)
    }

    static let options: [ProviderOption] = [
        ProviderOption("host", .text, "the host that runs libvirt", standard: "127.0.0.1"),
        ProviderOption("port", .number, "its port", standard: "22 for ssh, libvirt's own for tcp and tls"),
        ProviderOption("user", .text, "the user to connect as", standard: "root"),
        ProviderOption("protocol", .text, "ssh, tcp or tls", standard: "ssh"),
        ProviderOption("url", .text, "a whole libvirt URI, instead of all the above"),
        ProviderOption("session", .flag, "the user's own libvirt instead of the system's", standard: "no"),
        ProviderOption("socket", .text, "the path of libvirt's socket, where it is not in the usual place"),
        ProviderOption("keyfile", .text, "the private key for ssh", standard: "one of ~/.kcli, then ssh's own"),
        ProviderOption("pool", .text, "the pool for disks that name none", standard: "default"),
        ProviderOption(
            "virttype", .text, "kvm or qemu (emulation)", standard: "kvm where the host can, otherwise qemu"),
    ]
}
