import Foundation

/// Whole fleets, read with the ordinary tools: against the same files on tmpfs, cold (the first command after the mount)
/// and warm, and how the cost of one machine grows with their number.
struct Fleets {
    let workshop: Workshop
    let rounds: Int
    /// How many machines, ascending.
    let sizes: [Int]
    /// Walks of every file stop at this many machines.
    let wholeLimit: Int

    /// A command that is run in `vms`.
    private struct Tool {
        let title: String
        let line: String
        /// Whether it looks at every file of every machine.
        let isWhole: Bool
    }

    private static let tools = [
        Tool(title: "`cat vms/*/status`", line: Command.catEvery("status"), isWhole: false),
        Tool(title: "`ls -l vms`", line: "ls -l", isWhole: false),
        Tool(title: "`find vms -type f`", line: "find . -type f", isWhole: true),
        Tool(title: "`grep -r` in vms", line: "grep -r up .", isWhole: true),
    ]

    func run(_ report: inout Report) throws {
        for tool in Self.tools {
            var costs: [(size: Int, cold: Double, warm: Double)] = []
            for size in sizes where !tool.isWhole || size <= wholeLimit {
                let cost = try run(tool, size, &report)
                costs.append((size, cost.cold / Double(size), cost.warm / Double(size)))
            }
            guard let first = costs.first, let last = costs.last, first.size < last.size else { continue }
            let times = "\(grouped(last.size)) machines against \(grouped(first.size))"
            report.tell("\(tool.title), cold: cost of one of \(times)", Sample(values: [last.cold / first.cold]), "x")
            report.tell("\(tool.title), warm: cost of one of \(times)", Sample(values: [last.warm / first.warm]), "x")
        }
    }

    private func run(_ tool: Tool, _ size: Int, _ report: inout Report) throws -> (cold: Double, warm: Double) {
        let copy = try copy(size, whole: tool.isWhole)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        // The large ones take long, and vary little.
        let rounds = size > 10_000 || tool.isWhole ? min(rounds, 3) : rounds
        let cold = try Pairing(rounds: rounds, warmUp: false) {
            let mounted = try workshop.mountFleet(of: size)
            defer { try? mounted.unmount() }
            return try Command.time(tool.line, in: "\(mounted.path)/demo/vms")
        } against: {
            try Command.time(tool.line, in: copy)
        }
        report.compare("\(tool.title) of \(grouped(size)) machines, cold", with: "tmpfs", cold)
        let mounted = try workshop.mountFleet(of: size)
        defer { try? mounted.unmount() }
        let warm = try Pairing(rounds: rounds) {
            try Command.time(tool.line, in: "\(mounted.path)/demo/vms")
        } against: {
            try Command.time(tool.line, in: copy)
        }
        report.compare("\(tool.title) of \(grouped(size)) machines, warm", with: "tmpfs", warm)
        return (cold.subject.median, warm.subject.median)
    }

    /// The same directories and files on tmpfs.
    private func copy(_ size: Int, whole: Bool) throws -> String {
        let copy = "/dev/shm/infrafs-benchmark.\(getpid())"
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        let mounted = try workshop.mountFleet(of: size)
        defer { try? mounted.unmount() }
        let vms = "\(mounted.path)/demo/vms"
        let files = whole ? "." : "$(: ) -T -"
        let list = whole ? "" : "printf '%s\\0' */status | "
        _ = try Command.time("\(list)tar -c \(whole ? "" : "--null") -f - \(files) | tar -x -f - -C \(copy)", in: vms)
        return copy
    }
}

/// A number as people read it.
func grouped(_ number: Int) -> String {
    let digits = String(number)
    guard digits.count > 3 else { return digits }
    return "\(grouped(number / 1000)),\(digits.suffix(3))"
}
