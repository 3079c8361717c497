import Foundation

/// Programs, run to their end or until they are told to end.
enum Command {
    /// Runs a line of shell(1) with its output thrown away; how long it took, in seconds. Throws where it fails.
    static func time(_ line: String, in directory: String) throws -> Double {
        try seconds { try run(["/bin/sh", "-c", "cd \"$0\" && { \(line); } > /dev/null", directory]) }
    }

    /// A line of shell(1) that prints that file of every resource of a collection, however many there are.
    static func catEvery(_ file: String) -> String { "printf '%s\\0' */\(file) | xargs -0 cat" }

    /// What a line of shell(1) prints, without the last newline.
    static func output(_ line: String) throws -> String {
        let file = "\(NSTemporaryDirectory())/infrafs-benchmark.\(getpid()).out"
        defer { unlink(file) }
        try run(["/bin/sh", "-c", "\(line) > '\(file)'"])
        let text = try String(contentsOfFile: file, encoding: .utf8)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    /// Runs a program; throws where it fails.
    static func run(_ words: [String], environment: [String: String] = [:]) throws {
        let process = try start(words, environment: environment)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw BenchmarkError("\(words[0]): waitpid: \(errno)") }
        }
        guard status == 0 else { throw BenchmarkError("\(words.joined(separator: " ")): wait status \(status)") }
    }

    /// Starts a program, with our standard error and without input; its output goes to a file or nowhere.
    static func start(
        _ words: [String], output: String = "/dev/null", environment: [String: String] = [:]
    ) throws -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var variables: [UnsafeMutablePointer<CChar>?] = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var child: pid_t = 0
        let error = posix_spawnp(&child, words[0], &actions, nil, &arguments, &variables)
        guard error == 0 else { throw BenchmarkError("\(words[0]): \(String(cString: strerror(error)))") }
        return child
    }

    /// Whether a program can be run by its name.
    static func exists(_ name: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }
}

/// Waits until a condition holds.
func wait(upTo limit: Duration, for what: String, _ condition: () -> Bool) throws {
    let end = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < end else { throw BenchmarkError("\(what): not within \(limit)") }
        usleep(1000)
    }
}
