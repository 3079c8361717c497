import ProviderAPI
import Testing

@testable import LibvirtProvider

/// libvirt's built-in simulation: a machine `test`, a network `default`, a pool `default-pool`. Every connection of one
/// process shares it, so these suites run one after the other.
@Suite(.serialized) struct PowerTests {
    let provider: any Provider
    let vms: any CollectionService<VirtualMachine>

    init() throws {
        let settings = ProviderSettings(name: "lab", values: ["url": .text("test:///default")])
        provider = try Libvirt.registration.make(settings)
        vms = try #require(provider.vms)
    }

    @Test func listsTheMachine() async throws {
        let all = try await vms.list()
        let machine = try #require(all.first { $0.name == "test" })
        #expect(machine.status == .up)
        #expect(machine.rawStatus == "running")
        let whole = try #require(try await vms.items([machine.id]).first)
        #expect(whole.isComplete)
        #expect(whole.memory == 2048)
        #expect(whole.cpus == 2)
        #expect(whole.nics.map(\.network) == ["default"])
        #expect(whole.disks.map(\.name) == ["vda"])
        #expect(whole.fault == nil)
    }

    @Test func powerIsIdempotent() async throws {
        let machine = try #require(try await vms.list().first { $0.name == "test" })
        let steps: [(VirtualMachine.PowerAction, VirtualMachine.Status)] = [
            (.up, .up), (.suspend, .suspended), (.suspend, .suspended), (.resume, .up), (.resume, .up), (.reset, .up),
            (.down, .down), (.down, .down), (.shutdown, .down), (.up, .up), (.shutdown, .down), (.restart, .up),
        ]
        for (action, status) in steps {
            let after = try await vms.apply(.power(action), to: machine.id, NoReporter())
            #expect(after.status == status, "\(action)")
        }
    }
}

struct NoReporter: JobReporter {
    func accepted() {}
    func progress(_ percent: Int) {}
}
