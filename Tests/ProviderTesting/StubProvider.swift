public import ProviderAPI
import Synchronization

/// A provider of stub collections, with events that a test sends.
public final class StubProvider: Provider {
    /// The word for `type:`.
    public let type = "stub"
    /// The machines as a test sees them.
    public let machines: StubCollection<VirtualMachine>
    /// The volumes as a test sees them; nil where it has none.
    public let volumes: StubCollection<Disk>?
    private let hasEvents: Bool
    private let subscriptions = Mutex<[AsyncStream<ProviderEvent>.Continuation]>([])
    private let checkFault = Mutex<ProviderError?>(nil)

    /// A provider of these machines.
    public init(
        _ machines: StubCollection<VirtualMachine>, volumes: StubCollection<Disk>? = nil, hasEvents: Bool = false
    ) {
        self.machines = machines
        self.volumes = volumes
        self.hasEvents = hasEvents
    }

    /// Machines.
    public var vms: (any CollectionService<VirtualMachine>)? { machines }
    /// Volumes.
    public var disks: (any CollectionService<Disk>)? { volumes }

    /// One subscription.
    public func events() -> AsyncStream<ProviderEvent>? {
        guard hasEvents else { return nil }
        let (stream, continuation) = AsyncStream.makeStream(of: ProviderEvent.self)
        subscriptions.withLock { $0.append(continuation) }
        return stream
    }

    /// Tells every subscriber.
    public func send(_ change: ProviderEvent.Change, detail: String = "", isOfOthers: Bool = false) {
        for subscription in subscriptions.withLock({ $0 }) {
            subscription.yield(ProviderEvent(change, detail: detail, isOfOthers: isOfOthers))
        }
    }

    /// Answers unless a test said otherwise.
    public func check() async throws(ProviderError) {
        if let fault = checkFault.withLock({ $0 }) { throw fault }
    }

    /// Makes the check fail, or not.
    public func failCheck(_ error: ProviderError?) { checkFault.withLock { $0 = error } }

    /// Ends the subscriptions.
    public func close() async {
        for subscription in subscriptions.withLock({ $0 }) { subscription.finish() }
    }
}
