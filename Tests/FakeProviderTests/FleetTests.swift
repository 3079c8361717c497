import FakeProvider
import FoundationEssentials
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct FleetTests {
    @Test func oneSeedIsOneCloud() async throws {
        let (one, two, other) = (
            Rig { $0.vms = 300 }, Rig { $0.vms = 300 },
            Rig {
                $0.vms = 300; $0.seed = 2
            }
        )
        #expect(try await one.vms.list() == two.vms.list())
        #expect(try await one.disks.list() == two.disks.list())
        #expect(try await one.vms.list().map(\.id) != other.vms.list().map(\.id))
        let (first, second) = (try await one.create("new1"), try await two.create("new1"))
        #expect(first == second)
    }

    @Test func theDemoIsACompany() async throws {
        let rig = Rig()
        let machines = try await rig.vms.list()
        #expect(machines.count == 12)
        #expect(machines.prefix(2).map(\.name) == ["web1", "web2"])
        #expect(machines.filter { $0.status == .suspended }.count == 1)
        #expect(machines.filter { $0.status == .down }.count == 2)
        #expect(machines.filter { $0.name == "build1" }.count == 2)
        #expect(machines.filter { $0.status == .up && $0.addresses.isEmpty }.map(\.name) == ["legacy1"])
        #expect(machines.last?.name == "büro/kasse 1")
        #expect(machines.filter { !$0.snapshots.isEmpty }.map(\.name) == ["db1"])
        #expect(Set(machines.flatMap(\.addresses)).count == machines.flatMap(\.addresses).count)
    }

    @Test func poolsHoldWhatTheFleetTakes() async throws {
        let rig = Rig()
        for pool in try #require(try await rig.provider.pools?.list()) {
            #expect((pool.allocation ?? 0) > 0 && (pool.available ?? 0) > 0)
        }
    }

    @Test func everyOperationIsThere() {
        let rig = Rig()
        #expect(rig.provider.operations == Fake.operations)
        #expect(Fake.registration.operations == Set(Operation.allCases))
    }

    @Test func aHundredThousandMachinesAreOneCall() async throws {
        // Fewer where everything takes ten times as long.
        let count = ProcessInfo.processInfo.environment["INFRAFS_TEST_BRIEF"] == "1" ? 5_000 : 100_000
        let rig = Rig { $0.vms = count }
        let machines = try await rig.vms.list()
        #expect(machines.count == count)
        #expect(Set(machines.map(\.id)).count == count)
        let names = Set(machines.map(\.name))
        #expect(names.count == count - 1)
        _ = try await rig.vms.items(machines.prefix(1000).map(\.id))
        _ = try await rig.provider.networks?.list()
        let calls = try #require(try rig.faults.faults.first { $0.key == "calls" }).value.plainText
        #expect(calls == "network.list 1\nvm.list 1\nvms.items 1")
        #expect(Set(machines.flatMap(\.addresses)).count == machines.flatMap(\.addresses).count)
    }

    @Test func optionsAreStrict() {
        #expect(throws: ProviderError.self) {
            try FakeOptions(ProviderSettings(name: "x", values: ["vms": .number(-1)]))
        }
        #expect(throws: Never.self) {
            try Fake.registration.make(
                ProviderSettings(name: "x", values: ["vms": .number(3), "boot_time": .number(0)]))
        }
    }
}
