public import Inventory
import Synchronization

/// A time that passes only when a test says so.
public final class ManualTime: Sendable {
    private let state = Mutex((wall: Int64(1_764_547_200_000_000_000), uptime: Duration.seconds(1000)))

    /// A time that stands still.
    public init() {}

    /// It as a source.
    public var source: TimeSource {
        TimeSource(wall: { self.state.withLock { $0.wall } }, uptime: { self.state.withLock { $0.uptime } })
    }

    /// Lets time pass.
    public func advance(_ duration: Duration) {
        state.withLock { state in
            state.uptime += duration
            state.wall += Int64(duration / .nanoseconds(1))
        }
    }

    /// Sets the wall clock, as an administrator or NTP does; nothing ages by it.
    public func setWall(by duration: Duration) {
        state.withLock { $0.wall += Int64(duration / .nanoseconds(1)) }
    }

    /// Now, nanoseconds since 1970.
    public var wall: Int64 { state.withLock { $0.wall } }
}
