import ProviderAPI
import Synchronization

/// One consumer of events. What it does not take in time collapses into one `collection` event a kind, so that it is
/// never told less than that something changed.
final class EventQueue: Sendable {
    private struct State {
        var queue: [ProviderEvent] = []
        var collapsed: Set<Kind> = []
        var ended = false
    }

    static let limit = 1024
    private let state = Mutex(State())
    private let room = WaitingRoom()
    private let leave: @Sendable () -> Void

    init(leave: @escaping @Sendable () -> Void) {
        self.leave = leave
    }

    deinit {
        leave()
    }

    func push(_ event: ProviderEvent) {
        state.withLock { state in
            guard !state.ended else { return }
            if case .resource(let kind, _) = event.change, state.collapsed.contains(kind) { return }
            state.queue.append(event)
            if state.queue.count > Self.limit { Self.collapse(&state) }
        }
        room.release()
    }

    func end() {
        state.withLock { $0.ended = true }
        room.release()
    }

    /// The next event; nil after ``end()`` or when the consumer's task is cancelled.
    func next() async -> ProviderEvent? {
        while !Task.isCancelled {
            let (event, ended) = state.withLock { state in (Self.take(&state), state.ended) }
            if let event { return event }
            if ended { return nil }
            await room.wait { self.state.withLock { $0.queue.isEmpty && !$0.ended } }
        }
        return nil
    }

    private static func take(_ state: inout State) -> ProviderEvent? {
        guard !state.queue.isEmpty else { return nil }
        let event = state.queue.removeFirst()
        if case .collection(let kind) = event.change { state.collapsed.remove(kind) }
        return event
    }

    private static func collapse(_ state: inout State) {
        var queue: [ProviderEvent] = []
        for event in state.queue {
            guard case .resource(let kind, _) = event.change else {
                queue.append(event)
                continue
            }
            if state.collapsed.insert(kind).inserted {
                queue.append(ProviderEvent(.collection(kind), detail: "overflow"))
            }
        }
        state.queue = queue
    }
}

/// Everybody who listens to a cloud.
final class EventHub: Sendable {
    private struct Listener {
        weak var queue: EventQueue?
    }

    private struct State {
        var next = 0
        var listeners: [Int: Listener] = [:]
        var closed = false
    }

    private let state = Mutex(State())

    /// A subscription from now on; it ends when the stream is let go.
    func subscribe(first: [ProviderEvent] = []) -> AsyncStream<ProviderEvent> {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let queue = EventQueue { [weak self] in self?.forget(number) }
        for event in first { queue.push(event) }
        let closed = state.withLock { state in
            state.listeners[number] = Listener(queue: queue)
            return state.closed
        }
        if closed { queue.end() }
        return AsyncStream { await queue.next() }
    }

    func publish(_ events: [ProviderEvent]) {
        guard !events.isEmpty else { return }
        // Strong references outlive the lock: the last one to go calls `forget`.
        let queues = state.withLock { state in state.listeners.sorted { $0.key < $1.key }.compactMap(\.value.queue) }
        for queue in queues { for event in events { queue.push(event) } }
    }

    func close() {
        let queues = state.withLock { state in
            state.closed = true
            return state.listeners.values.compactMap(\.queue)
        }
        for queue in queues { queue.end() }
    }

    private func forget(_ number: Int) {
        state.withLock { _ = $0.listeners.removeValue(forKey: number) }
    }
}
