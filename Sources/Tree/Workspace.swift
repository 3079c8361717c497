import Inventory
import ProviderAPI
import Synchronization

/// What a mount remembers beside the resources themselves, for seconds: names that `unlink` hid, processes that were
/// refused a removal, and scratch files of editors. All of it is bounded and none of it is ever listed.
final class Workspace: Sendable {
    private struct Hidden {
        var expires: Duration
        var pid: Int32
    }

    private struct Key: Hashable {
        var resource: UInt64
        /// A process, or a job.
        var pid: Int32
    }

    private struct State {
        var hidden: [UInt64: [String: Hidden]] = [:]
        var refused: [Key: (error: ProviderError, pid: Int32, expires: Duration)] = [:]
        var made: [UInt64: [String: Duration]] = [:]
        /// When a process last listed a resource.
        var listed: [Key: Duration] = [:]
        /// At how many entries what has expired is thrown out next: each time twice what is left, so that it costs little.
        var pruneAt = Workspace.limit

        var count: Int { hidden.count + refused.count + made.count }
    }

    /// How long an unlinked attribute stays hidden.
    static let hiding = Duration.seconds(10)
    /// How long after its last attempt a job that was refused one removal is refused all below the same resource.
    static let refusal = Duration.seconds(10)
    /// For how long a process that has listed a resource is taken to go through it.
    static let listing = Duration.seconds(5)
    /// Of how many listings is known who made them.
    private static let listings = 4096
    private static let limit = 10_000

    let time: TimeSource
    /// The job that a process is part of: what `find -exec`, xargs or a script runs is one.
    private let job: @Sendable (_ pid: Int32) -> Int32
    private let state = Mutex(State())

    init(time: TimeSource, job: @escaping @Sendable (_ pid: Int32) -> Int32) {
        self.time = time
        self.job = job
    }

    // MARK: Hidden names

    /// Hides a path below a resource. What the same process has hidden there stays so as long as it goes on: a removal of
    /// it all may take its time.
    func hide(_ path: String, of resource: UInt64, by caller: Caller) {
        let now = time.uptime()
        let entry = Hidden(expires: now + Self.hiding, pid: caller.pid)
        state.withLock { state in
            Self.prune(&state, now)
            var hidden = state.hidden[resource] ?? [:]
            for (path, other) in hidden where other.pid == entry.pid && other.expires > now { hidden[path] = entry }
            hidden[path] = entry
            state.hidden[resource] = hidden
        }
    }

    /// Shows it again, with what is below it.
    func show(_ path: String, of resource: UInt64) {
        state.withLock { state in
            guard let hidden = state.hidden[resource] else { return }
            state.hidden[resource] = hidden.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
            if state.hidden[resource]?.isEmpty == true { state.hidden[resource] = nil }
        }
    }

    /// Shows all of a resource again.
    func showAll(of resource: UInt64) {
        state.withLock { state in
            state.hidden[resource] = nil
            state.made[resource] = nil
        }
    }

    /// The hidden paths below a resource.
    func hidden(of resource: UInt64) -> Set<String> {
        let now = time.uptime()
        return state.withLock { state in
            guard let hidden = state.hidden[resource] else { return [] }
            return Set(hidden.lazy.filter { $0.value.expires > now }.map(\.key))
        }
    }

    /// Whether a path, or a directory above it, is hidden.
    func isHidden(_ path: String, of resource: UInt64) -> Bool {
        let now = time.uptime()
        return state.withLock { state in
            guard let hidden = state.hidden[resource] else { return false }
            var path = path[...]
            while true {
                if let entry = hidden[String(path)], entry.expires > now { return true }
                guard let slash = path.lastIndex(of: "/") else { return false }
                path = path[..<slash]
            }
        }
    }

    /// Whether a process is removing the whole resource: it has hidden plain attributes of it. What it removes below is
    /// hidden too, and goes with the resource.
    func isRemoving(_ resource: UInt64, _ caller: Caller) -> Bool {
        let now = time.uptime()
        return state.withLock { state in
            state.hidden[resource]?.contains { path, hidden in
                hidden.pid == caller.pid && hidden.expires > now && !path.contains("/")
            } ?? false
        }
    }

    // MARK: Refusals

    /// Notes that a process was refused a removal below a resource, and with it its job.
    func refuse(_ resource: UInt64, _ caller: Caller, _ error: ProviderError) {
        let now = time.uptime()
        let key = Key(resource: resource, pid: job(caller.pid))
        state.withLock { state in
            Self.prune(&state, now)
            state.refused[key] = (error, caller.pid, now + Self.refusal)
        }
    }

    /// Why the job of a process is refused removals below a resource, and whether it was the process itself; nil where it
    /// is not.
    func refusal(_ resource: UInt64, _ caller: Caller) -> (error: ProviderError, isOwn: Bool)? {
        guard state.withLock({ !$0.refused.isEmpty }) else { return nil }
        let now = time.uptime()
        let key = Key(resource: resource, pid: job(caller.pid))
        return state.withLock { state in
            guard let entry = state.refused[key], entry.expires > now else { return nil }
            return (entry.error, entry.pid == caller.pid)
        }
    }

    /// The job goes on with what it was refused.
    func renewRefusal(_ resource: UInt64, _ caller: Caller) {
        let now = time.uptime()
        let key = Key(resource: resource, pid: job(caller.pid))
        state.withLock { state in state.refused[key]?.expires = now + Self.refusal }
    }

    /// Notes that a process has listed a resource.
    func noteListing(_ resource: UInt64, _ caller: Caller) {
        let now = time.uptime()
        state.withLock { state in
            if state.listed.count >= Self.listings {
                state.listed = state.listed.filter { $0.value > now - Self.listing }
                if state.listed.count >= Self.listings { state.listed = [:] }
            }
            state.listed[Key(resource: resource, pid: caller.pid)] = now
        }
    }

    /// Whether a process has listed a resource in the last seconds: what it removes below is part of a removal of it all.
    func hasListed(_ resource: UInt64, _ caller: Caller) -> Bool {
        let now = time.uptime()
        return state.withLock { state in
            state.listed[Key(resource: resource, pid: caller.pid)].map { $0 > now - Self.listing } ?? false
        }
    }

    // MARK: Names made before they hold anything

    /// Notes a directory that the platform knows only once something is in it (`dns/ZONE/NAME`).
    func make(_ path: String, of resource: UInt64) {
        let now = time.uptime()
        state.withLock { state in
            Self.prune(&state, now)
            var paths = state.made[resource] ?? [:]
            if paths.count.isMultiple(of: 256) { paths = paths.filter { $0.value > now } }
            paths[path] = now + .seconds(600)
            state.made[resource] = paths
        }
    }

    /// Forgets it.
    func unmake(_ path: String, of resource: UInt64) {
        _ = state.withLock { $0.made[resource]?.removeValue(forKey: path) }
    }

    /// The names made so.
    func made(of resource: UInt64) -> Set<String> {
        let now = time.uptime()
        return state.withLock { state in
            Set((state.made[resource] ?? [:]).filter { $0.value > now }.keys)
        }
    }

    private static func prune(_ state: inout State, _ now: Duration) {
        guard state.count >= state.pruneAt else { return }
        state.hidden = state.hidden.filter { !$0.value.values.allSatisfy { $0.expires <= now } }
        state.refused = state.refused.filter { $0.value.expires > now }
        state.made = state.made.filter { !$0.value.values.allSatisfy { $0 <= now } }
        state.pruneAt = max(limit, 2 * state.count)
    }
}
