import Glibc
import Synchronization

/// The time that a simulated cloud lives in.
public struct FakeTime: Sendable {
    /// How long the cloud has existed.
    public var now: @Sendable () -> Duration
    /// Seconds since 1970 at its beginning.
    public var epoch: Int
    /// Waits until the cloud has existed that long; throws `CancellationError` when its task is cancelled meanwhile.
    public var sleepUntil: @Sendable (Duration) async throws -> Void

    /// A time of these parts.
    public init(
        epoch: Int, now: @escaping @Sendable () -> Duration,
        sleepUntil: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.epoch = epoch
        self.now = now
        self.sleepUntil = sleepUntil
    }

    /// The machine's own time, from now on.
    public static func real() -> FakeTime {
        let start = ContinuousClock.now
        return FakeTime(
            epoch: time(nil), now: { start.duration(to: .now) },
            sleepUntil: { try await Task.sleep(until: start.advanced(by: $0), clock: .continuous) })
    }

    /// A time that passes only when the clock is advanced.
    public static func driven(_ clock: DrivenClock, epoch: Int = 1_764_547_200) -> FakeTime {
        FakeTime(epoch: epoch, now: { clock.now }, sleepUntil: { try await clock.sleep(until: $0) })
    }
}

/// A clock that stands still until it is advanced, so that what takes time can be seen without waiting for it.
public final class DrivenClock: Sendable {
    private let elapsed = Mutex(Duration.zero)
    private let room = WaitingRoom()

    /// A clock at zero.
    public init() {}

    /// How far it has been advanced.
    public var now: Duration { elapsed.withLock { $0 } }

    /// Moves it on and wakes whoever slept until then.
    public func advance(by duration: Duration) {
        elapsed.withLock { $0 += duration }
        room.release()
    }

    /// Waits until it has been advanced that far; throws `CancellationError`.
    public func sleep(until deadline: Duration) async throws {
        while now < deadline {
            try Task.checkCancellation()
            await room.wait { self.now < deadline }
        }
        try Task.checkCancellation()
    }
}
