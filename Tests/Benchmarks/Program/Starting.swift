import Foundation

/// From the start of the program to the first answer, and what it keeps in memory.
struct Starting {
    let workshop: Workshop
    let rounds: Int
    let machines: Int

    func run(_ report: inout Report) throws {
        try firstListing(&report)
        try memory(&report)
    }

    /// `infrafs mount` and `ls`, with one provider that answers, one that takes an hour for every call, and one whose
    /// server takes connections and says nothing.
    private func firstListing(_ report: inout Report) throws {
        let socket = try SilentServer(at: "\(workshop.path)/silent")
        let configuration = """
            providers:
              demo: {type: fake}
              hung: {type: fake, latency: 3600000}
              silent: {type: kvm, url: "qemu+unix:///system?socket=\(socket.path)"}
            """
        let file = "\(workshop.path)/first.yaml"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let point = try workshop.directory("first")
        let state = try workshop.directory("state")
        var times: [Double] = []
        for _ in 0..<rounds {
            times.append(
                try seconds {
                    try Command.run(
                        [
                            "/bin/sh", "-c", "\"$0\" mount --config \"$1\" --log-file \"$1.log\" \"$2\" && ls \"$2\"",
                            workshop.infrafs, file, point,
                        ], environment: ["XDG_STATE_HOME": state])
                })
            try Command.run(["fusermount3", "-u", point])
            try wait(upTo: .seconds(20), for: "end of \(point)") {
                FileManager.default.contents(atPath: "/proc/mounts").map {
                    !String(decoding: $0, as: UTF8.self).contains(" \(point) ")
                } ?? false
            }
        }
        report.tell(
            "`infrafs mount` to the end of the first `ls`, two of three providers hung",
            Sample(values: times.map { $0 * 1000 }), " ms", goal: .atMost(100))
    }

    private func memory(_ report: inout Report) throws {
        let mounted = try workshop.mountFleet(of: machines)
        defer { try? mounted.unmount() }
        let vms = "\(mounted.path)/demo/vms"
        func tell(after what: String, _ report: inout Report, goal: Goal? = nil) throws {
            let memory = Sample(values: [try mounted.settledMemory()])
            report.tell("resident memory, \(grouped(machines)) machines, after \(what)", memory, " MiB", goal: goal)
        }
        _ = try Command.time("ls", in: "\(mounted.path)/demo")
        try tell(after: "the mount", &report)
        _ = try Command.time(Command.catEvery("status"), in: vms)
        try tell(after: "`cat vms/*/status`", &report, goal: .atMost(60))
        _ = try Command.time("ls -l", in: vms)
        try tell(after: "`ls -l vms`", &report, goal: .atMost(60))
        _ = try Command.time("find . -type f", in: vms)
        try tell(after: "`find vms -type f`, when the kernel holds every file", &report)
    }
}

/// A Unix socket that takes connections and never says a word.
private final class SilentServer {
    let path: String
    private let socket: Int32

    init(at path: String) throws {
        self.path = path
        socket = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard socket >= 0, bound == 0, listen(socket, 64) == 0 else {
            throw BenchmarkError("\(path): no socket: errno \(errno)")
        }
    }

    deinit {
        close(socket)
    }
}
