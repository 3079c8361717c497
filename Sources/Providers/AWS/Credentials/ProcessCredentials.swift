import Dispatch
import FoundationEssentials
import Glibc
import ProviderAPI

/// A program that prints credentials (`credential_process`): a line for the shell, in AWS's own configuration.
enum ProcessCredentials {
    private static let patience = 60

    /// Runs it on a thread of its own, since it may ask a person something.
    static func run(_ command: String) async throws(ProviderError) -> Credentials {
        let printed: [UInt8]? = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: output(of: command)) }
        }
        // What it printed is a secret, and so may be what is wrong with it.
        guard let printed, let document = try? JSONDecoder().decode(CredentialDocument.self, from: Data(printed)) else {
            throw ProviderError(
                .credentialsMissing, "credential_process of the profile does not print credentials: run it by hand")
        }
        return try document.credentials(from: "credential_process")
    }

    /// What it prints; nil where it fails or takes more than a minute.
    private static func output(of command: String) -> [UInt8]? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        // The child has the one end that is made its output, and nothing else.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child = spawn(command, output: ends[1])
        close(ends[1])
        guard let child else { return nil }
        let bytes = read(ends[0])
        // It leads a group of its own: what it started ends with it.
        if bytes == nil { kill(-child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status == 0 ? bytes : nil
    }

    private static func spawn(_ command: String, output: Int32) -> pid_t? {
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
        let words = ["/bin/sh", "-c", command].map { (word: String) in strdup(word) }
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for word in words + variables { free(word) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, words + [nil], variables + [nil])
        return code == 0 ? child : nil
    }

    private static func read(_ descriptor: Int32) -> [UInt8]? {
        let end = ContinuousClock.now + .seconds(patience)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero, bytes.count < 1 << 20 else { return nil }
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = Glibc.poll(&poll, 1, Int32(left.components.seconds * 1000 + 1000))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
