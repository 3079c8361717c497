import ProviderAPI
import Synchronization

/// The faults that are set, and the counts of the calls.
final class FaultBoard: Sendable {
    private struct State {
        var rules = FaultRules()
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let room = WaitingRoom()

    /// Why everything is unreachable; nil while it is not.
    var outage: String? { state.withLock { $0.rules.outage } }
    /// What is set now.
    var rules: FaultRules { state.withLock { $0.rules } }
    /// How often each operation was called.
    var counts: [String: Int] { state.withLock { $0.counts } }

    func set(_ change: (inout FaultRules) throws(ProviderError) -> Void) throws(ProviderError) {
        try state.withLock { state throws(ProviderError) in
            var rules = state.rules
            try change(&rules)
            state.rules = rules
        }
        room.release()
    }

    func resetCounts() {
        state.withLock { $0.counts = [:] }
    }

    func count(_ call: Call) {
        state.withLock { $0.counts[call.label, default: 0] += 1 }
    }

    func delay(of call: Call) -> Duration {
        state.withLock { state in state.rules.latency.last { $0.pattern.matches(call) }?.duration ?? .zero }
    }

    /// Keeps a call that hangs until the fault is cleared; `cancelled` when its task is.
    func hold(_ call: Call) async throws(ProviderError) {
        let hangs: @Sendable () -> Bool = { self.rules.hang.contains { $0.matches(call) } }
        while hangs() {
            try Cloud.checkCancellation()
            await room.wait(while: hangs)
        }
        try Cloud.checkCancellation()
    }

    /// The error that a call gets, if any.
    func failure(of call: Call, now: Duration) -> ProviderError? {
        state.withLock { $0.rules.failure(of: call, now: now) }
    }
}
