import Glibc
import Inventory
import Logging
import Settings
import Synchronization

/// The life of a mount's process: in the background, unless told otherwise.
enum Daemon {
    /// Runs the mount. In the background this returns in the parent once the mount answers, and never in the child.
    static func run(
        _ request: MountRequest, foreground: Bool, log: LogDestination, level: Logger.Level, runner: MountRunner
    ) throws(Failure) {
        if foreground {
            try serve(request, log: log, level: level, runner: runner) { Readiness.tell() }
            return
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.system, "cannot make a pipe: \(Standard.words(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = fork()
        guard child >= 0 else { throw Failure(.system, "cannot start a process: \(Standard.words(errno))") }
        if child > 0 {
            close(ends[1])
            try awaitReadiness(ends[0])
            return
        }
        close(ends[0])
        background(request, log: log, level: level, runner: runner, report: ends[1])
    }

    /// The parent's part: the child says `ready`, or its exit code and its error in one line.
    private static func awaitReadiness(_ descriptor: Int32) throws(Failure) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1).map(String.init)
        if parts == ["ready"] { return }
        guard parts.count == 2, let code = Int32(parts[0]) else {
            throw Failure(.system, "the daemon ended before the mount answered: run it with -f to see why")
        }
        throw Failure(Failure.Status(rawValue: code) ?? .failed, parts[1])
    }

    /// The child's part, libfuse's doc/README.daemonize in our own order: a session of its own, no directory held, no
    /// terminal.
    private static func background(
        _ request: MountRequest, log: LogDestination, level: Logger.Level, runner: MountRunner, report: Int32
    ) -> Never {
        setsid()
        chdir("/")
        detachStreams()
        let reported = Mutex(false)
        let tell: @Sendable (String) -> Void = { text in
            let first = reported.withLock { reported in
                defer { reported = true }
                return !reported
            }
            guard first else { return }
            Standard.write(text, to: report)
            close(report)
        }
        do throws(Failure) {
            try serve(request, log: log, level: level, runner: runner) { tell("ready") }
        } catch {
            tell("\(error.status.rawValue) \(error.message)")
            exit(error.status.rawValue)
        }
        tell("\(Failure.Status.system.rawValue) the mount ended before it answered")
        exit(0)
    }

    private static func detachStreams() {
        let null = open("/dev/null", O_RDWR)
        guard null >= 0 else { return }
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { dup2(null, stream) }
        if null > STDERR_FILENO { close(null) }
    }

    private static func serve(
        _ request: MountRequest, log: LogDestination, level: Logger.Level, runner: MountRunner,
        ready: @escaping @Sendable () -> Void
    ) throws(Failure) {
        let recent = Journal(limit: 256 << 10, time: .system)
        LoggingSystem.bootstrap { label in
            LineLog(label: label, destination: log, recent: recent, level: level)
        }
        let logger = Logger(label: "infrafs")
        for note in request.configuration.notes { logger.notice("\(note)") }
        signal(SIGPIPE, SIG_IGN)
        let watcher = SignalWatcher([SIGINT, SIGTERM, SIGHUP])
        let lifecycle = MountLifecycle(
            log: recent,
            ready: ready,
            onStop: { stop in
                watcher.start { signal in
                    logger.info("unmounting path=\(request.mountPoint) signal=\(signal)")
                    stop()
                }
            })
        do {
            try runner(request, lifecycle)
        } catch {
            let failure = (error as? Failure) ?? Failure(.cannotMount, "\(error)")
            logger.error("mount failed path=\(request.mountPoint) reason=\(failure.message)")
            throw failure
        }
    }
}
