import Foundation
import ProviderAPI
import Testing

@testable import LibvirtProvider

/// The private libvirtd that `Tests/libvirt/daemon` starts, with the guest of `Tests/libvirt/guest` in its pool.
struct RealHost: Sendable {
    let uri: String
    /// The directory of the daemon's files.
    let directory: String

    /// nil where the environment names none.
    static let current: RealHost? = {
        let environment = ProcessInfo.processInfo.environment
        guard let uri = environment["INFRAFS_TEST_LIBVIRT"], let directory = environment["INFRAFS_TEST_LIBVIRT_DIR"]
        else { return nil }
        return RealHost(uri: uri, directory: directory)
    }()

    static let missing: Comment =
        "INFRAFS_TEST_LIBVIRT and INFRAFS_TEST_LIBVIRT_DIR are not set: run Tests/libvirt/daemon start DIR"

    func provider(_ values: [String: Value] = [:]) throws -> any Provider {
        // The tests must run on hosts without usable KVM.
        var all: [String: Value] = ["url": .text(uri), "virttype": .text("qemu")]
        all.merge(values) { _, new in new }
        return try Libvirt.registration.make(ProviderSettings(name: "lab", values: all))
    }

    /// What virsh prints.
    @discardableResult
    func virsh(_ arguments: String...) throws -> String {
        try Self.run("/usr/bin/env", ["virsh", "-q", "-c", uri] + arguments)
    }

    /// A command of `Tests/libvirt/daemon`.
    func daemon(_ command: String) throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try Self.run(tests.appendingPathComponent("libvirt/daemon").path, [command, directory])
    }

    /// Stops or continues libvirtd itself.
    func signal(_ number: Int32) throws {
        let text = try String(contentsOfFile: directory + "/libvirtd.pid", encoding: .utf8)
        let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(pid, number) == 0)
    }

    @discardableResult
    static func run(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProviderError(.failed, "\(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// Repeats until it holds; records what it waited for in vain.
func eventually(_ what: String, within limit: Duration, _ holds: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await holds() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("not within \(limit): \(what)")
}
