public import ProviderAPI
import Synchronization

/// Those who follow a provider's events: what ``Provider/events()`` hands out.
public final class EventSubscribers: Sendable {
    private struct State {
        var continuations: [Int: AsyncStream<ProviderEvent>.Continuation] = [:]
        var last = 0
    }

    private let state = Mutex(State())
    /// Events that one who does not take them may have waiting; the oldest are lost then.
    private let limit: Int

    /// Nobody yet.
    public init(limit: Int = 100_000) { self.limit = limit }

    /// Whether nobody follows.
    public var isEmpty: Bool { state.withLock { $0.continuations.isEmpty } }

    /// A subscription to what is sent from now on; it ends when the stream is let go.
    public func subscribe() -> AsyncStream<ProviderEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ProviderEvent.self, bufferingPolicy: .bufferingNewest(limit))
        let number = state.withLock { state in
            state.last += 1
            state.continuations[state.last] = continuation
            return state.last
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.continuations.removeValue(forKey: number) }
        }
        return stream
    }

    /// Tells everybody.
    public func send(_ event: ProviderEvent) {
        let continuations = state.withLock { Array($0.continuations.values) }
        for continuation in continuations { continuation.yield(event) }
    }

    /// Ends all subscriptions.
    public func finish() {
        let continuations = state.withLock { state in
            defer { state.continuations = [:] }
            return Array(state.continuations.values)
        }
        for continuation in continuations { continuation.finish() }
    }
}
