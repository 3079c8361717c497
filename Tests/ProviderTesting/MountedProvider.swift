public import Inventory
import Logging
public import ProviderAPI
public import Tree

/// A tree over one provider, without a mount, and a process that uses it.
public struct MountedProvider: Sendable {
    /// The name of the provider in the tree.
    public static let name = "lab"
    /// The tree.
    public let tree: Tree
    /// The provider as the tree knows it.
    public let live: LiveProvider
    /// Changes made through the tree.
    public let audit: AuditTrail
    /// A process that uses it.
    public let driver: TreeDriver

    /// A tree over a provider, named `lab`. `state` keeps drafts; nil keeps them in memory. `times` is
    /// the file that keeps times; nil keeps none.
    public init(
        _ provider: any Provider, policy: Policy = Policy(), time: TimeSource = .system, state: String? = nil,
        times: String? = nil
    ) {
        audit = AuditTrail(time: time)
        live = Self.live(
            provider, policy: policy, time: time, audit: audit,
            times: times.flatMap { TimeLedger(path: $0, time: time, logger: Self.logger) })
        let daemon = Tree.Daemon(
            version: "1", configuration: "providers: {}\n", log: Journal(time: time), audit: audit)
        tree = Tree(providers: [live], daemon: daemon, state: state, time: time)
        driver = TreeDriver(tree.root)
    }

    private static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// The live view of a provider, which logs nothing.
    public static func live(
        _ provider: any Provider, policy: Policy = Policy(), time: TimeSource = .system, audit: AuditTrail? = nil,
        name: String = name, times: TimeLedger? = nil
    ) -> LiveProvider {
        LiveProvider(
            name: name, provider: provider, policy: policy, audit: audit ?? AuditTrail(time: time),
            logger: logger, times: times, time: time)
    }
}
