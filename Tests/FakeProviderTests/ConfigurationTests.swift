import FakeProvider
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConfigurationTests {
    @Test func memoryOfARunningMachineWaitsForItsNextBoot() async throws {
        let rig = Rig()
        let old = try await rig.vm("web1").memory
        let changed = try await rig.apply(.memory(4096), "web1")
        #expect(changed.memory == 4096)
        #expect(changed.pending == ["memory": .number(4096)])
        #expect(try await rig.apply(.memory(try #require(old)), "web1").pending.isEmpty)
        try await rig.apply(.memory(4096), "web1")
        #expect(try await rig.apply(.power(.restart), "web1").pending.isEmpty)
        #expect(try await rig.vm("web1").memory == 4096)
    }

    @Test func memoryOfAMachineThatIsDownIsThereAtOnce() async throws {
        let rig = Rig()
        #expect(try await rig.apply(.memory(3072), "web3").pending.isEmpty)
    }

    @Test func processorsGrowLiveToTwiceWhatItBootedWith() async throws {
        let rig = Rig()
        let live = try await rig.apply(.cpus(4), "web1")
        #expect(live.cpus == 4)
        #expect(live.pending.isEmpty)
        #expect(try await rig.apply(.cpus(5), "web1").pending == ["cpus": .number(5)])
        #expect(try await rig.apply(.cpus(4), "web1").pending.isEmpty)
        #expect(try await rig.apply(.cpus(1), "web1").pending == ["cpus": .number(1)])
    }

    @Test(arguments: [VirtualMachine.Change.memory(1), .memory(1 << 30), .cpus(0), .cpus(10000)])
    func impossibleSizesAreOutOfRange(change: VirtualMachine.Change) async throws {
        let rig = Rig()
        let before = try await rig.vm("web1")
        #expect(await code { try await rig.apply(change, "web1") } == .outOfRange)
        #expect(try await rig.vm("web1") == before)
    }

    @Test func aFlavorChangesOnlyWhenDown() async throws {
        let rig = Rig()
        #expect(await code { try await rig.apply(.flavor("large"), "web1") } == .busy)
        let large = try await rig.apply(.flavor("large"), "web3")
        #expect((large.flavor, large.memory, large.cpus) == ("large", 8192, 4))
        #expect(await code { try await rig.apply(.flavor("gigantic"), "web3") } == .invalidValue)
        #expect(try await rig.apply(.memory(1024), "web3").flavor == nil)
    }

    @Test func wordsAndMetadata() async throws {
        let rig = Rig()
        #expect(try await rig.apply(.description("hello"), "web1").description == "hello")
        #expect(try await rig.apply(.description(""), "web1").description == nil)
        #expect(try await rig.apply(.metadata(key: "plan", value: "other"), "web1").metadata["plan"] == "other")
        #expect(try await rig.apply(.metadata(key: "plan", value: nil), "web1").metadata["plan"] == nil)
        #expect(try await rig.vm("web2").metadata["plan"] == "shop")
        #expect(try await rig.apply(.autostart(false), "web1").autostart == false)
        #expect(try await rig.apply(.iso("virtio-win.iso"), "web1").iso == "virtio-win.iso")
        #expect(await code { try await rig.apply(.iso("none.iso"), "web1") } == .invalidValue)
        #expect(try await rig.apply(.iso(nil), "web1").iso == nil)
    }

    @Test func aRenameReachesDisksAndNetworks() async throws {
        let rig = Rig()
        #expect(await code { try await rig.apply(.rename("web2"), "web1") } == .alreadyExists)
        let id = try await rig.vm("web1").id
        #expect(try await rig.apply(.rename("front"), "web1").id == id)
        #expect(try await rig.disks.list().first { $0.name == "web1-disk0" }?.vms == ["front"])
        let dmz = try #require(try await rig.provider.networks?.list().first { $0.name == "dmz" })
        #expect(dmz.ports.contains("front") && !dmz.ports.contains("web1"))
    }

    @Test func interfacesComeMoveAndGo() async throws {
        let rig = Rig()
        let specification = Specification(
            name: "eth1", values: ["network": .text("backend"), "ip": .text("10.32.9.9")])
        let added = try await rig.apply(.addNIC(specification), "web1")
        #expect(added.nics.map(\.name) == ["eth0", "eth1"])
        #expect(added.addresses.contains("10.32.9.9"))
        #expect(await code { try await rig.apply(.addNIC(specification), "web2") } == .busy)
        #expect(await code { try await rig.apply(.updateNIC("eth1", network: "nowhere"), "web1") } == .invalidValue)
        let moved = try await rig.apply(.updateNIC("eth1", network: "default"), "web1")
        #expect(moved.nics[1].network == "default")
        #expect(moved.nics[1].addresses.first?.hasPrefix("192.168.122.") == true)
        #expect(try await rig.apply(.deleteNIC("eth1"), "web1").nics.count == 1)
        #expect(await code { try await rig.apply(.deleteNIC("eth1"), "web1") } == .notFound)
        #expect(await code { try await rig.apply(.addNIC(specification), "web2") } == nil)
    }

    @Test func aSnapshotBringsEverythingBack() async throws {
        let rig = Rig()
        try await rig.apply(.createSnapshot(Specification(name: "s1")), "web3")
        let before = try await rig.vm("web3")
        try await rig.apply(.memory(8192), "web3")
        try await rig.apply(.cpus(8), "web3")
        try await rig.apply(.metadata(key: "note", value: "later"), "web3")
        try await rig.apply(.growDisk("vda", size: 50), "web3")
        try await rig.apply(.addDisk(Specification(name: "d2", values: ["size": .number(5)])), "web3")
        #expect(await code { try await rig.apply(.deleteDisk("vda"), "web3") } == .busy)
        let after = try await rig.apply(.revertSnapshot("s1"), "web3")
        #expect(after == before)
        let kept = try #require(try await rig.disks.list().first { $0.name == "web3-disk1" })
        #expect(kept.vms.isEmpty)
        #expect(try await rig.disks.list().first { $0.name == "web3-disk0" }?.size == 20)
    }

    @Test func snapshotsAreATree() async throws {
        let rig = Rig()
        try await rig.apply(.createSnapshot(Specification(name: "a")), "web3")
        try await rig.apply(.createSnapshot(Specification(name: "b")), "web3")
        #expect(await code { try await rig.apply(.createSnapshot(Specification(name: "b")), "web3") } == .alreadyExists)
        #expect(try await rig.vm("web3").snapshots.map(\.parent) == [nil, "a"])
        let one = try await rig.apply(.deleteSnapshot("b"), "web3").snapshots
        #expect(one.map(\.name) == ["a"] && one[0].current)
        #expect(await code { try await rig.apply(.revertSnapshot("b"), "web3") } == .notFound)
    }

    @Test func aSnapshotOfARunningMachineRuns() async throws {
        let rig = Rig()
        try await rig.apply(.power(.down), "db1")
        #expect(try await rig.apply(.revertSnapshot("before-upgrade"), "db1").status == .up)
        #expect(try await rig.vm("db1").memory == 8192)
    }
}
