import Foundation

/// The content of volumes through `data`, against libvirt's own client, which does nothing but move the bytes.
struct Volumes {
    let workshop: Workshop
    let rounds: Int
    /// MiB of the volumes that are read and written.
    let size: Int
    /// The connection URI of a libvirt in whose pool `default` the benchmark may make volumes.
    let uri: String

    private static let dense = "infrafs-benchmark-dense.img"
    private static let sparse = "infrafs-benchmark-sparse.img"
    private var virsh: String { "virsh -q -c '\(uri)'" }
    private var input: String { "\(workshop.path)/volume" }

    func run(_ report: inout Report) throws {
        try make()
        defer { try? remove() }
        let mounted = try workshop.mount("providers: {lab: {type: kvm, url: \"\(uri)\", virttype: qemu}}\n")
        defer { try? mounted.unmount() }
        let disks = "\(mounted.path)/lab/disks"
        try wait(upTo: .seconds(20), for: "libvirt") { access("\(disks)/\(Self.sparse)/data", R_OK) == 0 }
        let memory = try mounted.residentMemory()
        let download = "\(virsh) vol-download --pool default \(Self.dense) /dev/null"
        try compare(&report, "`cat` of \(size) MiB", in: disks, "cat \(Self.dense)/data", "vol-download", download)
        try compare(
            &report, "4 of them at a time", in: disks, Self.together("cat \(Self.dense)/data"), "vol-download",
            Self.together(download))
        try compare(
            &report, "`cp` of \(size) MiB into it", in: disks, "cp '\(input)' \(Self.dense)/data", "vol-upload",
            "\(virsh) vol-upload --pool default \(Self.dense) '\(input)'")
        try sparse(&report, mounted, disks)
        report.tell(
            "most resident memory over these, beyond that of the start",
            Sample(values: [try mounted.mostResidentMemory() - memory]), " MiB")
    }

    private func compare(
        _ report: inout Report, _ what: String, in directory: String, _ line: String, _ name: String,
        _ command: String
    ) throws {
        let pairing = try Pairing(rounds: rounds) {
            try Command.time(line, in: directory)
        } against: {
            try Command.time(command, in: "/")
        }
        report.compare(what, with: "`virsh \(name)`", pairing, goal: .atMost(1))
    }

    /// What is read of a thin volume: all that infrafs reads, from libvirt and of the kernel's requests.
    private func sparse(_ report: inout Report, _ mounted: Mounted, _ disks: String) throws {
        let copy = "\(workshop.path)/copy"
        let before = try mounted.bytesRead()
        let time = try Command.time("cp --sparse=always \(Self.sparse)/data '\(copy)'", in: disks)
        let moved = Double(try mounted.bytesRead() - before) / 1_048_576
        try Command.run(["rm", copy])
        report.tell(
            "`cp --sparse=always` of 10 GiB with 20 MiB of data, in \(duration(time)): read from libvirt",
            Sample(values: [moved]), " MiB", goal: .atMost(24))
    }

    // MARK: Volumes

    private func make() throws {
        try remove()
        let piece = "\(workshop.path)/piece"
        let script = """
            set -e; head -c \(size)M /dev/urandom > '\(input)'; head -c 5M /dev/urandom > '\(piece)'
            \(virsh) vol-create-as default \(Self.dense) \(size)M --format raw
            \(virsh) vol-upload --pool default \(Self.dense) '\(input)'
            \(virsh) vol-create-as default \(Self.sparse) 10G --format raw --allocation 0
            for offset in 0 1000000512 5000003584 10000007168; do
                \(virsh) vol-upload --pool default \(Self.sparse) '\(piece)' --offset $offset
            done
            """
        _ = try Command.time(script, in: "/")
    }

    private func remove() throws {
        for name in [Self.dense, Self.sparse] {
            _ = try Command.time("\(virsh) vol-delete --pool default \(name) 2> /dev/null || true", in: "/")
        }
    }

    private static func together(_ line: String) -> String {
        let started = (0..<4).map { _ in "\(line) & all=\"$all $!\"; " }.joined()
        return "all=; \(started)for one in $all; do wait $one || exit 1; done"
    }
}
