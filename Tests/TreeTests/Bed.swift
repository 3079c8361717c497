import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

/// A tree over stub machines in a time that a test moves.
struct Bed: Sendable {
    let time = ManualTime()
    let machines: StubCollection<VirtualMachine>
    let mounted: MountedProvider

    var driver: TreeDriver { mounted.driver }

    init(
        _ machines: [VirtualMachine] = [StubMachines.machine("web1")], policy: Policy = Policy(),
        parameters: [Parameter] = StandardParameters.vm, volumes: StubCollection<Disk>? = nil, state: String? = nil
    ) {
        self.machines = StubMachines.collection(machines, parameters: parameters)
        mounted = MountedProvider(
            StubProvider(self.machines, volumes: volumes), policy: policy, time: time.source, state: state)
    }

    /// The code of the error that the body ends with; nil where it ends without one.
    func code(_ body: () async throws -> Void) async -> ProviderError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ProviderError)?.code
        }
    }

    /// Lets time pass once nothing is being read anew: a listing under way would seem to have taken as long, and what takes
    /// long may be old for longer.
    func pass(_ duration: Duration) async throws {
        let driver = driver
        let isQuiet = try await eventually {
            try await driver.text(".infrafs/metrics").split(separator: "\n")
                .allSatisfy { !$0.hasPrefix("infrafs_refreshing{") || $0.hasSuffix(" 0") }
        }
        #expect(isQuiet, "a listing does not end")
        time.advance(duration)
    }

    /// Everything that a reader sees below a path.
    func state(_ path: String) async throws -> [String: [UInt8]] {
        var state: [String: [UInt8]] = [:]
        for visited in try await driver.walk(path) { state[visited.path] = visited.bytes ?? [] }
        return state
    }

    func draft(_ name: String, _ files: [String: String]) async throws {
        try await driver.makeDirectory("lab/drafts/vms/\(name)")
        for (file, text) in files.sorted(by: { $0.key < $1.key }) {
            var path = "lab/drafts/vms/\(name)"
            for directory in file.split(separator: "/").dropLast() {
                path += "/\(directory)"
                if try await !driver.exists(path) { try await driver.makeDirectory(path) }
            }
            try await driver.write("lab/drafts/vms/\(name)/\(file)", text)
        }
    }

    func commit(_ name: String) async throws -> Specification? {
        try await driver.rename("lab/drafts/vms/\(name)", to: "lab/vms/\(name)")
        return machines.specifications.last
    }
}
