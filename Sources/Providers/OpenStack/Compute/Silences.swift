import Synchronization

/// Services that have not answered: what others tell is not held up by them again and again.
final class Silences: Sendable {
    private let since = Mutex<[CloudService: Duration]>([:])
    /// How long one is waited for, within the deadline of the call that others make.
    static let patience = Duration.seconds(15)
    /// The same of one that was silent, for as long as it is counted among those.
    static let impatience = Duration.seconds(2)
    static let memory = Duration.seconds(60)

    /// How long to wait for a service now.
    func patience(with service: CloudService, at now: Duration) -> Duration {
        guard let last = since.withLock({ $0[service] }), now - last < Self.memory else { return Self.patience }
        return Self.impatience
    }

    /// It did not answer in that time. One that is only slow gets its full time again after a while: what it did not do in
    /// less is no news.
    func note(_ service: CloudService, after waited: Duration, at now: Duration) {
        guard waited >= Self.patience else { return }
        since.withLock { $0[service] = now }
    }

    /// It did.
    func end(of service: CloudService) { since.withLock { $0[service] = nil } }
}
