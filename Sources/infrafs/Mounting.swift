import Dispatch
import FoundationEssentials
import Inventory
import Logging
import MountBridge
import ProviderAPI
import Settings
import Tree

/// What to mount, where and how.
struct MountRequest: Sendable {
    /// The providers.
    let configuration: Configuration
    /// How to mount: the configuration's section with `-o` over it.
    let settings: MountSettings
    /// An absolute path without links, checked to be an empty directory.
    let mountPoint: String
    /// What mount(8) and findmnt show as the source.
    let source: String
}

/// How the mount and the process talk to each other.
struct MountLifecycle: Sendable {
    /// The recent log lines, for `.infrafs/log`.
    let log: Journal
    /// To be called once, when the mount answers.
    let ready: @Sendable () -> Void
    /// To be called once, before `ready`, with what unmounts: it is called, on a thread of its own, when a signal asks.
    let onStop: @Sendable (@escaping @Sendable () -> Void) -> Void
}

/// Mounts, serves until the mount ends, and returns. It runs after the fork, so it may make threads.
typealias MountRunner = @Sendable (MountRequest, MountLifecycle) throws -> Void

/// The one that `infrafs mount` uses: providers, their live views, the tree over them, and the bridge to FUSE.
let mountRunner: MountRunner = { request, lifecycle in
    HeapTrimmer.prepare()
    let logger = Logger(label: "infrafs")
    let audit = AuditTrail(time: .system)
    let state = stateDirectory()
    func times(_ name: String) -> TimeLedger? {
        state.flatMap { TimeLedger(path: "\($0)/\(name)", logger: logger) }
    }
    let providers = try request.configuration.providers.map { entry in
        var settings = entry.settings
        settings.stateDirectory = state.map { "\($0)/\(entry.name)" }
        return LiveProvider(
            name: entry.name, provider: try entry.registration.make(settings),
            policy: try Policy(entry.common, isReadOnly: request.settings.readOnly), audit: audit, logger: logger,
            times: times("\(entry.name)/times"))
    }
    let requests = RequestStatistics()
    let daemon = Tree.Daemon(
        version: version, configuration: request.configuration.redacted, log: lifecycle.log, audit: audit,
        metrics: { requests.metrics })
    let tree = Tree(
        providers: providers, daemon: daemon, state: state, times: times("mount.times"),
        presets: request.configuration.presets(of:), job: ProcessGroup.of)
    let options = MountBridgeOptions(
        uid: request.settings.uid, gid: request.settings.gid, umask: request.settings.umask,
        allowOther: request.settings.allowOther, readOnly: request.settings.readOnly,
        announces: request.settings.inotify, name: request.source)
    let mount = try Mount(
        tree: tree, mountPoint: request.mountPoint, options: options, statistics: requests, logger: logger)
    lifecycle.onStop { mount.stop() }
    HeapTrimmer.start()
    try mount.run(ready: lifecycle.ready)
    finish { await tree.close() }
}

/// Where drafts and profiles are kept: `$XDG_STATE_HOME/infrafs`, by default `~/.local/state/infrafs`; nil without a home.
func stateDirectory() -> String? {
    let environment = ProcessInfo.processInfo.environment
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return "\(state)/infrafs" }
    return environment["HOME"].map { "\($0)/.local/state/infrafs" }
}

/// Runs the last asynchronous work of the process, for a few seconds at most.
private func finish(_ body: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
        await body()
        done.signal()
    }
    _ = done.wait(timeout: .now() + 5)
}

extension Configuration {
    /// The presets of creation for a provider: kcli's profiles, and the defaults of its section as `default`.
    func presets(of provider: String) -> [String: [Value.Entry]] {
        var presets = profiles.mapValues(Self.entries)
        if let defaults = providers.first(where: { $0.name == provider })?.defaults, !defaults.isEmpty {
            presets["default"] = Self.entries(defaults)
        }
        return presets
    }

    private static func entries(_ values: [String: Value]) -> [Value.Entry] {
        values.sorted { $0.key < $1.key }.map { Value.Entry($0.key, $0.value) }
    }
}

extension Policy {
    /// The policy of a provider's entry in the configuration.
    init(_ common: CommonSettings, isReadOnly: Bool) throws(Failure) {
        self.init(
            cache: common.cache, timeout: common.timeout, isReadOnly: isReadOnly || common.readOnly,
            protect: try Self.globs(common.protect, "protect"), deletesRunning: common.deleteRunning,
            maxCalls: common.maxCalls, images: try Self.globs(common.images, "images"))
    }

    private static func globs(_ patterns: [String], _ key: String) throws(Failure) -> [Glob] {
        var globs: [Glob] = []
        for pattern in patterns {
            guard let glob = Glob(pattern) else {
                throw Failure(.configuration, "\(key): '\(pattern)' is no pattern: close its [")
            }
            globs.append(glob)
        }
        return globs
    }
}
