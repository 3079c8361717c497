import Foundation

/// A container of Object Store as files, against curl, which does nothing but move the bytes. curl has its token before it
/// begins, and so has infrafs: each mount is new, and has signed in.
struct Containers {
    let workshop: Workshop
    let rounds: Int
    /// Bytes of the object, in MiB.
    let size: Int
    let project: CloudProject

    private static let container = "infrafs-benchmark"

    func run(_ report: inout Report) throws {
        let input = "\(workshop.path)/input"
        let container = "\(try project.address(of: "object-store"))/\(Self.container)"
        try prepare(input, container)
        defer { _ = try? inContainer("rm -r ../\(Self.container)") }
        let cat = project.curl("'\(container)/whole'")
        try compare(&report, "read \(size) MiB, one object", "dd if=whole bs=1M status=none", cat)
        try compare(
            &report, "read \(size) MiB, in segments", "dd if=written bs=1M status=none",
            project.curl("'\(container)/written'"))
        // Not the object that infrafs writes: each has its own.
        let write = "dd if='\(input)' of=new bs=1M conv=fsync status=none"
        try compare(
            &report, "write \(size) MiB, a new object", write, project.curl("-T '\(input)' '\(container)/put'"),
            after: "rm -f new"
        ) { _ = try Command.time(project.curl("-X DELETE '\(container)/put'"), in: "/") }
        try compare(
            &report, "write \(size) MiB over another", write, project.curl("-T '\(input)' '\(container)/put'"))
    }

    /// An object as curl makes it, and one as infrafs does.
    private func prepare(_ input: String, _ container: String) throws {
        try Command.run(["/bin/sh", "-c", "head -c \(size << 20) /dev/urandom > '\(input)'"])
        _ = try Command.time(project.curl("-X PUT '\(container)'"), in: "/")
        for name in ["whole", "put"] {
            _ = try Command.time(project.curl("-T '\(input)' '\(container)/\(name)'"), in: "/")
        }
        _ = try inContainer("cp '\(input)' written && cmp '\(input)' written && cmp '\(input)' whole")
    }

    /// Both after what makes them ready, which counts for neither.
    private func compare(
        _ report: inout Report, _ what: String, _ line: String, _ curl: String, after ready: String = "stat .",
        _ curlReady: () throws -> Void = {}
    ) throws {
        let pairing = try Pairing(rounds: rounds, warmUp: false) {
            try inContainer(line, after: ready)
        } against: {
            try curlReady()
            return try Command.time(curl, in: "/")
        }
        report.compare("Swift: \(what)", with: "`curl`", pairing, goal: .atMost(1 / 0.9))
    }

    private func inContainer(_ line: String, after ready: String = "stat .") throws -> Double {
        let mounted = try project.mount()
        defer { try? mounted.unmount() }
        let container = "\(mounted.path)/cloud/buckets/\(Self.container)"
        _ = try Command.time(ready, in: container)
        return try Command.time(line, in: container)
    }
}
