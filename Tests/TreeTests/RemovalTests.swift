import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

/// Hidden names, `rm -r`, and who is refused.
@Suite struct RemovalTests {
    private let running = StubMachines.machine("web1", .up)

    @Test func unlinkHidesAndChangesNothing() async throws {
        let bed = Bed()
        try await bed.driver.removeFile("lab/vms/web1/memory")
        #expect(await bed.code { _ = try await bed.driver.text("lab/vms/web1/memory") } == .notFound)
        #expect(try await !bed.driver.names("lab/vms/web1").contains("memory"))
        #expect(bed.machines.count(.apply) + bed.machines.count(.delete) == 0)
        bed.time.advance(.seconds(9))
        #expect(try await !bed.driver.exists("lab/vms/web1/memory"))
        bed.time.advance(.seconds(2))
        #expect(try await bed.driver.line("lab/vms/web1/memory") == "1024", "it stayed hidden")
    }

    /// `rm -r` that is slow, or was stopped for a while, is still one removal.
    @Test func whatAProcessHidesStaysHiddenAsLongAsItGoesOn() async throws {
        let bed = Bed()
        let other = bed.driver.process(99)
        try await other.removeFile("lab/vms/web1/autostart")
        for name in ["memory", "cpus", "description"] {
            try await bed.driver.removeFile("lab/vms/web1/\(name)")
            bed.time.advance(.seconds(6))
        }
        let names = try await bed.driver.names("lab/vms/web1")
        #expect(names.filter(["memory", "cpus", "description"].contains).isEmpty, "\(names)")
        #expect(names.contains("autostart"), "another's stays hidden with it")
        try await bed.driver.removeDirectory("lab/vms/web1/metadata")
        bed.time.advance(.seconds(11))
        #expect(try await bed.driver.names("lab/vms/web1").contains("memory"), "it stayed hidden")
    }

    @Test func creatingAHiddenNameIsAWrite() async throws {
        let bed = Bed()
        try await bed.driver.removeFile("lab/vms/web1/memory")
        try await bed.driver.write("lab/vms/web1/memory", "4G\n")
        #expect(try await bed.driver.line("lab/vms/web1/memory") == "4096")
        #expect(bed.machines.changes == [.memory(4096)])
    }

    @Test func rmOfAMachineThatIsDownIsOneDeletion() async throws {
        var machine = StubMachines.machine("web1")
        machine.disks.append(.init(name: "vdb", size: 1))
        machine.metadata["team"] = "a"
        let bed = Bed([machine, StubMachines.machine("web2")])
        #expect(try await bed.driver.removeTree("lab/vms/web1").isEmpty)
        #expect(bed.machines.count(.delete) == 1)
        #expect(bed.machines.count(.apply) == 0, "parts were removed one by one: \(bed.machines.changes)")
        #expect(try await bed.driver.names("lab/vms") == ["web2"])
    }

    @Test func rmOfAMachineWithSnapshotsRemovesThemFirst() async throws {
        var machine = StubMachines.machine("web1")
        machine.snapshots = [.init(name: "s1"), .init(name: "s2", current: true)]
        let bed = Bed([machine])
        #expect(try await bed.driver.removeTree("lab/vms/web1").isEmpty)
        #expect(bed.machines.changes == [.deleteSnapshot("s2"), .deleteSnapshot("s1")])
        #expect(bed.machines.count(.delete) == 1)
    }

    @Test func rmOfARunningMachineTouchesNothing() async throws {
        let bed = Bed([running])
        let before = try await bed.state("lab/vms/web1")
        let refused = try await bed.driver.removeTree("lab/vms/web1")
        #expect(refused.allSatisfy { $0.error.code == .busy })
        #expect(refused.count > 20, "some removals were let through")
        #expect(try await bed.driver.process(99).walk("lab/vms/web1").count == before.count)
        #expect(try await bed.state("lab/vms/web1") == before)
        #expect(bed.machines.changes.isEmpty && bed.machines.count(.delete) == 0)
    }

    @Test func rmOfAProtectedMachineTouchesNothing() async throws {
        let glob = try #require(Glob("vms/web*"))
        let bed = Bed(policy: Policy(protect: [glob]))
        let before = try await bed.state("lab/vms/web1")
        let refused = try await bed.driver.removeTree("lab/vms/web1")
        #expect(!refused.isEmpty && refused.allSatisfy { $0.error.code == .protected })
        #expect(try await bed.state("lab/vms/web1") == before)
        #expect(bed.machines.changes.isEmpty && bed.machines.count(.delete) == 0)
    }

    @Test func aRefusalIsForOneProcessAndForSeconds() async throws {
        var machine = running
        machine.disks.append(.init(name: "vdb", size: 1))
        let bed = Bed([machine])
        let rm = bed.driver.process(10)
        #expect(await bed.code { try await rm.removeFile("lab/vms/web1/memory") } == .busy)
        #expect(await bed.code { try await rm.removeDirectory("lab/vms/web1/disks/vdb") } == .busy)
        #expect(await bed.code { try await rm.removeFile("lab/vms/web1/metadata/plan") } == .busy)
        #expect(bed.machines.changes.isEmpty)
        let other = bed.driver.process(11)
        try await other.removeFile("lab/vms/web1/metadata/plan")
        #expect(bed.machines.changes == [.metadata(key: "plan", value: nil)])
        // As long as it goes on.
        for _ in 0..<5 {
            bed.time.advance(.seconds(8))
            #expect(await bed.code { try await rm.removeDirectory("lab/vms/web1/disks/vdb") } == .busy)
        }
        #expect(bed.machines.changes.count == 1)
        bed.time.advance(.seconds(11))
        try await rm.removeDirectory("lab/vms/web1/disks/vdb")
        #expect(bed.machines.changes.last == .deleteDisk("vdb"))
    }

    @Test func whoHasListedAMachineIsRefusedItsParts() async throws {
        var machine = running
        machine.disks.append(.init(name: "vdb", size: 1))
        let bed = Bed([machine])
        let walker = bed.driver.process(10)
        _ = try await walker.names("lab/vms/web1")
        #expect(await bed.code { try await walker.removeFile("lab/vms/web1/disks/vdb/size") } == .busy)
        #expect(await bed.code { try await walker.removeDirectory("lab/vms/web1/disks/vdb") } == .busy)
        #expect(await bed.code { try await walker.removeFile("lab/vms/web1/metadata/plan") } == .busy)
        #expect(bed.machines.changes.isEmpty)
        bed.time.advance(.seconds(11))
        try await walker.removeDirectory("lab/vms/web1/disks/vdb")
        #expect(bed.machines.changes == [.deleteDisk("vdb")])
    }

    @Test func aProtectedNameIsNotToBeHad() async throws {
        let glob = try #require(Glob("vms/prod-*"))
        let bed = Bed(policy: Policy(protect: [glob]))
        #expect(await bed.code { try await bed.driver.rename("lab/vms/web1", to: "lab/vms/prod-1") } == .protected)
        #expect(await bed.code { try await bed.driver.write("lab/vms/web1/clone", "prod-2") } == .protected)
        #expect(bed.machines.changes.isEmpty)
        try await bed.driver.rename("lab/vms/web1", to: "lab/vms/test-1")
    }

    @Test func partsAreRemovedByName() async throws {
        var machine = running
        machine.disks.append(.init(name: "vdb", size: 1))
        machine.snapshots = [.init(name: "s1")]
        let bed = Bed([machine])
        #expect(try await bed.driver.removeTree("lab/vms/web1/disks/vdb").isEmpty)
        try await bed.driver.process(2).removeDirectory("lab/vms/web1/nics/eth0")
        try await bed.driver.process(3).removeDirectory("lab/vms/web1/snapshots/s1")
        #expect(bed.machines.changes == [.deleteDisk("vdb"), .deleteNIC("eth0"), .deleteSnapshot("s1")])
        #expect(try await bed.driver.names("lab/vms/web1/disks") == ["vda"])
    }

    @Test func aDiskMadeAgainShowsItsFiles() async throws {
        var machine = StubMachines.machine("web1")
        machine.disks.append(.init(name: "vdb", size: 1))
        let bed = Bed([machine])
        let before = try await bed.driver.names("lab/vms/web1/disks/vdb")
        #expect(try await bed.driver.removeTree("lab/vms/web1/disks/vdb").isEmpty)
        try await bed.driver.makeDirectory("lab/vms/web1/disks/vdb")
        #expect(try await bed.driver.names("lab/vms/web1/disks/vdb") == before)
        #expect(try await bed.driver.line("lab/vms/web1/disks/vdb/size") == "10")
    }

    @Test func whatCouldNotBeRemovedIsShownAgain() async throws {
        var machine = StubMachines.machine("web1")
        machine.disks.append(.init(name: "vdb", size: 1))
        let bed = Bed([machine])
        let before = try await bed.state("lab/vms/web1/disks/vdb")
        bed.machines.fail(.apply, ProviderError(.busy, "in use"), times: 1)
        #expect(try await bed.driver.removeTree("lab/vms/web1/disks/vdb").map(\.error.code) == [.busy])
        #expect(try await bed.state("lab/vms/web1/disks/vdb") == before)
    }

    @Test func aMachineWhoseDeletionFailsIsWhole() async throws {
        let bed = Bed()
        let before = try await bed.state("lab/vms/web1")
        bed.machines.fail(.delete, ProviderError(.busy, "locked"), times: 1)
        let refused = try await bed.driver.removeTree("lab/vms/web1")
        #expect(refused.map(\.path) == ["lab/vms/web1"])
        #expect(try await bed.state("lab/vms/web1") == before)
    }

    @Test func deleteRunningPullsThePowerFirst() async throws {
        let bed = Bed([running], policy: Policy(deletesRunning: true))
        #expect(try await bed.driver.removeTree("lab/vms/web1").isEmpty)
        #expect(bed.machines.changes == [.power(.down)])
        #expect(bed.machines.count(.delete) == 1)
    }

    /// There is nothing in it yet that a deletion could tear, and no power to pull.
    @Test(arguments: [false, true]) func whatIsStillBeingMadeIsRemoved(_ deletesRunning: Bool) async throws {
        var machine = StubMachines.machine("web1", .starting)
        machine.isUnfinished = true
        let bed = Bed([machine], policy: Policy(deletesRunning: deletesRunning))
        #expect(try await bed.driver.removeTree("lab/vms/web1").isEmpty)
        #expect(bed.machines.changes.isEmpty && bed.machines.count(.delete) == 1)
    }

    @Test func aReadOnlyProviderRefusesEveryChange() async throws {
        let bed = Bed(policy: Policy(isReadOnly: true))
        let driver = bed.driver
        let codes = [
            await bed.code { try await driver.echo("2G", to: "lab/vms/web1/memory") },
            await bed.code { try await driver.removeFile("lab/vms/web1/memory") },
            await bed.code { try await driver.removeDirectory("lab/vms/web1") },
            await bed.code { try await driver.makeDirectory("lab/vms/new") },
            await bed.code { try await driver.rename("lab/vms/web1", to: "lab/vms/web2") },
            await bed.code { try await driver.removeFile("lab/vms/web1/metadata/plan") },
            await bed.code { try await driver.replace("lab/vms/web1/memory", with: "5\n", by: "sedAb3dEf") },
        ]
        #expect(codes.allSatisfy { $0 == .readOnly || $0 == .notPermitted }, "\(codes)")
        for node in try await driver.walk("lab/vms") {
            #expect(!node.status.isWritable, "\(node.path) has a write bit")
        }
        #expect(bed.machines.changes.isEmpty && bed.machines.count(.create) + bed.machines.count(.delete) == 0)
    }
}
