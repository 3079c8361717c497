import Foundation
import Glibc

/// `Tests/libvirt/gate` before the private libvirtd: connections that can be cut without touching the daemon.
final class ConnectionGate {
    let directory: String
    private let process = Process()

    init(before host: RealHost) throws {
        // A write to a connection that was cut must not end the process: the program sees to that at its start.
        signal(SIGPIPE, SIG_IGN)
        directory = NSTemporaryDirectory() + "infrafs-gate-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        process.executableURL = tests.appendingPathComponent("libvirt/gate")
        process.arguments = [socket, host.directory + "/run/libvirt-sock", directory + "/control"]
        try process.run()
    }

    var socket: String { directory + "/sock" }
    var uri: String { "qemu+unix:///system?socket=\(socket)" }
    var isOpen: Bool { FileManager.default.fileExists(atPath: socket) }

    /// What the gate is to do from now on.
    func order(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/control"), options: .atomic)
    }

    /// How often connections were cut.
    func cuts() -> Int {
        let log = (try? String(contentsOfFile: directory + "/control.log", encoding: .utf8)) ?? ""
        return log.split(separator: "\n").count { $0 == "cut" }
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }
}

/// What a process holds of its host.
struct ProcessHoldings {
    var descriptors: Int
    var threads: Int
    /// KiB: resident, or in use where the address sanitizer counts, which keeps what was freed for a while.
    var memory: Int

    static func now() throws -> ProcessHoldings {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let number = { (key: String) -> Int in
            let line = status.split(separator: "\n").first { $0.hasPrefix(key) } ?? ""
            return Int(line.filter(\.isNumber)) ?? 0
        }
        return ProcessHoldings(
            descriptors: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
            threads: number("Threads:"), memory: allocated ?? number("VmRSS:"))
    }

    /// KiB that are allocated (sanitizer/allocator_interface.h); nil in a build without a sanitizer.
    private static var allocated: Int? {
        guard let symbol = dlsym(nil, "__sanitizer_get_current_allocated_bytes") else { return nil }
        return withUnsafeBytes(of: symbol) { $0.load(as: (@convention(c) () -> Int).self)() } >> 10
    }
}
