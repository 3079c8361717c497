import CLinux
import Foundation

/// Single system calls, against tmpfs and against the C file system.
struct RoundTrips {
    let workshop: Workshop
    let rounds: Int
    /// How often one measurement makes the call.
    let repetitions: Int

    func run(_ report: inout Report) throws {
        let infrafs = try workshop.mountFleet(of: 100)
        defer { try? infrafs.unmount() }
        let machines = "\(infrafs.path)/demo/vms"
        let name = try Self.names(in: machines)[0]
        let status = try Place(machines, "\(name)/status")
        _ = try Command.time("cat */status", in: machines)
        try cached(&report, status)
        try openings(&report, status, flush: true)
        try openings(&report, status, flush: false)
        try uncached(&report, infrafs, status)
    }

    /// Names in a directory, sorted.
    static func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func cached(_ report: inout Report, _ status: Place) throws {
        let memory = "/dev/shm/infrafs-benchmark.\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: memory) }
        let file = "\(memory)/\(status.name)"
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try "up\n".write(toFile: file, atomically: false, encoding: .utf8)
        let tmpfs = try Place(memory, status.name)
        let pairing = try Pairing(rounds: rounds) {
            try time(repetitions * 20, status.isThere)
        } against: {
            try time(repetitions * 20, tmpfs.isThere)
        }
        report.compare("cached `stat`", with: "tmpfs", pairing, goal: .atMost(1.2))
    }

    private func openings(_ report: inout Report, _ status: Place, flush: Bool) throws {
        let yardstick = try workshop.mountYardstick(flush: flush)
        defer { try? yardstick.unmount() }
        let plain = try Place(yardstick.path, "0")
        let pairing = try Pairing(rounds: rounds) {
            try time(repetitions, status.isRead)
        } against: {
            try time(repetitions, plain.isRead)
        }
        report.compare(
            "open, read, close of an unchanged state file", with: flush ? "C, 4 round trips" : "C without flush, 3",
            pairing, goal: flush ? .atMost(0.6) : nil)
    }

    /// What the kernel cannot answer by itself, one request each.
    private func uncached(_ report: inout Report, _ infrafs: Mounted, _ status: Place) throws {
        let yardstick = try workshop.mountYardstick()
        defer { try? yardstick.unmount() }
        let plain = try Place(yardstick.path, "0")
        let fresh = try Place("\(infrafs.path)/.infrafs", "version")
        let plainFresh = try Place(yardstick.path, "fresh")
        let (handle, plainHandle) = (try fresh.handle(), try plainFresh.handle())
        let memory = try Place("\(infrafs.path)/demo/vms", status.name.replacing("/status", with: "/memory"))
        let value = try memory.text()
        let (direct, plainDirect) = (
            try memory.handle(O_RDWR), try Place(yardstick.path, "direct").handle(O_RDWR)
        )
        defer { for file in [handle, plainHandle, direct, plainDirect] { close(file) } }
        let (jobs, plainList) = (try Listing("\(infrafs.path)/demo/jobs"), try Listing(yardstick.path))
        let missing = try Place("\(infrafs.path)/demo/vms", "no-such-machine")
        let plainMissing = try Place(yardstick.path, "missing")
        let calls: [(String, () -> Bool, () -> Bool)] = [
            ("`fstat` that is not cached", { Self.stat(handle) }, { Self.stat(plainHandle) }),
            ("look-up of a name that is not there", missing.isMissing, plainMissing.isMissing),
            ("`read` past the page cache", { Self.read(direct) }, { Self.read(plainDirect) }),
            ("`write` of the value that is there", { Self.write(value, direct) }, { Self.write(value, plainDirect) }),
            ("`getdents` of an empty directory", jobs.isRead, plainList.isRead),
            ("`getxattr`", status.hasAttribute, plain.hasAttribute),
            ("`statfs`", status.hasStatistics, plain.hasStatistics),
        ]
        for (what, call, plainCall) in calls {
            let pairing = try Pairing(rounds: rounds) {
                try time(repetitions, call)
            } against: {
                try time(repetitions, plainCall)
            }
            report.compare(what, with: "C, 1 round trip", pairing, goal: .atMost(1.15))
        }
    }

    private static func stat(_ file: Int32) -> Bool {
        var status = Foundation.stat()
        return fstat(file, &status) == 0
    }

    private static func read(_ file: Int32) -> Bool {
        var buffer: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        return pread(file, &buffer, 32, 0) > 0
    }

    private static func write(_ text: [UInt8], _ file: Int32) -> Bool {
        pwrite(file, text, text.count, 0) == text.count
    }

    private func time(_ count: Int, _ call: () -> Bool) throws -> Double {
        let elapsed = try seconds {
            for _ in 0..<count { guard call() else { throw BenchmarkError("a call failed: errno \(errno)") } }
        }
        return elapsed / Double(count)
    }
}

/// A file named from an open directory, so that every file system is asked about a path of one length.
final class Place {
    /// The path below the directory.
    let name: String
    private let directory: Int32
    private let path: String

    init(_ directory: String, _ name: String) throws {
        self.name = name
        self.directory = open(directory, O_RDONLY | O_DIRECTORY)
        path = "\(directory)/\(name)"
        guard self.directory >= 0 else { throw BenchmarkError("\(directory): errno \(errno)") }
    }

    deinit {
        close(directory)
    }

    func isThere() -> Bool {
        var status = Foundation.stat()
        return fstatat(directory, name, &status, 0) == 0
    }

    func isMissing() -> Bool { !isThere() && errno == ENOENT }

    func isRead() -> Bool {
        let file = openat(directory, name, O_RDONLY)
        guard file >= 0 else { return false }
        var buffer: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        let count = read(file, &buffer, 32)
        return close(file) == 0 && count > 0
    }

    func hasAttribute() -> Bool { getxattr(path, "user.infrafs.id", nil, 0) > 0 }

    func hasStatistics() -> Bool {
        var statistics = statvfs()
        return statvfs(path, &statistics) == 0
    }

    /// Its content.
    func text() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

    /// An open descriptor of it, to be closed by the caller.
    func handle(_ flags: Int32 = O_RDONLY) throws -> Int32 {
        let file = openat(directory, name, flags)
        guard file >= 0 else { throw BenchmarkError("\(path): errno \(errno)") }
        return file
    }
}

/// An open directory that fits into one answer.
final class Listing {
    private let directory: OpaquePointer

    init(_ path: String) throws {
        guard let directory = opendir(path) else { throw BenchmarkError("\(path): errno \(errno)") }
        self.directory = directory
    }

    deinit {
        closedir(directory)
    }

    /// Asks for its first lines once more.
    func isRead() -> Bool {
        rewinddir(directory)
        return readdir(directory) != nil
    }
}
