import Glibc
public import ProviderAPI

extension OpenStack {
    /// The registration of `type: openstack`.
    public static let registration = ProviderRegistration(
        type: OpenStackProvider.type, help: "a project of an OpenStack cloud", options: OpenStackOptions.declared,
        operations: operations
    ) { settings throws(ProviderError) in
        try OpenStackProvider(settings, environment: { name in getenv(name).map { String(cString: $0) } })
    }

    /// All that a cloud with every service can do.
    private static let operations: Set<Operation> = Servers.supported.union(Volumes.supported)
        .union(Images.supported).union(ISOs.supported).union(Flavors.supported).union(Networks.supported).union(
            Subnets.supported
        )
        .union(SecurityGroups.supported).union(Zones.supported).union(Containers.supported).union([.hostInfo, .events])
}
