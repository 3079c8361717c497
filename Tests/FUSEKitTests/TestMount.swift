import Dispatch
import FUSEKit
import Glibc
import Synchronization
import SystemPackage
import Testing

/// A file system mounted in a temporary directory and served by a thread of its own.
final class TestMount: Sendable {
    let path: String
    let session: Session
    let files: MemoryFileSystem
    private let ended = DispatchSemaphore(value: 0)
    private let outcome = Mutex<FUSEError?>(nil)

    init(options: [String] = ["fsname=memory", "subtype=fusekit"], _ fill: (MemoryFileSystem) -> Void = { _ in }) throws
    {
        files = MemoryFileSystem()
        fill(files)
        path = try temporaryDirectory()
        session = try Session(files, mountPoint: path, options: options)
        try session.mount()
        let (session, ended) = (session, ended)
        Thread.start { [self] in
            do throws(FUSEError) {
                try session.run()
            } catch {
                outcome.withLock { $0 = error }
            }
            ended.signal()
        }
    }

    /// Waits for the end of `run()`; false if it does not come in time.
    func waitForEnd(seconds: Int) -> Bool {
        let result = ended.wait(timeout: .now() + .seconds(seconds))
        ended.signal()
        return result == .success
    }

    /// What `run()` threw.
    var failure: FUSEError? { outcome.withLock { $0 } }

    /// Whether anything is mounted at the path.
    var isMounted: Bool { mountedPaths().contains(path) }

    func close() {
        session.unmount()
        #expect(waitForEnd(seconds: 10))
        #expect(!isMounted)
        #expect(failure == nil)
        rmdir(path)
    }
}

/// Runs `body` over a fresh mount, away from the threads of Swift tasks: its system calls block until tasks answer them.
func withMount(
    _ fill: (MemoryFileSystem) -> Void = { _ in }, _ body: @escaping @Sendable (TestMount) throws -> Void
) async throws {
    let mount = try TestMount(fill)
    try await onThread {
        defer { mount.close() }
        try body(mount)
    }
}

/// Runs `body` on a new thread and waits for it without holding up a thread of Swift tasks.
func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        Thread.start { continuation.resume(with: Result { try body() }) }
    }
}

/// A thread of the system.
enum Thread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            Issue.record("no thread: \(code)")
            return
        }
        pthread_detach(thread)
    }
}

func temporaryDirectory() throws -> String {
    var template = Array("/tmp/fusekit-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template))
    return String(cString: path)
}

/// The paths of /proc/self/mounts, in which a temporary directory needs no escapes.
func mountedPaths() -> [String] {
    guard case .success(let text) = contents("/proc/self/mounts") else { return [] }
    return text.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: " ")
        return fields.count > 1 ? String(fields[1]) : nil
    }
}

/// The whole text of a file, or what open(2) or read(2) failed with.
func contents(_ path: String) -> Result<String, Errno> {
    do {
        let descriptor = try FileDescriptor.open(path, .readOnly)
        return try descriptor.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0, retryOnInterrupt: false) }
                guard count > 0 else { return .success(String(decoding: bytes, as: UTF8.self)) }
                bytes.append(contentsOf: chunk[..<count])
            }
        }
    } catch let error as Errno {
        return .failure(error)
    } catch {
        return .failure(.notSupported)
    }
}

/// Writes a text into a file as the shell's `>` does.
func overwrite(_ path: String, _ text: String) throws {
    let descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
}

/// What a system call failed with; nil if it succeeded.
func failure(_ result: Int32) -> Errno? {
    result == 0 ? nil : Errno(rawValue: errno)
}

/// The names in a directory, sorted.
func list(_ path: String) throws -> [String] {
    guard let directory = opendir(path) else { throw Errno(rawValue: errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        names.append(
            withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            })
    }
    return names.sorted()
}

/// A child process with its standard output thrown away.
struct Child {
    let pid: pid_t

    /// Starts a program; returns when it is in the directory, if one is given.
    init(_ arguments: [String], directory: String? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // A working directory goes through the shell, since posix_spawn(3) has none in the Glibc module.
        let arguments = directory.map { ["sh", "-c", "cd \"$0\" && exec \"$@\"", $0] + arguments } ?? arguments
        var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        copies.append(nil)
        var pid: pid_t = 0
        // Threads of Swift tasks and what they start block all signals; a child that is to be killed must not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, copies, environ)
        guard code == 0 else { throw Errno(rawValue: code) }
        self.pid = pid
        if let directory {
            #expect(eventually { workingDirectory(of: pid) == directory })
        }
    }

    /// Waits for the end; the status as waitpid(2) gives it, nil if it does not end in time.
    func wait(seconds: Double) -> Int32? {
        var status: Int32 = 0
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if waitpid(pid, &status, WNOHANG) == pid { return status }
            usleep(5_000)
        }
        return nil
    }
}

/// Waits for something to become true.
func eventually(seconds: Double = 5, _ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        usleep(5_000)
    }
    return true
}

/// The directory that a process is in.
private func workingDirectory(of pid: pid_t) -> String? {
    guard let path = realpath("/proc/\(pid)/cwd", nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
}
