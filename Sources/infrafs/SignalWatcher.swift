import Dispatch
import Glibc

/// Signals, taken by one thread that waits for them: what is done about them may then take locks and time, which a
/// signal handler may not (signal-safety(7)).
final class SignalWatcher: Sendable {
    private let numbers: [Int32]

    /// Blocks the signals in this thread and in all that it makes later. To be called before any other thread is.
    init(_ numbers: [Int32]) {
        self.numbers = numbers
        var set = Self.set(numbers)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls it with the first signal; a second one of them ends the process as it would have without us.
    func start(_ body: @escaping @Sendable (Int32) -> Void) {
        let numbers = numbers
        Thread.start(name: "signals") {
            var set = Self.set(numbers)
            var number: Int32 = 0
            while sigwait(&set, &number) != 0 {}
            pthread_sigmask(SIG_UNBLOCK, &set, nil)
            body(number)
            while true { pause() }
        }
    }

    private static func set(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }
}

/// A thread of our own, for what blocks.
enum Thread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts one; nobody waits for its end.
    static func start(name: String, _ run: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            preconditionFailure("no thread for \(name): \(Standard.words(code))")
        }
        pthread_detach(thread)
    }
}
