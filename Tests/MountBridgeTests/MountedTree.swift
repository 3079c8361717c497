import Dispatch
import Glibc
import Logging
import Synchronization
import SystemPackage
import Testing
import Tree

@testable import MountBridge

/// A tree mounted on a directory of its own while the body of a test runs.
final class MountedTree: Sendable {
    let tree: TestTree
    let path: String
    let mount: Mount
    private let isEnded = DispatchSemaphore(value: 0)

    init(_ options: MountBridgeOptions, tree: TestTree = TestTree(), over other: (any MountableTree)? = nil) throws {
        self.tree = tree
        var template = Array("/tmp/infrafs-bridge.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        mount = try Mount(any: other ?? tree, mountPoint: path, options: options, logger: logger)
    }

    /// Mounts, runs the body and unmounts. A mount that fails is an issue of the test.
    static func with(
        _ options: MountBridgeOptions = MountBridgeOptions(name: "test"), over other: (any MountableTree)? = nil,
        _ body: (MountedTree) async throws -> Void
    ) async throws {
        let mounted = try MountedTree(options, over: other)
        await mounted.begin()
        do {
            try await body(mounted)
        } catch {
            await mounted.end()
            throw error
        }
        await mounted.end()
    }

    private func begin() async {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "mount").async {
                let isReady = Atomic(false)
                do {
                    try self.mount.run {
                        isReady.store(true, ordering: .relaxed)
                        continuation.resume()
                    }
                } catch {
                    Issue.record(error)
                    if !isReady.load(ordering: .relaxed) { continuation.resume() }
                }
                self.isEnded.signal()
            }
        }
    }

    /// Stops it and waits until it has ended.
    func end() async {
        mount.stop()
        let isOver = await blocking { self.isEnded.wait(timeout: .now() + 10) == .success }
        #expect(isOver, "the mount did not end")
        isEnded.signal()
        rmdir(path)
    }

    // MARK: What processes do

    /// Runs a shell command in the mount; gives what it wrote and its status.
    @discardableResult
    func shell(_ command: String) async -> (output: String, status: Int32) {
        await blocking {
            // Dispatch blocks signals on its threads, and a command would inherit that.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            guard let stream = popen("cd \(self.path) && { \(command)\n} 2>&1", "r") else {
                return ("popen failed", -1)
            }
            var output: [UInt8] = []
            while true {
                let byte = fgetc(stream)
                if byte == EOF { break }
                output.append(UInt8(truncatingIfNeeded: byte))
            }
            let status = pclose(stream)
            return (String(decoding: output, as: UTF8.self), (status >> 8) & 0xff)
        }
    }

    /// Reads a file as cat does: in pieces, until there is no more.
    func contents(_ name: String, piece: Int = 131_072) async throws -> [UInt8] {
        try await blocking {
            let file = try FileDescriptor.open(FilePath(self.path).appending(name), .readOnly)
            return try file.closeAfter { try file.rest(piece: piece) }
        }
    }

    func text(_ name: String) async throws -> String {
        String(decoding: try await contents(name), as: UTF8.self)
    }

    func size(_ name: String) async -> Int {
        await blocking {
            var status = stat()
            return lstat("\(self.path)/\(name)", &status) == 0 ? status.st_size : -Int(errno)
        }
    }

    /// How many requests of each operation came while the body ran; what is told without waiting is left out.
    func requests(_ body: () async throws -> Void) async rethrows -> [String: Int] {
        let before = mount.operationCounts
        try await body()
        let unawaited = ["release", "releasedir", "forget"]
        return mount.operationCounts.filter { !unawaited.contains($0.key) }
            .compactMapValues { $0 }
            .reduce(into: [:]) { result, count in
                let difference = count.value - (before[count.key] ?? 0)
                if difference > 0 { result[count.key] = difference }
            }
    }
}

extension FileDescriptor {
    /// What there is from the position on.
    func rest(piece: Int = 131_072) throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if bytes.isEmpty { return all }
            all += bytes
        }
    }
}

/// Runs what waits for the kernel on a thread of its own: the mount's tasks need those of the pool.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "blocking").async { continuation.resume(with: Result(catching: body)) }
    }
}

func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "blocking").async { continuation.resume(returning: body()) }
    }
}

/// Waits until something is so; how long that took, nil if it never was.
func until(_ limit: Duration = .seconds(2), _ condition: () async throws -> Bool) async rethrows -> Duration? {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < limit {
        if try await condition() { return ContinuousClock.now - start }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return nil
}
