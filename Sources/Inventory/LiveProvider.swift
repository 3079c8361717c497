public import Logging
public import ProviderAPI
import Synchronization

/// One provider as the mount knows it: its health, its journals, its jobs, and the way in which it is called.
public final class LiveProvider: Sendable {
    /// Whether it answers.
    public enum Health: Sendable, Hashable {
        case unknown
        case up
        case down(reason: String)
    }

    /// Its name in the tree.
    public let name: String
    /// The provider itself.
    public let provider: any Provider
    /// What the configuration says about it.
    public let policy: Policy
    /// Changes of its resources.
    public let events: Journal
    /// Failed requests.
    public let failures: FailureLog
    /// Long operations.
    public let jobs: JobTable
    /// Changes made through the mount; shared by all providers.
    public let audit: AuditTrail

    /// The times that earlier mounts told; nil where none are kept.
    public let times: TimeLedger?

    let time: TimeSource
    /// When the mount began, nanoseconds since 1970.
    let started: Int64
    let logger: Logger
    let statistics: CallStatistics
    private let gate: CallGate
    private struct State {
        var health = Health.unknown
        var checked: Duration?
        var check: Promise<Void>?
        var members: [Membership] = []
        var observer: (@Sendable ([InventoryChange]) -> Void)?
        var watcher: (@Sendable ([InventoryChange]) -> Void)?
        var healthObserver: (@Sendable () -> Void)?
        var subscription: Task<Void, Never>?
        var isStopping = false
    }
    private let state = Mutex(State())
    private let connected = Atomic(false)

    /// The live view of a provider. It calls nothing before ``start()``.
    public init(
        name: String, provider: any Provider, policy: Policy, audit: AuditTrail, logger: Logger,
        times: TimeLedger? = nil, time: TimeSource = .system
    ) {
        self.name = name
        self.provider = provider
        self.policy = policy
        self.audit = audit
        self.logger = logger
        self.times = times
        self.time = time
        started = time.wall()
        events = Journal(time: time)
        failures = FailureLog(time: time)
        jobs = JobTable(time: time)
        statistics = CallStatistics(time: time)
        gate = CallGate(limit: policy.maxCalls)
    }

    /// Begins to follow the provider's events and to learn its health. Returns at once.
    public func start() {
        if let stream = provider.events() {
            setConnected(true)
            let subscription = Task { [weak self] in
                for await event in stream { self?.handle(event) }
                // Nothing tells of changes any more: what is known ages from now on, for those who kept it too.
                self?.setConnected(false)
                self?.refresh()
            }
            state.withLock { $0.subscription = subscription }
        }
        _ = checking()
    }

    /// Ends what runs in the background and lets go of the provider.
    public func stop() async {
        let subscription = state.withLock { state in
            state.isStopping = true
            return state.subscription
        }
        subscription?.cancel()
        try? await withDeadline(.seconds(5), "closing \(name)") { () async throws(ProviderError) in
            await self.provider.close()
        }
        times?.close()
    }

    /// Whether events are received: then nothing ages that they cover.
    var isConnected: Bool { connected.load(ordering: .acquiring) }

    // MARK: Calls

    /// Makes one call: within the limit of calls under way, with the deadline, and its outcome noted as health.
    ///
    /// `dataTime` is for what moves bulk data: allowed beside the deadline of one call. It can wait for long, so it does
    /// not count among the calls under way, which others wait for; and it may end in memory, so that its success says
    /// nothing of the platform.
    public func call<Value: Sendable>(
        _ what: String, dataTime: Duration? = nil,
        _ body: @escaping @Sendable () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        let gate = gate
        let patience = throttlePatience
        do throws(ProviderError) {
            let value = try await statistics.measure(what) { () async throws(ProviderError) -> Value in
                let limit = policy.timeout + (dataTime ?? .zero)
                return try await withDeadline(limit, "\(name): \(what)") { () async throws(ProviderError) -> Value in
                    try await retryingWhileThrottled(for: patience) { () async throws(ProviderError) -> Value in
                        if dataTime != nil { return try await body() }
                        return try await gate.pass(body)
                    }
                }
            }
            if dataTime == nil { note(health: .up) }
            return value
        } catch {
            note(error)
            throw error
        }
    }

    /// How long a throttled call is repeated: well within its deadline.
    var throttlePatience: Duration { min(policy.timeout / 3, .seconds(10)) }

    private func note(_ error: ProviderError) {
        guard !state.withLock({ $0.isStopping }) else { return }
        switch error.code {
        case .unreachable, .timedOut, .credentialsMissing, .credentialsExpired, .credentialsRejected:
            note(health: .down(reason: error.description))
        case .cancelled: break
        default: note(health: .up)
        }
    }

    // MARK: Health

    /// Whether it answers, as last seen. Asking makes it looked at again where that was long ago; no one waits for that
    /// but the very first who asks, for half a second at most.
    public func health() -> Answer<Health> {
        let (health, checked) = state.withLock { ($0.health, $0.checked) }
        if let checked, time.uptime() - checked < policy.cache { return .now(health) }
        let check = checking()
        guard health == .unknown else { return .now(health) }
        return .later { [self] in
            _ = try? await withDeadline(.milliseconds(500), "checking \(name)") { () async throws(ProviderError) in
                try await check.value()
            }
            // Told once: those who ask after this one do not wait.
            let now = time.uptime()
            return state.withLock { state in
                if state.health == .unknown {
                    state.health = .down(reason: "no answer yet")
                    state.checked = now
                }
                return state.health
            }
        }
    }

    private func checking() -> Promise<Void> {
        let (promise, isNew) = state.withLock { state -> (Promise<Void>, Bool) in
            if let check = state.check { return (check, false) }
            let promise = Promise<Void>()
            state.check = promise
            return (promise, true)
        }
        guard isNew else { return promise }
        Task {
            let provider = provider
            try? await call("check") { () async throws(ProviderError) in try await provider.check() }
            state.withLock { $0.check = nil }
            promise.fulfil(.success(()))
        }
        return promise
    }

    private func note(health: Health) {
        let now = time.uptime()
        let (changed, observer) = state.withLock { state in
            defer {
                state.health = health
                state.checked = now
            }
            return (state.health != health, state.healthObserver)
        }
        guard changed else { return }
        if case .down(let reason) = health {
            logger.warning("provider down", metadata: ["provider": "\(name)", "reason": "\(reason)"])
        } else {
            logger.info("provider up", metadata: ["provider": "\(name)"])
        }
        observer?()
    }

    // MARK: Changes

    /// Calls it with what came to light about resources, and when the health changes. Once, at start.
    public func observe(
        _ observer: @escaping @Sendable ([InventoryChange]) -> Void, health: @escaping @Sendable () -> Void
    ) {
        state.withLock { state in
            state.observer = observer
            state.healthObserver = health
        }
    }

    /// Calls it with the same, after the observer. Once, at start.
    public func watch(_ watcher: @escaping @Sendable ([InventoryChange]) -> Void) {
        state.withLock { $0.watcher = watcher }
    }

    /// Forgets what is cached, here and with those who read.
    public func refresh() {
        for member in members { member.markAllStale(detail: "") }
        distrust()
    }

    /// Readers must not rely on what they have kept.
    func distrust() {
        state.withLock { $0.healthObserver }?()
    }

    func add(_ member: any InventoryMember) {
        state.withLock { $0.members.append(Membership(member: member)) }
    }

    func report(_ changes: [InventoryChange]) {
        guard !changes.isEmpty else { return }
        let (observer, watcher) = state.withLock { ($0.observer, $0.watcher) }
        observer?(changes)
        watcher?(changes)
    }

    private func setConnected(_ isConnected: Bool) {
        connected.store(isConnected, ordering: .releasing)
    }

    private func handle(_ event: ProviderEvent) {
        switch event.change {
        case .resource(let kind, let id):
            for member in members(of: kind) {
                member.markStale(id: id, Cause(event))
            }
        case .collection(let kind):
            for member in members(of: kind) { member.markAllStale(detail: event.detail) }
        case .disconnected(let reason):
            guard !state.withLock({ $0.isStopping }) else { return }
            setConnected(false)
            refresh()
            journalConnection("disconnected", reason)
            note(health: .down(reason: reason))
        case .reconnected:
            setConnected(true)
            refresh()
            journalConnection("reconnected", "")
            note(health: .up)
        }
    }

    /// What each collection has in its cache.
    var caches: [(kind: Kind, cache: CacheState)] {
        members.map { ($0.kind, $0.cache) }
    }

    /// Whether it answered when it was last called.
    var isUp: Bool { state.withLock { $0.health } == .up }

    func members(of kind: Kind) -> [any InventoryMember] {
        members.filter { $0.kind == kind }
    }

    private var members: [any InventoryMember] {
        state.withLock { $0.members }.compactMap(\.member)
    }

    private func journalConnection(_ event: String, _ reason: String) {
        events.append(
            json(
                .map([
                    .init("time", .text(timestamp(time.wall()))), .init("event", .text(event)),
                    .init("detail", .text(reason)),
                ])))
    }
}

/// A collection that a provider tells of changes. Not held: it is the collection that holds its provider.
private struct Membership: Sendable {
    weak let member: (any InventoryMember)?
}

/// A collection, whatever it holds.
protocol InventoryMember: AnyObject, Sendable {
    var kind: Kind { get }
    /// Whether events tell of every change now.
    var isWhollyTold: Bool { get }
    /// A resource may have changed.
    func markStale(id: String, _ cause: Cause)
    /// Everything may have changed.
    func markAllStale(detail: String)
    /// What is known, and how good it is.
    var cache: CacheState { get }
    /// The names in the directory of those that have a name.
    func entryNames(of name: String) -> [String]
}

/// The next change of any resource of a provider, from the moment it was asked for.
public struct NextChange: Sendable {
    fileprivate let promise = Promise<Void>()

    /// Waits for it, and not longer than that. `cancelled` when the task is.
    public func wait(within limit: Duration) async throws(ProviderError) {
        let promise = promise
        let timer = Task {
            try? await Task.sleep(for: limit)
            promise.fulfil(.success(()))
        }
        defer { timer.cancel() }
        try await promise.value()
    }
}

extension LiveProvider {
    /// The next change from now on. Ask before looking at what may change, so that none is missed in between.
    public func nextChange() -> NextChange {
        let next = NextChange()
        events.notifyOnce { next.promise.fulfil(.success(())) }
        return next
    }
}
