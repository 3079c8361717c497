public import ProviderAPI
import Synchronization

/// Lets a bounded number of callers through at once, in the order they came. Waiting can be cancelled.
final class CallGate: Sendable {
    private struct State {
        var free: Int
        var waiters: [(ticket: Int, promise: Promise<Void>)] = []
        var next = 0
    }

    private let state: Mutex<State>

    /// A gate for that many callers.
    init(limit: Int) {
        state = Mutex(State(free: limit))
    }

    /// Runs the body once there is room; `timedOut` where there is none within `limit`.
    func pass<Value: Sendable>(
        within limit: Duration? = nil, waitingFor what: String = "",
        _ body: @Sendable () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        try await enter(within: limit, what)
        defer { leave() }
        return try await body()
    }

    private func enter(within limit: Duration?, _ what: String) async throws(ProviderError) {
        let waiting = state.withLock { state -> (ticket: Int, promise: Promise<Void>)? in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.next += 1
            let waiter = (ticket: state.next, promise: Promise<Void>())
            state.waiters.append(waiter)
            return waiter
        }
        guard let waiting else { return }
        do throws(ProviderError) {
            guard let limit else { return try await waiting.promise.value() }
            try await withDeadline(limit, what) { () async throws(ProviderError) in
                try await waiting.promise.value()
            }
        } catch {
            giveUp(waiting.ticket)
            throw error
        }
    }

    /// A caller that was let in at the moment it gave up hands its place on.
    private func giveUp(_ ticket: Int) {
        let wasWaiting = state.withLock { state -> Bool in
            guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return false }
            state.waiters.remove(at: index)
            return true
        }
        if !wasWaiting { leave() }
    }

    private func leave() {
        let next = state.withLock { state -> Promise<Void>? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst().promise }
            state.free += 1
            return nil
        }
        next?.fulfil(.success(()))
    }
}

/// One at a time for each key, in the order they came: two writers of one resource never interleave.
public final class KeyedQueue<Key: Hashable & Sendable>: Sendable {
    private let gates = Mutex<[Key: (gate: CallGate, users: Int)]>([:])

    /// A queue in which nobody waits.
    public init() {}

    /// Whether nothing runs or waits for this key.
    public func isIdle(_ key: Key) -> Bool { gates.withLock { $0[key] == nil } }

    /// Runs the body when no other runs for this key; `timedOut`, with `what` was waited for, where that is not so within
    /// `limit`.
    public func run<Value: Sendable>(
        _ key: Key, within limit: Duration? = nil, waitingFor what: String = "",
        _ body: @Sendable () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        let gate = gates.withLock { gates -> CallGate in
            let entry = gates[key] ?? (CallGate(limit: 1), 0)
            gates[key] = (entry.gate, entry.users + 1)
            return entry.gate
        }
        defer {
            gates.withLock { gates in
                guard let entry = gates[key] else { return }
                gates[key] = entry.users == 1 ? nil : (entry.gate, entry.users - 1)
            }
        }
        return try await gate.pass(within: limit, waitingFor: what, body)
    }
}
