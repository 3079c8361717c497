import Dispatch
import FUSEKit
import Inventory
import Logging
import ProviderAPI
import Synchronization
import Tree

/// Tells those who watch the mount with inotify(7) of what came about elsewhere.
///
/// The kernel makes events of what goes through a mount and of nothing else. So what has changed is touched through the
/// mount, from a thread of our own: a file's time is set, which means nothing here and is an event there; a name that
/// came or went is made or removed, and that request of ours is answered with what is so already (``claim(on:)``).
///
/// Who watches is seen in /proc, and nothing else is touched. Looks and touches are rationed, so a storm of changes costs
/// a bounded part of one processor, and what waits is bounded too.
final class Announcer: Sendable {
    /// What is known of a path that is to be announced: that it has changed, at least. What was both removed and added is
    /// another of the same name, or gone already, which shows when it is to be made.
    struct Pending: Sendable {
        var isAdded = false
        var isRemoved = false
    }

    /// What was last seen of what is watched.
    private struct Seen {
        /// When it was looked at before it was watched: what has changed since may have changed under a watcher's eyes.
        let looked: Int64
        var stamp: UInt64?
    }

    private struct State {
        var isStopped = false
        /// When the queue goes to work next; nil while that is not settled.
        var wake: ContinuousClock.Instant?
        var pending: [String: Pending] = [:]
        /// Names that were made or removed through the mount: the kernel has told of those.
        var local: [String: ContinuousClock.Instant] = [:]
        var watched: [UInt64: any Node] = [:]
        var isComplete = true
        /// When the last look ended, and how long it took.
        var lookEnd = ContinuousClock.now - .seconds(3600)
        var lookCost = Duration.zero
        /// Wall time of the last look, nanoseconds since 1970.
        var looked: Int64
        var seen: [UInt64: Seen] = [:]
        /// What is being waited for.
        var asked: Set<UInt64> = []

        /// When it may be looked again: soon, where something waits for it, and yet for a small part of the time.
        var nextLook: ContinuousClock.Instant {
            let isIdle = watched.isEmpty && pending.isEmpty
            return lookEnd
                + (isIdle
                    ? max(.seconds(5), lookCost * 200) : min(.seconds(1), max(.milliseconds(200), lookCost * 20)))
        }
    }

    static let pendingLimit = 4096
    static let localLimit = 1024
    /// Touches in one go, and the pause after it.
    static let batch = 256
    static let pause = Duration.milliseconds(20)

    private let inodes: InodeTable
    private let invalidator: Invalidator
    private let logger: Logger
    /// Whether processes that may not be looked at may be in the mount.
    private let othersMayEnter: Bool
    private let queue = DispatchQueue(label: "infrafs.announce")
    private let state: Mutex<State>
    let touching = Touching()

    init(inodes: InodeTable, invalidator: Invalidator, othersMayEnter: Bool, logger: Logger) {
        self.inodes = inodes
        self.invalidator = invalidator
        self.othersMayEnter = othersMayEnter
        self.logger = logger
        state = Mutex(State(looked: Touching.now()))
    }

    /// Begins, when the mount answers.
    func start(mountPoint: String, device: String) {
        touching.start(mountPoint: mountPoint, device: device)
        state.withLock { schedule(&$0, at: .now) }
    }

    /// Ends.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.pending = [:]
            state.watched = [:]
        }
    }

    /// Takes what came about. Never waits.
    func announce(_ happenings: [Happening]) {
        state.withLock { state in
            guard !state.isStopped else { return }
            for happening in happenings {
                // What is too much is found by looking at what is watched.
                guard state.pending.count < Self.pendingLimit || state.pending[happening.path] != nil else { continue }
                var pending = state.pending[happening.path] ?? Pending()
                switch happening.what {
                case .changed: break
                case .added: pending.isAdded = true
                case .removed: pending.isRemoved = true
                }
                state.pending[happening.path] = pending
            }
            schedule(&state, at: state.watched.isEmpty && state.isComplete ? state.nextLook : .now + Self.pause)
        }
    }

    /// Notes that the kernel has told of a name itself.
    func noteLocal(_ path: String) {
        let now = ContinuousClock.now
        state.withLock { state in
            if state.local.count >= Self.localLimit {
                state.local = state.local.filter { now - $0.value < .seconds(60) }
            }
            guard state.local.count < Self.localLimit else { return }
            state.local[path] = now
        }
    }

    // MARK: On the queue

    /// Goes to work at that time, if not before. Call with the lock held.
    private func schedule(_ state: inout State, at time: ContinuousClock.Instant) {
        guard !state.isStopped, state.wake.map({ time < $0 }) ?? true else { return }
        state.wake = time
        let delay = max(.zero, time - .now) / .nanoseconds(1)
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(delay))) { self.serve(time) }
    }

    private func serve(_ time: ContinuousClock.Instant) {
        let isDue = state.withLock { state in
            guard state.wake == time, !state.isStopped else { return false }
            state.wake = nil
            return true
        }
        guard isDue else { return }
        let touches = take(hasLooked: look())
        for touch in touches {
            if let name = touch.vanishing { invalidator.expireNow(name) }
        }
        touching.perform(touches)
        for (id, node) in state.withLock({ $0.watched }) { compare(id, node) }
        state.withLock { state in
            let isBusy = !touches.isEmpty && !state.pending.isEmpty
            schedule(&state, at: isBusy ? .now + Self.pause : max(state.nextLook, .now + Self.pause))
        }
    }

    /// Sees who watches, if it is time to; whether it was.
    private func look() -> Bool {
        let (began, wall) = (ContinuousClock.now, Touching.now())
        guard state.withLock({ $0.nextLook <= began }), let device = touching.device else { return false }
        let watches = InotifyWatches.current(of: device)
        let watched = inodes.nodes(of: watches.inodes)
        state.withLock { state in
            let looked = state.looked
            state.seen = watched.reduce(into: [:]) { $0[$1.key] = state.seen[$1.key] ?? Seen(looked: looked) }
            state.watched = watched
            state.isComplete = watches.isComplete || !othersMayEnter
            state.looked = wall
            state.lookEnd = .now
            state.lookCost = state.lookEnd - began
        }
        return true
    }

    /// What is to be touched now. What nobody watches is forgotten by the first look after it.
    private func take(hasLooked: Bool) -> [Touching.Touch] {
        state.withLock { state in
            let ids = Dictionary(state.watched.map { ($0.value.path, $0.key) }) { first, _ in first }
            var touches: [Touching.Touch] = []
            for (path, pending) in state.pending {
                guard touches.count < Self.batch else { break }
                let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
                let isWatched = !state.isComplete || ids[parent] != nil
                if !isWatched {
                    if hasLooked { state.pending[path] = nil }
                    continue
                }
                // The kernel would keep us waiting for who is at work there.
                if let id = ids[parent], invalidator.isHeld(id) { continue }
                state.pending[path] = nil
                if let time = state.local.removeValue(forKey: path), .now - time < .seconds(60) { continue }
                // What is watched itself is compared; one touch tells both.
                if !pending.isAdded, !pending.isRemoved, ids[path] != nil { continue }
                touches.append(.init(path, pending, parent: ids[parent]))
            }
            return touches
        }
    }

    // MARK: What is watched itself

    /// Touches a node that has another status than when it was last looked at.
    private func compare(_ id: UInt64, _ node: any Node) {
        switch Result(catching: { () throws(ProviderError) in try node.status() }) {
        case .failure: break
        case .success(.now(let status)): note(id, node, status)
        case .success(.later(let work)):
            // The platform is asked: what is watched does not grow old.
            guard state.withLock({ $0.asked.insert(id).inserted }) else { return }
            Task {
                if let status = try? await work() { self.note(id, node, status) }
                self.state.withLock { _ = $0.asked.remove(id) }
            }
        }
    }

    private func note(_ id: UInt64, _ node: any Node, _ status: NodeStatus) {
        let hasChanged = state.withLock { state -> Bool in
            guard let seen = state.seen[id] else { return false }
            state.seen[id]?.stamp = status.stamp
            return seen.stamp.map { $0 != status.stamp } ?? (status.modified > seen.looked)
        }
        guard hasChanged else { return }
        queue.async { self.touching.perform([.init(node.path, Pending(), parent: nil)]) }
    }
}
