import Foundation

/// A host with many domains, against libvirt's own client and against kcli.
struct Domains {
    let workshop: Workshop
    let rounds: Int
    let count: Int
    /// The connection URI of a libvirt that the benchmark may fill with domains.
    let uri: String
    /// kcli; nil leaves its row out.
    let kcli: String?

    func run(_ report: inout Report) throws {
        try define()
        defer { try? undefine() }
        try Command.run(["/bin/sh", "-c", "\(virsh) list --all > /dev/null"])
        let listing = "printf '%s\\0' */status | xargs -0 cat"
        let details = "printf '%s\\0' */info | xargs -0 cat"
        let machines = "\(grouped(count)) domains, cold"
        try compare(&report, "`ls -l vms`, \(machines)", "ls -l", "virsh domstats", goal: .atMost(1.2))
        try compare(&report, "`cat vms/*/status`, \(machines)", listing, "virsh domstats", goal: .atMost(1.2))
        try compare(&report, "`cat vms/*/info`, \(machines)", details, "virsh domstats", goal: .atMost(1.2))
        try compare(&report, "`cat vms/*/status`, \(machines)", listing, "virsh list --all")
        let loop = "for domain in $(\(virsh) list --all --name); do \(virsh) dominfo $domain; done"
        try compare(&report, "`ls -l vms`, \(machines)", "ls -l", "a loop of virsh dominfo", loop, .atLeast(50))
        try compare(
            &report, "`cat vms/*/status`, \(machines)", listing, "a loop of virsh dominfo", loop, .atLeast(50))
        try compare(&report, "`cat vms/*/info`, \(machines)", details, "a loop of virsh dominfo", loop, .atLeast(50))
        guard let kcli else { return }
        try compare(&report, "`cat vms/*/status`, \(machines)", listing, "kcli list vm", try client(kcli), nil)
    }

    private var virsh: String { "virsh -q -c '\(uri)'" }

    private func compare(
        _ report: inout Report, _ what: String, _ line: String, _ yardstick: String, goal: Goal? = nil
    ) throws {
        let command = yardstick.replacing("virsh", with: virsh, maxReplacements: 1)
        let pairing = try Pairing(rounds: rounds, warmUp: false) {
            try cold(line)
        } against: {
            try Command.time(command, in: "/")
        }
        report.compare(what, with: "`\(yardstick)`", pairing, goal: goal)
    }

    /// The same with a slow yardstick, told as how much faster it is.
    private func compare(
        _ report: inout Report, _ what: String, _ line: String, _ yardstick: String, _ command: String, _ goal: Goal?
    ) throws {
        let pairing = try Pairing(rounds: min(rounds, 3), warmUp: false) {
            try cold(line)
        } against: {
            try Command.time(command, in: "/")
        }
        report.speedUp(what, over: yardstick, pairing, goal: goal)
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
        var script = ""
        for index in 0..<count {
            let file = "\(folder)/\(index).xml"
            try Self.definition(index).write(toFile: file, atomically: false, encoding: .utf8)
            script += "define \(file)\n"
        }
        try runScript(script)
    }

    private func undefine() throws {
        try runScript((0..<count).map { "undefine \(Self.prefix)\($0)\n" }.joined())
    }

    private func runScript(_ script: String) throws {
        let file = "\(workshop.path)/script"
        try script.write(toFile: file, atomically: false, encoding: .utf8)
        try Command.run(["/bin/sh", "-c", "\(virsh) < \(file) > /dev/null"])
    }

    /// A machine as kcli makes them: a disk, an interface, a console, metadata.
    private static func definition(_ index: Int) -> String {
        """
        <domain type='qemu'><name>\(prefix)\(index)</name>
          <metadata><kvirt:info xmlns:kvirt='kvirt'><kvirt:plan>plan\(index % 10)</kvirt:plan>
            <kvirt:profile>small</kvirt:profile><kvirt:image>debian12</kvirt:image></kvirt:info></metadata>
          <memory unit='MiB'>512</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type><boot dev='hd'/></os>
          <devices>
            <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
              <source file='/var/lib/libvirt/images/\(prefix)\(index).qcow2'/><target dev='vda' bus='virtio'/></disk>
            <interface type='network'><source network='default'/><model type='virtio'/></interface>
            <serial type='pty'/><graphics type='vnc' autoport='yes'/>
          </devices></domain>
        """
    }
}
