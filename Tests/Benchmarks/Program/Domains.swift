import Foundation

/// A host with many domains, each with a disk in the pool `default`, against libvirt's own client and against kcli.
struct Domains {
    let workshop: Workshop
    let rounds: Int
    let count: Int
    /// The connection URI of a libvirt that the benchmark may fill with domains.
    let uri: String
    /// kcli; nil leaves its row out.
    let kcli: String?

    /// What is run in `vms`, the first command after the mount.
    private struct Tool {
        let title: String
        let line: String
    }

    private static let tools = [
        Tool(title: "`ls -l vms`", line: "ls -l"),
        Tool(title: "`cat vms/*/status`", line: Command.catEvery("status")),
        Tool(title: "`cat vms/*/info`", line: Command.catEvery("info")),
    ]

    func run(_ report: inout Report) throws {
        try define()
        defer { try? undefine() }
        let listing = "\(virsh) list --all"
        for tool in Self.tools {
            try compare(&report, tool, "virsh domstats", "\(virsh) domstats", .atMost(1.2))
        }
        try compare(&report, Self.tools[1], "virsh list --all", listing, nil)
        let script = "\(workshop.path)/dumpxml"
        try (0..<count).map { "dumpxml \(Self.prefix)\($0)\n" }.joined()
            .write(toFile: script, atomically: false, encoding: .utf8)
        try compare(&report, Self.tools[2], "one virsh, a dumpxml each", "\(virsh) < \(script)", nil)
        try loop(&report)
        guard let kcli else { return }
        try compare(&report, Self.tools[1], "kcli list vm", try client(kcli), nil)
    }

    private var virsh: String { "virsh -q -c '\(uri)'" }

    private func title(_ tool: Tool) -> String { "\(tool.title), \(grouped(count)) domains, cold" }

    private func compare(
        _ report: inout Report, _ tool: Tool, _ yardstick: String, _ command: String, _ goal: Goal?
    ) throws {
        let pairing = try Pairing(rounds: rounds, warmUp: false) {
            try cold(tool.line)
        } against: {
            try Command.time(command, in: "/")
        }
        report.compare(title(tool), with: "`\(yardstick)`", pairing, goal: goal)
    }

    /// A client for each domain, which takes so long that all tools are compared with the same runs of it.
    private func loop(_ report: inout Report) throws {
        let line = "for domain in $(\(virsh) list --all --name); do \(virsh) dominfo $domain; done"
        var (loops, times) = ([Double](), [[Double]](repeating: [], count: Self.tools.count))
        for _ in 0..<min(rounds, 2) {
            for (index, tool) in Self.tools.enumerated() { times[index].append(try cold(tool.line)) }
            loops.append(try Command.time(line, in: "/"))
        }
        for (tool, times) in zip(Self.tools, times) {
            let pairing = Pairing(subject: Sample(values: times), yardstick: Sample(values: loops))
            report.speedUp(title(tool), over: "a loop of `virsh dominfo`", pairing, goal: .atLeast(50))
        }
    }

    /// The first command after the mount: the connection is there, and no machine has been looked at.
    private func cold(_ line: String) throws -> Double {
        let mounted = try workshop.mount("providers: {lab: {type: kvm, url: \"\(uri)\", virttype: qemu}}\n")
        defer { try? mounted.unmount() }
        let lab = "\(mounted.path)/lab"
        try wait(upTo: .seconds(20), for: "libvirt") {
            (try? String(contentsOfFile: "\(lab)/status", encoding: .utf8)) == "up\n"
        }
        return try Command.time(line, in: "\(lab)/vms")
    }

    private func client(_ kcli: String) throws -> String {
        let home = try workshop.directory("kcli/.kcli")
        let text = "default: {client: lab}\nlab: {type: kvm, url: \"\(uri)\", pool: default}\n"
        try text.write(toFile: "\(home)/config.yml", atomically: true, encoding: .utf8)
        return "HOME=\(workshop.path)/kcli '\(kcli)' list vm"
    }

    // MARK: Domains

    private static let prefix = "infrafs-benchmark-"

    private func define() throws {
        let folder = try workshop.directory("domains")
        let pool = try Command.output("\(virsh) pool-dumpxml default | sed -n 's|.*<path>\\(.*\\)</path>.*|\\1|p'")
        var script = ""
        for index in 0..<count {
            let file = "\(folder)/\(index).xml"
            try Self.definition(index, pool: pool).write(toFile: file, atomically: false, encoding: .utf8)
            script +=
                "vol-create-as default \(Self.prefix)\(index).img 1G --format raw --allocation 0\ndefine \(file)\n"
        }
        try runScript(script)
    }

    private func undefine() throws {
        let names = (0..<count).map { "\(Self.prefix)\($0)" }
        try runScript(names.map { "undefine \($0)\nvol-delete \($0).img default\n" }.joined())
    }

    private func runScript(_ script: String) throws {
        let file = "\(workshop.path)/script"
        try script.write(toFile: file, atomically: false, encoding: .utf8)
        try Command.run(["/bin/sh", "-c", "\(virsh) < \(file) > /dev/null"])
    }

    /// A machine as kcli makes them: a disk, an interface, a console, metadata.
    private static func definition(_ index: Int, pool: String) -> String {
        """
        <domain type='qemu'><name>\(prefix)\(index)</name>
          <metadata><kvirt:info xmlns:kvirt='kvirt'><kvirt:plan>plan\(index % 10)</kvirt:plan>
            <kvirt:profile>small</kvirt:profile><kvirt:image>debian12</kvirt:image></kvirt:info></metadata>
          <memory unit='MiB'>512</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type><boot dev='hd'/></os>
          <devices>
            <disk type='file' device='disk'><driver name='qemu' type='raw'/>
              <source file='\(pool)/\(prefix)\(index).img'/><target dev='vda' bus='virtio'/></disk>
            <interface type='network'><source network='default'/><model type='virtio'/></interface>
            <serial type='pty'/><graphics type='vnc' autoport='yes'/>
          </devices></domain>
        """
    }
}
