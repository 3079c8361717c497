import Inventory
import ProviderAPI
import Synchronization

/// What did not answer a moment ago.
final class Silences: Sendable {
    /// As long as a failed listing answers those who come after it.
    private static let lifetime = Duration.seconds(1)
    private let last = Mutex<[String: (error: ProviderError, at: Duration)]>([:])
    private let time: TimeSource

    init(time: TimeSource) {
        self.time = time
    }

    /// Asks whom a name stands for, unless that one was silent a moment ago: then throws the same again.
    func asking<Value: Sendable>(
        _ name: String, _ body: () async throws(ProviderError) -> Value
    ) async throws(ProviderError) -> Value {
        let now = time.uptime()
        if let (error, at) = last.withLock({ $0[name] }), now - at < Self.lifetime { throw error }
        do throws(ProviderError) {
            let value = try await body()
            last.withLock { $0[name] = nil }
            return value
        } catch {
            if error.code == .timedOut || error.code == .unreachable {
                let now = time.uptime()
                last.withLock { $0[name] = (error, now) }
            }
            throw error
        }
    }

    /// Everybody is asked again.
    func forget() {
        last.withLock { $0 = [:] }
    }
}
