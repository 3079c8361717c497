import Glibc
import ProviderAPI
import Settings
import Testing

/// A directory that is removed with its owner, and registrations to read configurations with.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/settings-test.XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        path = try #require(made)
    }

    deinit {
        removeAll(path)
    }

    /// Writes a file, with its directories, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let full = "\(path)/\(name)"
        var directory = path
        for part in name.split(separator: "/").dropLast() {
            directory += "/\(part)"
            mkdir(directory, 0o700)
        }
        let descriptor = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let count = text.utf8.count
        try #require(Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, count) } == count)
        try #require(fchmod(descriptor, mode) == 0)
        return full
    }

    /// Reads a configuration with the registrations of these tests.
    func load(path: String? = nil, _ environment: [String: String] = [:], sockets: [String] = [])
        throws(ConfigurationError)
        -> Configuration
    {
        var environment = environment
        environment["HOME"] = environment["HOME"] ?? self.path
        return try Configuration.load(
            path: path, environment: environment, registrations: registrations, sockets: sockets)
    }

    /// Every problem of a configuration, one a line, with the scratch path as `.`; `accepted` where there is none.
    func complaint(about text: String, _ environment: [String: String] = [:], mode: mode_t = 0o600) throws -> String {
        let file = try write("c.yaml", text, mode: mode)
        do throws(ConfigurationError) {
            _ = try load(path: file, environment)
            return "accepted"
        } catch {
            return error.description.replacing(path, with: ".")
        }
    }
}

private func removeAll(_ path: String) {
    var arguments: [UnsafeMutablePointer<CChar>?] = ["rm", "-rf", path].map { (word: String) in strdup(word) } + [nil]
    var child: pid_t = 0
    var status: Int32 = 0
    if posix_spawnp(&child, "rm", nil, nil, &arguments, nil) == 0 { waitpid(child, &status, 0) }
    for argument in arguments { free(argument) }
}

/// Nothing at all: configurations need a provider to name.
private struct Nothing: Provider {
    let type: String
    func check() async throws(ProviderError) {}
    func close() async {}
}

let registrations = [
    ProviderRegistration(
        type: "cloud", help: "a cloud",
        options: [
            ProviderOption("region", .text, "where it is", isRequired: true),
            ProviderOption("access_key_id", .text, "who asks"),
            ProviderOption("access_key_secret", .secret, "how it is proved"),
            ProviderOption("retries", .number, "how often"),
            ProviderOption("verify", .flag, "whether to check"),
            ProviderOption("zones", .list, "which parts"),
            ProviderOption("endpoint", .map, "where its services are"),
        ], operations: [.listVMs]
    ) { (_) throws(ProviderError) in Nothing(type: "cloud") },
    ProviderRegistration(
        type: "kvm", help: "libvirt",
        options: [
            ProviderOption("url", .text, "its address"), ProviderOption("host", .text, "its host"),
            ProviderOption("pool", .text, "its pool"), ProviderOption("password", .secret, "its password"),
        ], operations: [.listVMs]
    ) { (_) throws(ProviderError) in Nothing(type: "kvm") },
]
