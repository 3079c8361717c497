import LibvirtKit
import ProviderAPI
import Synchronization

/// One transfer of a window of a volume, under way: who needs a part of it waits until that part has come.
final class VolumeFetch: Sendable {
    /// What came of waiting for a part.
    enum Arrival {
        case here
        /// The content ended before, or as much as was asked for had come.
        case ended
        /// Nobody wanted it any more.
        case dropped
    }

    private struct State {
        /// Up to where it has come.
        var end: Int
        var outcome: Result<Arrival, ProviderError>?
        var waiters = 0
    }

    /// What was asked for.
    let range: Range<Int>
    /// Bytes of data after which it ends.
    let limit: Int
    private let state: Mutex<State>
    private let signal = ReadySignal()

    init(_ range: Range<Int>, limit: Int) {
        self.range = range
        self.limit = limit
        state = Mutex(State(end: range.lowerBound))
    }

    /// Up to where it has come.
    var end: Int { state.withLock { $0.end } }
    /// Whether somebody waits for a part of it.
    var isAwaited: Bool { state.withLock { $0.waiters > 0 } }

    /// A part of it is there.
    func reach(_ end: Int) {
        state.withLock { $0.end = max($0.end, end) }
        signal.send()
    }

    /// It is over.
    func finish(_ outcome: Result<Arrival, ProviderError>) {
        state.withLock { $0.outcome = outcome }
        signal.send()
    }

    /// Waits until it has come beyond an offset, or is over.
    func wait(past offset: Int) async throws(ProviderError) -> Arrival {
        state.withLock { $0.waiters += 1 }
        defer { state.withLock { $0.waiters -= 1 } }
        while true {
            let (end, outcome) = state.withLock { ($0.end, $0.outcome) }
            if end > offset { return .here }
            if let outcome { return try outcome.get() }
            do {
                try await signal.wait { [self] in
                    if state.withLock({ $0.end > offset || $0.outcome != nil }) { signal.send() }
                }
            } catch {
                throw ProviderError(wrapping: error)
            }
        }
    }
}
