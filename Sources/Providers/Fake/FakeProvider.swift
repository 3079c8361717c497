public import ProviderAPI

/// A simulated cloud as a provider. Same options, same cloud: ids, names, addresses and contents derive from the seed.
public final class FakeProvider: Provider {
    private let cloud: Cloud

    /// A cloud of these options that lives in that time.
    public init(_ options: FakeOptions = FakeOptions(), time: FakeTime = .real()) {
        cloud = Cloud(options, time: time)
    }

    /// The word for `type:` in the configuration.
    public var type: String { "fake" }
    /// Machines.
    public var vms: (any CollectionService<VirtualMachine>)? { MachineService(cloud: cloud) }
    /// Volumes, with their content.
    public var disks: (any CollectionService<Disk>)? { DiskService(cloud: cloud) }
    /// Storage pools.
    public var pools: (any CollectionService<Pool>)? { PoolService(cloud: cloud) }
    /// Networks.
    public var networks: (any CollectionService<Network>)? { NetworkService(cloud: cloud) }
    /// Subnets.
    public var subnets: (any CollectionService<Subnet>)? { SubnetService(cloud: cloud) }
    /// Images, with their content.
    public var images: (any CollectionService<Image>)? { ImageService(cloud: cloud) }
    /// Media for CD drives.
    public var isos: (any CollectionService<ISO>)? { ISOService(cloud: cloud) }
    /// Sizes of machines.
    public var flavors: (any CollectionService<Flavor>)? { FlavorService(cloud: cloud) }
    /// Buckets.
    public var buckets: (any CollectionService<Bucket>)? { BucketService(cloud: cloud) }
    /// What is in the buckets.
    public var objects: (any ObjectService)? { ObjectStoreService(cloud: cloud) }
    /// Firewall rules.
    public var securityGroups: (any CollectionService<SecurityGroup>)? { SecurityGroupService(cloud: cloud) }
    /// DNS zones.
    public var dns: (any CollectionService<DNSZone>)? { ZoneService(cloud: cloud) }
    /// Consoles.
    public var consoles: (any ConsoleService)? { ConsoleLines(cloud: cloud) }
    /// The cloud's own facts.
    public var host: (any HostService)? { HostFacts(cloud: cloud) }
    /// Faults to rehearse, changes from outside, and the counts of the calls.
    public var faults: (any FaultService)? { FaultsService(cloud: cloud) }

    /// Every change from now on, whoever made it. A listener that is slow is told of whole collections.
    public func events() -> AsyncStream<ProviderEvent>? { cloud.subscribe() }

    /// Answers unless a fault says otherwise.
    public func check() async throws(ProviderError) {
        try await cloud.enter(.hostInfo, label: "host.check")
    }

    /// Ends the events, the serial lines and what time would bring.
    public func close() async {
        cloud.close()
    }

    /// Lets happen at once what is due at this time; otherwise it happens with the next call or shortly after.
    public func settle() {
        cloud.settle()
    }
}
