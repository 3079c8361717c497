import Glibc

/// The signal that interrupts a thread in read(2). SIGURG, because by default it is ignored (signal(7)): sent to a
/// process that knows nothing of it, it does no harm.
enum WakeSignal {
    /// Makes the signal interrupt system calls of the process, and lets it reach the calling thread.
    static func prepare() {
        _ = installed
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGURG)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    static func send(to thread: pthread_t) {
        pthread_kill(thread, SIGURG)
    }

    private static let installed: Void = {
        // Without SA_RESTART, so that the call fails with EINTR.
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        sigaction(SIGURG, &action, nil)
    }()
}
