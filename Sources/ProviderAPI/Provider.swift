/// One entry of the configuration, connected or trying to be: a value that offers services. What it offers decides what
/// the tree shows.
public protocol Provider: Sendable {
    /// `kvm`, `aws`, `fake`: the type its registration has.
    var type: String { get }

    /// Machines.
    var vms: (any CollectionService<VirtualMachine>)? { get }
    /// Standing volumes.
    var disks: (any CollectionService<Disk>)? { get }
    /// Places for volumes.
    var pools: (any CollectionService<Pool>)? { get }
    /// Networks.
    var networks: (any CollectionService<Network>)? { get }
    /// Ranges of networks.
    var subnets: (any CollectionService<Subnet>)? { get }
    /// Templates of machines.
    var images: (any CollectionService<Image>)? { get }
    /// Media for CD drives.
    var isos: (any CollectionService<ISO>)? { get }
    /// Sizes of machines.
    var flavors: (any CollectionService<Flavor>)? { get }
    /// Buckets.
    var buckets: (any CollectionService<Bucket>)? { get }
    /// What is in the buckets.
    var objects: (any ObjectService)? { get }
    /// Firewall rules.
    var securityGroups: (any CollectionService<SecurityGroup>)? { get }
    /// DNS zones.
    var dns: (any CollectionService<DNSZone>)? { get }
    /// Consoles of machines.
    var consoles: (any ConsoleService)? { get }
    /// The platform's own facts.
    var host: (any HostService)? { get }
    /// Faults to rehearse.
    var faults: (any FaultService)? { get }

    /// The collections that are offered and that the platform turned out not to have: they are not shown. Empty while
    /// that is not known.
    var absentKinds: Set<Kind> { get }

    /// Changes as they happen, from now on; nil where the platform has no events. Each call is one subscription, which
    /// ends when the stream's consumer does. `disconnected` and `reconnected` tell of gaps.
    func events() -> AsyncStream<ProviderEvent>?

    /// Whether the platform answers, with one cheap call.
    func check() async throws(ProviderError)

    /// Lets go of connections.
    func close() async
}

extension Provider {
    /// Absent unless the provider has it.
    public var vms: (any CollectionService<VirtualMachine>)? { nil }
    /// Absent unless the provider has it.
    public var disks: (any CollectionService<Disk>)? { nil }
    /// Absent unless the provider has it.
    public var pools: (any CollectionService<Pool>)? { nil }
    /// Absent unless the provider has it.
    public var networks: (any CollectionService<Network>)? { nil }
    /// Absent unless the provider has it.
    public var subnets: (any CollectionService<Subnet>)? { nil }
    /// Absent unless the provider has it.
    public var images: (any CollectionService<Image>)? { nil }
    /// Absent unless the provider has it.
    public var isos: (any CollectionService<ISO>)? { nil }
    /// Absent unless the provider has it.
    public var flavors: (any CollectionService<Flavor>)? { nil }
    /// Absent unless the provider has it.
    public var buckets: (any CollectionService<Bucket>)? { nil }
    /// Absent unless the provider has it.
    public var objects: (any ObjectService)? { nil }
    /// Absent unless the provider has it.
    public var securityGroups: (any CollectionService<SecurityGroup>)? { nil }
    /// Absent unless the provider has it.
    public var dns: (any CollectionService<DNSZone>)? { nil }
    /// Absent unless the provider has it.
    public var consoles: (any ConsoleService)? { nil }
    /// Absent unless the provider has it.
    public var host: (any HostService)? { nil }
    /// Absent unless the provider has it.
    public var faults: (any FaultService)? { nil }

    /// Everything that is offered is there, unless the provider says otherwise.
    public var absentKinds: Set<Kind> { [] }

    /// No events unless the provider has them.
    public func events() -> AsyncStream<ProviderEvent>? { nil }

    /// Everything its services can do.
    public var operations: Set<Operation> {
        var all: Set<Operation> = []
        let collections: [(any CollectionService)?] = [
            vms, disks, pools, networks, subnets, images, isos, flavors, buckets, securityGroups, dns,
        ]
        for service in collections { if let service { all.formUnion(service.operations) } }
        if host != nil { all.insert(.hostInfo) }
        return all
    }
}

/// Something happened on the platform.
public struct ProviderEvent: Sendable, Hashable {
    /// What happened.
    public enum Change: Sendable, Hashable {
        /// One resource was made, changed or removed: the listing tells which.
        case resource(Kind, id: String)
        /// A whole collection may have changed.
        case collection(Kind)
        /// Events are no longer received: what is known may be stale.
        case disconnected(reason: String)
        /// Events are received again; everything may have changed meanwhile.
        case reconnected
    }

    /// What happened.
    public var change: Change
    /// The platform's word for it (`started`, `defined`, ...), for the journal.
    public var detail: String
    /// The attributes that it says have changed, named as their files; empty where it does not say.
    public var attributes: [String]
    /// Whether the platform tells that somebody else did it: then it is news even right after a change made here.
    public var isOfOthers: Bool

    /// An event.
    public init(_ change: Change, detail: String = "", attributes: [String] = [], isOfOthers: Bool = false) {
        self.change = change
        self.detail = detail
        self.attributes = attributes
        self.isOfOthers = isOfOthers
    }
}
