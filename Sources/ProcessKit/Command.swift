import Glibc

/// A program to run for what it prints: no shell, nothing on its input, its complaints unheard because they may quote a
/// secret. Every method blocks.
public struct Command: Sendable {
    private let words: [String]
    private let environment: [String: String]

    /// A program, found by `PATH` where its name has no slash, and its arguments; and all that it finds in its environment.
    public init(_ words: [String], environment: [String: String]) {
        self.words = words
        self.environment = environment
    }

    /// What it printed, byte for byte. One that does not end in time is killed, with all that it started.
    ///
    /// - Throws: that it could not be run, did not end in time, printed too much or failed. The error names the program
    ///   alone, neither its arguments nor what it said.
    public func output(deadline: Duration, limit: Int = 65_536) throws(CommandFailure) -> [UInt8] {
        let end = ContinuousClock.now + deadline
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure("cannot be run: \(Self.words(errno))") }
        // So that the child has the one end that is made its output, and nothing else.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn(output: ends[1])
        }
        let bytes: [UInt8]
        let status: Int32
        do throws(CommandFailure) {
            bytes = try read(ends[0], until: end, limit)
            status = try wait(for: child, until: end)
        } catch {
            // It leads a group of its own, so this ends what it started too.
            kill(-child, SIGKILL)
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
            throw error
        }
        try check(status)
        return bytes
    }

    private func spawn(output: Int32) throws(CommandFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var child: pid_t = 0
        let code = Self.withStrings(words) { arguments in
            Self.withStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                posix_spawnp(&child, words.first ?? "", &actions, &attributes, arguments, variables)
            }
        }
        guard code == 0 else { throw failure("cannot be run: \(Self.words(code))") }
        return child
    }

    private func read(_ descriptor: Int32, until end: ContinuousClock.Instant, _ limit: Int)
        throws(CommandFailure) -> [UInt8]
    {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = max(0, Int32((end - ContinuousClock.now) / .milliseconds(1)))
            let ready = poll(&waiting, 1, left)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw failure("gave no answer in time") }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be read: \(Self.words(errno))") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw failure("printed more than \(limit) bytes") }
        }
    }

    /// It may close its output and go on running.
    private func wait(for child: pid_t, until end: ContinuousClock.Instant) throws(CommandFailure) -> Int32 {
        var status: Int32 = 0
        while true {
            let done = waitpid(child, &status, WNOHANG)
            if done == child { return status }
            guard done == 0 || errno == EINTR else { throw failure("cannot be waited for: \(Self.words(errno))") }
            guard ContinuousClock.now < end else { throw failure("did not end in time") }
            usleep(2000)
        }
    }

    private func check(_ status: Int32) throws(CommandFailure) {
        // wait(2): the low seven bits are the signal, the next byte is the code.
        if status & 0x7F != 0 { throw failure("was killed by signal \(status & 0x7F)") }
        let code = (status >> 8) & 0xFF
        guard code == 0 else { throw failure("failed with code \(code): run it by hand to see why") }
    }

    private func failure(_ message: String) -> CommandFailure {
        CommandFailure(message: "\(words.first ?? "nothing") \(message)")
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// Strings as C has them in `argv` and `environ`, with the null at the end.
    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// Why a command gave no output.
public struct CommandFailure: Error, Sendable, CustomStringConvertible {
    /// In words, the program first: `pass failed with code 1: ...`.
    public let message: String

    /// The same.
    public var description: String { message }
}
