import Foundation
import Testing

/// The program as a user runs it.
struct Outcome {
    var status: Int32
    var output: String
    var error: String
}

/// A directory that is removed with its owner, in which the program is run.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let url = URL(filePath: NSTemporaryDirectory()).appending(path: "infrafs-test.\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit {
        // Nobody is left to tell; the system cleans its temporary directory anyway.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, with its directories, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
        return url.path
    }

    /// Runs the program with the scratch directory as its home and its working directory.
    func infrafs(_ arguments: String..., input: String = "") throws -> Outcome {
        try run([try Repository.program] + arguments, input: input)
    }

    /// Runs any program.
    func run(_ words: [String], input: String = "") throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(filePath: path)
        var environment = ["HOME": path, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"]
        // A sanitizer's options are about the program, too.
        environment["ASAN_OPTIONS"] = ProcessInfo.processInfo.environment["ASAN_OPTIONS"]
        process.environment = environment
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        let error = stderr.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            error: String(decoding: error, as: UTF8.self))
    }
}

/// Where things are in the source tree and the build.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The program is built beside the test bundle.
    static var program: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let directory = URL(filePath: bundle).deletingLastPathComponent()
            let program = directory.appending(path: "infrafs").path
            try #require(FileManager.default.isExecutableFile(atPath: program), "\(program) is not built")
            return program
        }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }
}
