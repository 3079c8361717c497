import Synchronization

/// Services that have not answered: what others tell is not held up by them again and again.
final class Silences: Sendable {
    private let since = Mutex<[CloudService: Duration]>([:])
    /// How long one is waited for, well within the deadline of the call that others make.
    private static let patience = Duration.seconds(8)
    /// The same of one that was silent, for as long as it is counted among those.
    private static let impatience = Duration.seconds(1)
    private static let memory = Duration.seconds(60)

    /// How long to wait for a service now.
    func patience(with service: CloudService, at now: Duration) -> Duration {
        guard let last = since.withLock({ $0[service] }), now - last < Self.memory else { return Self.patience }
        return Self.impatience
    }

    /// It did not answer.
    func note(_ service: CloudService, at now: Duration) { since.withLock { $0[service] = now } }

    /// It did.
    func end(of service: CloudService) { since.withLock { $0[service] = nil } }
}
