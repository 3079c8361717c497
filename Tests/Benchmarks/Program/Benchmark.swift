import ArgumentParser
import Foundation

/// Prints ratios that were measured in one run, each against a yardstick of the same run, in turn. Nothing here passes or
/// fails by time: a machine with other work to do measures worse, on both sides.
@main
struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infrafs-benchmark",
        abstract: "Measure infrafs against tmpfs, a minimal C file system, curl, and other clients and file systems.",
        discussion: "Tests/Benchmarks/run builds everything for release and runs all of it.")

    /// A group of rows.
    enum Group: String, CaseIterable, ExpressibleByArgument {
        case trips, readers, starting, fleets, domains, volumes, objects, ec2, openstack
    }

    @Option(help: "The program; the one beside this, unless given.")
    var binary: String?

    @Option(help: "Which rows.")
    var only: [Group] = Group.allCases

    @Option(help: "How often each pair is measured.")
    var rounds = 7

    @Option(help: "How often one measurement makes a system call.")
    var repetitions = 5000

    @Option(help: "Sizes of the simulated fleets, ascending.")
    var machines: [Int] = [10_000, 100_000]

    @Option(help: "The largest fleet of which every file is looked at.")
    var whole = 10_000

    @Option(help: "How many libvirt domains.")
    var domains = 1000

    @Option(help: "A libvirt to fill with domains, by its connection URI.")
    var libvirt: String?

    @Option(help: "Bytes of the volumes, in MiB.")
    var volume = 256

    @Option(help: "kcli, by its path.")
    var kcli: String?

    @Option(help: "An OpenStack project to fill with servers and objects, by its cloud's name in clouds.yaml.")
    var cloud: String?

    @Option(help: "How many EC2 instances.")
    var instances = 1000

    @Option(help: "How many servers.")
    var servers = 500

    @Option(help: "Bytes of the large object, in MiB.")
    var object = 1024

    mutating func run() throws {
        let own = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        let workshop = try Workshop(
            infrafs: try Self.program(binary ?? own.appending(path: "infrafs").path),
            yardstick: try Self.program(own.appending(path: "infrafs-yardstick").path))
        var report = Report()
        for group in Group.allCases where only.contains(group) { try run(group, workshop, &report) }
    }

    private func run(_ group: Group, _ workshop: Workshop, _ report: inout Report) throws {
        switch group {
        case .trips:
            try RoundTrips(workshop: workshop, rounds: rounds, repetitions: repetitions).run(&report)
        case .readers:
            try Readers(workshop: workshop, rounds: rounds, repetitions: repetitions * 4).run(&report)
        case .starting:
            try Starting(workshop: workshop, rounds: rounds, machines: machines.first ?? 10_000).run(&report)
        case .fleets:
            try Fleets(workshop: workshop, rounds: rounds, sizes: machines, wholeLimit: whole).run(&report)
        case .domains:
            guard let libvirt else { return }
            try Domains(workshop: workshop, rounds: rounds, count: domains, uri: libvirt, kcli: kcli).run(&report)
        case .volumes:
            guard let libvirt else { return }
            try Volumes(workshop: workshop, rounds: rounds, size: volume, uri: libvirt).run(&report)
        case .objects:
            guard let store = Store(environment: ProcessInfo.processInfo.environment) else { return }
            try Objects(workshop: workshop, rounds: min(rounds, 3), size: object, store: store).run(&report)
        case .ec2:
            guard let cloud = SimulatedCloud(environment: ProcessInfo.processInfo.environment) else { return }
            try Instances(workshop: workshop, rounds: rounds, count: instances, cloud: cloud, kcli: kcli).run(&report)
        case .openstack:
            guard let cloud else { return }
            let project = try CloudProject(cloud, in: workshop)
            try Servers(workshop: workshop, rounds: rounds, count: servers, project: project).run(&report)
            try Containers(workshop: workshop, rounds: rounds, size: object, project: project).run(&report)
        }
    }

    private static func program(_ path: String) throws -> String {
        guard access(path, X_OK) == 0 else {
            throw ValidationError("\(path) is not there: build it, or name the program by --binary")
        }
        return URL(filePath: path).standardizedFileURL.path
    }
}
