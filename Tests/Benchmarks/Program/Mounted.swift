import Foundation

/// A directory of the benchmark's own, with all that it mounts in it.
final class Workshop {
    /// Its path.
    let path: String
    /// The program that is measured.
    let infrafs: String
    /// The C file system that it is measured by.
    let yardstick: String

    init(infrafs: String, yardstick: String) throws {
        self.infrafs = infrafs
        self.yardstick = yardstick
        var template = Array("\(NSTemporaryDirectory())/infrafs-benchmark.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw BenchmarkError("no temporary directory: errno \(errno)") }
        path = String(cString: made)
    }

    deinit {
        // What is still mounted in it must not be removed with it.
        try? Command.run(["rm", "-rf", "--one-file-system", path])
    }

    /// A new directory in it.
    func directory(_ name: String) throws -> String {
        let directory = "\(path)/\(name)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return directory
    }

    /// infrafs with a configuration, its machines not looked at yet.
    func mount(_ configuration: String, name: String = "infrafs") throws -> Mounted {
        let file = "\(path)/\(name).yaml"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let point = try directory(name)
        let words = [infrafs, "mount", "-f", "--config", file, "--log-file", "\(path)/\(name).log", point]
        return try Mounted(words, at: point, answering: "\(point)/README", state: try directory("state"))
    }

    /// infrafs with one simulated fleet, named `demo`.
    func mountFleet(of count: Int, name: String = "infrafs") throws -> Mounted {
        try mount("providers: {demo: {type: fake, vms: \(count), odd_names: no}}\n", name: name)
    }

    /// The yardstick.
    func mountYardstick(flush: Bool = true) throws -> Mounted {
        let point = try directory("yardstick")
        let words = [yardstick] + (flush ? [] : ["-n"]) + ["10000", point]
        return try Mounted(words, at: point, answering: "\(point)/0", state: path)
    }
}

/// A file system that this program mounted.
final class Mounted {
    /// Where.
    let path: String
    /// Its process.
    let process: pid_t

    /// Starts a program that mounts and serves, and waits until it does.
    init(
        _ words: [String], at path: String, answering file: String, state: String, environment: [String: String] = [:]
    ) throws {
        self.path = path
        process = try Command.start(words, environment: environment.merging(["XDG_STATE_HOME": state]) { $1 })
        try wait(upTo: .seconds(20), for: "mount of \(path)") { access(file, F_OK) == 0 }
    }

    /// Unmounts, and waits for the end of the process.
    func unmount() throws {
        try Command.run(["fusermount3", "-u", path])
        try wait(upTo: .seconds(20), for: "end of \(path)") { waitpid(process, nil, WNOHANG) != 0 }
    }

    /// MiB of memory that are resident when what was needed for a moment only has been given back.
    func settledMemory() throws -> Double {
        usleep(8_000_000)
        return try residentMemory()
    }

    /// MiB of memory that are resident (proc(5)).
    func residentMemory() throws -> Double { try memory("VmRSS") }

    /// The most MiB of memory that were resident since its start.
    func mostResidentMemory() throws -> Double { try memory("VmHWM") }

    /// Bytes that its process has read by system calls, also from sockets (proc(5)).
    func bytesRead() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/io", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("rchar:") }),
            let count = Int(line.dropFirst(7))
        else { throw BenchmarkError("no rchar in /proc/\(process)/io") }
        return count
    }

    private func memory(_ field: String) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(field):") } ?? ""
        guard let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
            throw BenchmarkError("no \(field) in /proc/\(process)/status")
        }
        return kibibytes / 1024
    }
}
