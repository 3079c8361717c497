import HTTPKit
import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Synchronization

@testable import OpenStackProvider

/// A provider over a cloud of its own. Waits take no time.
struct Rig {
    let cloud: StubCloud
    let provider: OpenStackProvider
    let job = Reporter()

    var server: StubServer { cloud.server }

    /// With `isHasty`, time passes by waiting alone: what never ends meets its deadline at once.
    init(absent: Set<String> = [], pageSize: Int = 3, isHasty: Bool = false, _ more: [String: Value] = [:]) throws {
        cloud = try StubCloud(pageSize: pageSize, absent: absent)
        provider = try Self.provider(of: cloud, isHasty: isHasty, more)
    }

    /// Another provider over a cloud.
    static func provider(
        of cloud: StubCloud, isHasty: Bool = false, _ more: [String: Value] = [:],
        wall: (@Sendable () -> Int)? = nil
    ) throws -> OpenStackProvider {
        var values: [String: Value] = [
            "auth_url": .text(cloud.identity), "user": .text("demo"), "project": .text("demo"),
            "domain": .text("default"),
        ]
        values.merge(more) { $1 }
        let settings = ProviderSettings(
            name: "cloud", values: values, secrets: ["password": Secret(cloud.account.password)])
        let system = HTTPTime.system
        let waited = Passed()
        return try OpenStackProvider(
            settings, environment: { _ in nil },
            time: HTTPTime(
                uptime: { system.uptime() + waited.time.withLock { $0 } }, wall: wall ?? system.wall,
                sleep: { pause in
                    try Task.checkCancellation()
                    if isHasty { waited.time.withLock { $0 += pause } }
                }, random: { 0.5 }))
    }

    private final class Passed: Sendable {
        let time = Mutex(Duration.zero)
    }

    // MARK: Services

    func vms() throws -> any CollectionService<VirtualMachine> { try unwrap(provider.vms) }
    func disks() throws -> any CollectionService<Disk> { try unwrap(provider.disks) }
    func networks() throws -> any CollectionService<Network> { try unwrap(provider.networks) }
    func images() throws -> any CollectionService<Image> { try unwrap(provider.images) }
    func isos() throws -> any CollectionService<ISO> { try unwrap(provider.isos) }
    func groups() throws -> any CollectionService<SecurityGroup> { try unwrap(provider.securityGroups) }

    private func unwrap<Service>(_ service: Service?) throws -> Service {
        guard let service else { throw ProviderError(.unsupported, "the provider has no such service") }
        return service
    }

    /// A machine by its name, whole.
    func vm(_ name: String) async throws -> VirtualMachine {
        let all = try await vms().list()
        let id = try unwrap(all.first { $0.name == name }).id
        return try unwrap(try await vms().items([id]).first)
    }

    func apply(_ change: VirtualMachine.Change, to name: String) async throws -> VirtualMachine {
        try await vms().apply(change, to: try await vm(name).id, job)
    }

    /// Makes a machine and gives it whole.
    func make(_ name: String, _ values: [String: Value]) async throws -> VirtualMachine {
        try await vms().create(Specification(name: name, values: values), job)
    }

    // MARK: What was asked

    /// The bodies that were sent to a path, in order.
    func bodies(_ method: String, _ suffix: String) -> [JSON] {
        server.requests.filter { $0.method == method && $0.path.hasSuffix(suffix) }.map { JSON($0.body) }
    }

    func count(_ method: String, _ suffix: String) -> Int {
        server.requests.count { $0.method == method && $0.path.hasSuffix(suffix) }
    }

    /// The error that the body ends with; nil where it ends without one.
    func failure(_ body: () async throws -> Void) async -> ProviderError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ProviderError
        }
    }
}

/// A job that notes what it is told.
final class Reporter: JobReporter {
    private let count = Mutex(0)
    private let told = Mutex<[Int]>([])
    var acceptances: Int { count.withLock { $0 } }
    /// What was told of how far it is.
    var percentages: [Int] { told.withLock { $0 } }
    func accepted() { count.withLock { $0 += 1 } }
    func progress(_ percent: Int) { told.withLock { $0.append(percent) } }
}
