public import ProviderAPI
import Synchronization

/// Another provider, with the calls about its machines counted.
public final class WatchedProvider: Provider {
    /// A call about machines.
    public enum Call: Sendable, Hashable { case list, items, create, delete, apply }

    private let base: any Provider
    private let log = CallLog()

    /// Watches a provider.
    public init(_ base: any Provider) {
        self.base = base
    }

    /// How many calls of a sort were made.
    public func count(_ call: Call) -> Int { log.calls.withLock { $0.count { $0 == call } } }

    /// As the provider's.
    public var type: String { base.type }
    /// The provider's, counted.
    public var vms: (any CollectionService<VirtualMachine>)? { base.vms.map { WatchedMachines(base: $0, log: log) } }
    /// As the provider's.
    public var disks: (any CollectionService<Disk>)? { base.disks }
    /// As the provider's.
    public var pools: (any CollectionService<Pool>)? { base.pools }
    /// As the provider's.
    public var networks: (any CollectionService<Network>)? { base.networks }
    /// As the provider's.
    public var subnets: (any CollectionService<Subnet>)? { base.subnets }
    /// As the provider's.
    public var images: (any CollectionService<Image>)? { base.images }
    /// As the provider's.
    public var isos: (any CollectionService<ISO>)? { base.isos }
    /// As the provider's.
    public var flavors: (any CollectionService<Flavor>)? { base.flavors }
    /// As the provider's.
    public var buckets: (any CollectionService<Bucket>)? { base.buckets }
    /// As the provider's.
    public var objects: (any ObjectService)? { base.objects }
    /// As the provider's.
    public var securityGroups: (any CollectionService<SecurityGroup>)? { base.securityGroups }
    /// As the provider's.
    public var dns: (any CollectionService<DNSZone>)? { base.dns }
    /// As the provider's.
    public var consoles: (any ConsoleService)? { base.consoles }
    /// As the provider's.
    public var host: (any HostService)? { base.host }
    /// As the provider's.
    public var faults: (any FaultService)? { base.faults }
    /// As the provider's.
    public func events() -> AsyncStream<ProviderEvent>? { base.events() }
    /// As the provider's.
    public func check() async throws(ProviderError) { try await base.check() }
    /// As the provider's.
    public func close() async { await base.close() }
}

private final class CallLog: Sendable {
    let calls = Mutex<[WatchedProvider.Call]>([])

    func note(_ call: WatchedProvider.Call) { calls.withLock { $0.append(call) } }
}

private struct WatchedMachines: CollectionService {
    let base: any CollectionService<VirtualMachine>
    let log: CallLog

    var operations: Set<Operation> { base.operations }
    var parameters: [Parameter] { base.parameters }
    var eventCoverage: EventCoverage { base.eventCoverage }

    func list() async throws(ProviderError) -> [VirtualMachine] {
        log.note(.list)
        return try await base.list()
    }

    func items(_ ids: [VirtualMachine.ID]) async throws(ProviderError) -> [VirtualMachine] {
        log.note(.items)
        return try await base.items(ids)
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> VirtualMachine {
        log.note(.create)
        return try await base.create(specification, job)
    }

    func delete(_ id: VirtualMachine.ID, _ job: any JobReporter) async throws(ProviderError) {
        log.note(.delete)
        try await base.delete(id, job)
    }

    func apply(_ change: VirtualMachine.Change, to id: VirtualMachine.ID, _ job: any JobReporter)
        async throws(ProviderError) -> VirtualMachine
    {
        log.note(.apply)
        return try await base.apply(change, to: id, job)
    }
}
