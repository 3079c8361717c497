public import Inventory
import ObjectStore
public import ProviderAPI
import Synchronization

/// All providers as one tree of nodes. It does no I/O of its own and knows nothing of FUSE.
public final class Tree: Sendable {
    /// What the daemon tells of itself in `.infrafs`.
    public struct Daemon: Sendable {
        /// Its version.
        public var version: String
        /// Its configuration, every secret blanked.
        public var configuration: String
        /// Prometheus text; called for each read.
        public var metrics: @Sendable () -> String
        /// Recent log lines.
        public var log: Journal
        /// Changes made through the mount.
        public var audit: AuditTrail

        /// What `.infrafs` shows.
        public init(
            version: String, configuration: String, log: Journal, audit: AuditTrail,
            metrics: @escaping @Sendable () -> String = { "" }
        ) {
            self.version = version
            self.configuration = configuration
            self.metrics = metrics
            self.log = log
            self.audit = audit
        }
    }

    /// The mount point.
    public let root: any DirectoryNode
    private let providers: [ProviderContents]
    private let times: TimeLedger?

    /// The tree of some providers. `state` is the directory that keeps drafts and profiles; nil keeps them in memory.
    /// `presets` are the configuration's presets of a provider, by name: `default` is for a bare mkdir. `times` keeps the
    /// times of what belongs to no provider. `job` tells which job a process is part of: what is refused to one of a job
    /// is refused to all of it.
    public init(
        providers: [LiveProvider], daemon: Daemon, state: String?, times: TimeLedger? = nil,
        presets: (_ provider: String) -> [String: [Value.Entry]] = { _ in [:] }, time: TimeSource = .system,
        job: @escaping @Sendable (_ pid: Int32) -> Int32 = { $0 }
    ) {
        let memory = ObjectMemory()
        let contents = providers.map { live in
            ProviderContents(
                Scope(
                    live: live,
                    drafts: DraftStore(
                        directory: state.map { "\($0)/\(live.name)" }, presets: presets(live.name), time: time),
                    memory: memory, time: time, job: job))
        }
        self.providers = contents
        self.times = times
        root = Self.root(contents, daemon, time, times)
        for provider in contents { provider.scope.live.start() }
    }

    private static func root(
        _ providers: [ProviderContents], _ daemon: Daemon, _ time: TimeSource, _ times: TimeLedger?
    ) -> FixedDirectory {
        let started = times?.since ?? time.wall()
        let clock = ContentClock(time: time, ledger: times)
        let names = providers.map(\.scope.name)
        let readme = ComputedFile(path: "README", clock: clock) { Array(Readme.text(providers: names).utf8) }
        let entries = [DirectoryEntry("README", readme)] + providers.map { DirectoryEntry($0.scope.name, $0.directory) }
        // What the daemon tells of itself is of this mount.
        let own = self.directory(of: daemon, providers, started, ContentClock(time: time))
        return FixedDirectory(
            path: "", modified: started, unlisted: { $0 == ".infrafs" ? own : nil }, { entries })
    }

    private static func directory(
        of daemon: Daemon, _ providers: [ProviderContents], _ started: Int64, _ clock: ContentClock
    ) -> FixedDirectory {
        let path = ".infrafs"
        return FixedDirectory(path: path, modified: started) {
            [
                .init(
                    "version",
                    ComputedFile(path: "\(path)/version", clock: clock) {
                        Array((daemon.version + "\n").utf8)
                    }),
                .init(
                    "config",
                    ComputedFile(path: "\(path)/config", clock: clock) {
                        Rendering.bytes(.text(daemon.configuration))
                    }),
                .init(
                    "metrics",
                    ComputedFile(path: "\(path)/metrics", clock: clock) {
                        Array((daemon.metrics() + Metrics.text(providers)).utf8)
                    }),
                .init("log", JournalNode(path: "\(path)/log", journal: daemon.log, clock: clock)),
                .init("audit", JournalNode(path: "\(path)/audit", journal: daemon.audit.journal, clock: clock)),
            ]
        }
    }

    /// Calls the observer, from any thread, with what readers may have kept and is no longer so. Once, at start.
    public func observe(_ observer: @escaping @Sendable ([TreeChange]) -> Void) {
        for provider in providers {
            let name = provider.scope.name
            provider.scope.live.observe(
                { changes in observer(changes.flatMap { TreeChange.of($0, provider: name) }) },
                health: { observer([.subtree(path: name)]) })
        }
    }

    /// Calls the watcher, from any thread, with what came about on the platforms and through the mount. Once, at start.
    public func watch(_ watcher: @escaping @Sendable ([Happening]) -> Void) {
        for provider in providers {
            let name = provider.scope.name
            provider.scope.live.watch { changes in watcher(Happening.of(changes, provider: name)) }
        }
    }

    /// Notes a failed request for `errors` and `.error`: once, at the door where it got its errno. False where it only
    /// repeats one of a moment ago. `isLook`: of what asks for no change.
    @discardableResult
    public func record(
        _ error: ProviderError, errno: String, operation: String, path: String, isLook: Bool
    ) -> Bool {
        let name = path.prefix { $0 != "/" }
        guard let provider = providers.first(where: { $0.scope.name == name }) else { return true }
        return provider.scope.live.failures.note(
            operation: operation, path: path, errno: errno, reason: error.description, isLook: isLook)
    }

    /// How many resources are known, for `statfs`.
    public var resourceCount: Int {
        providers.reduce(0) { sum, provider in provider.counts.reduce(sum) { $0 + $1.value } }
    }

    /// Ends what runs in the background and lets go of the providers.
    public func close() async {
        await withTaskGroup(of: Void.self) { group in
            for provider in providers { group.addTask { await provider.scope.live.stop() } }
        }
        times?.close()
    }
}

extension TreeChange {
    /// The nodes that a change of a resource touches.
    static func of(_ change: InventoryChange, provider: String) -> [TreeChange] {
        let collection = Identity.inode(provider, change.kind, "", "")
        let resource = Identity.inode(provider, change.kind, change.id, "")
        switch change.what {
        case .added: return [.node(inode: collection)]
        case .removed:
            return [.entry(parent: collection, name: change.entryName, removed: resource), .node(inode: collection)]
        case .renamed:
            // Not as removed: the kernel would take what has the new name for dead.
            return [.entry(parent: collection, name: change.entryName, removed: nil), .node(inode: collection)]
        case .changed(let attributes):
            let changed = attributes.flatMap { path -> [TreeChange] in
                let inode = Identity.inode(provider, change.kind, change.id, path)
                guard let entry = entry(of: path, change, provider) else { return [.node(inode: inode)] }
                return [.node(inode: inode), entry]
            }
            return [.node(inode: resource)] + changed
        }
    }

    /// The name of an element that may have come or gone: `disks/vda`, `metadata/KEY`, `NAME` of a DNS zone.
    private static func entry(of path: String, _ change: InventoryChange, _ provider: String) -> TreeChange? {
        let parts = path.split(separator: "/", maxSplits: 2).map(String.init)
        let isInline = change.kind == .dns
        guard parts.count == (isInline ? 1 : 2), let name = parts.last else { return nil }
        let parent = Identity.inode(provider, change.kind, change.id, isInline ? "" : parts[0])
        return .entry(parent: parent, name: name, removed: nil)
    }
}

/// `.infrafs/metrics`: what the daemon tells of itself, and then of its providers.
enum Metrics {
    static func text(_ providers: [ProviderContents]) -> String {
        var metrics = MetricsText()
        metrics.family("infrafs_resources", .gauge, "Resources known of a provider.")
        for provider in providers {
            let count = provider.counts.reduce(0) { $0 + $1.value }
            metrics.sample("infrafs_resources", [("provider", provider.scope.name)], count)
        }
        LiveProvider.measure(providers.map(\.scope.live), into: &metrics)
        return metrics.text
    }
}
