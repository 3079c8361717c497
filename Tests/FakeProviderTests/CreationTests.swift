import FakeProvider
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct CreationTests {
    private func disks(_ entries: [(String, [Value.Entry])]) -> Value {
        .map(entries.map { Value.Entry($0.0, .map($0.1)) })
    }

    @Test func aBareNameIsEnough() async throws {
        let rig = Rig()
        let vm = try await rig.create("new1")
        #expect((vm.status, vm.memory, vm.cpus) == (.starting, 512, 2))
        #expect(vm.disks.map(\.name) == ["vda"] && vm.disks[0].boot)
        #expect(vm.nics.map(\.network) == ["default"])
        #expect(vm.creationDate == "2025-12-01T00:00:00Z")
        let disk = try #require(try await rig.disks.list().first { $0.name == "new1-disk0" })
        #expect(disk.vms == ["new1"] && disk.id == vm.disks[0].volume && disk.size == 10)
    }

    @Test func everythingThatWasAskedForIsThere() async throws {
        let rig = Rig()
        let vm = try await rig.create(
            "new1",
            [
                "memory": .number(3000), "cpus": .number(3), "image": .text("debian-12"), "start": .flag(false),
                "autostart": .flag(true), "description": .text("words"), "plan": .text("p"), "owner": .text("me"),
                "user": .text("debian"), "domain": .text("d.example"), "profile": .text("prof"),
                "metadata": .map([Value.Entry("k", .text("v"))]), "iso": .text("virtio-win.iso"),
                "cmds": .list([.text("one"), .text("two")]), "nested": .flag(true), "tpm": .flag(false),
                "disks": disks([
                    ("vda", [Value.Entry("size", .number(30)), Value.Entry("pool", .text("ssd"))]),
                    ("data", [Value.Entry("size", .number(7)), Value.Entry("bus", .text("scsi"))]),
                ]),
                "nics": .map([
                    Value.Entry(
                        "eth0",
                        .map([
                            Value.Entry("network", .text("backend")), Value.Entry("mac", .text("52:54:00:AA:bb:01")),
                            Value.Entry("ip", .text("10.32.7.7")), Value.Entry("model", .text("e1000")),
                        ]))
                ]),
            ])
        #expect((vm.status, vm.memory, vm.cpus, vm.image) == (.down, 3000, 3, "debian-12"))
        #expect((vm.autostart, vm.description, vm.iso) == (true, "words", "virtio-win.iso"))
        #expect(
            vm.metadata == [
                "k": "v", "plan": "p", "owner": "me", "user": "debian", "domain": "d.example", "profile": "prof",
                "cmds": "one\ntwo", "nested": "yes", "tpm": "no",
            ])
        #expect(vm.disks.map(\.name) == ["vda", "data"])
        #expect(vm.disks.map(\.size) == [30, 7] && vm.disks[0].pool == "ssd" && vm.disks[1].bus == "scsi")
        #expect(vm.nics[0].mac == "52:54:00:aa:bb:01" && vm.nics[0].model == "e1000")
        try await rig.apply(.power(.up), "new1")
        rig.advance(2000)
        #expect(try await rig.vm("new1").addresses == ["10.32.7.7"])
    }

    @Test(arguments: [
        ("image", Value.text("plan9"), ProviderError.Code.invalidValue), ("memory", .number(3), .outOfRange),
        ("cpus", .number(1000), .outOfRange), ("flavor", .text("none"), .invalidValue),
        ("pool", .text("none"), .invalidValue), ("iso", .text("none"), .invalidValue),
        ("numa", .text("x"), .unsupported), ("securitygroups", .list([.text("none")]), .invalidValue),
        ("nics", .map([.init("eth0", .map([.init("network", .text("none"))]))]), .invalidValue),
        ("nics", .map([.init("eth0", .map([.init("mac", .text("zz"))]))]), .invalidValue),
        ("nics", .map([.init("eth0", .map([.init("ip", .text("1.2.3.4"))]))]), .invalidValue),
        ("disks", .map([.init("a", .map([.init("size", .number(0))]))]), .outOfRange),
        ("disks", .map([.init("a", .map([.init("bus", .text("x"))]))]), .invalidValue),
        ("disks", .map([.init("a", .map([.init("size", .number(60000)), .init("thin", .flag(false))]))]), .noSpace),
        ("disks", .map([.init("a", .map([.init("volume", .text("web1-disk0"))]))]), .busy),
    ])
    func whatCannotBeChangesNothing(key: String, value: Value, expected: ProviderError.Code) async throws {
        let rig = Rig()
        let machines = try await rig.vms.list()
        let disks = try await rig.disks.list()
        let pools = try await rig.provider.pools?.list()
        #expect(await code { _ = try await rig.create("new1", [key: value]) } == expected)
        #expect(try await rig.vms.list() == machines)
        #expect(try await rig.disks.list() == disks)
        #expect(try await rig.provider.pools?.list() == pools)
    }

    @Test func namesAreUniqueAndTheImageIsNamed() async throws {
        let rig = Rig()
        #expect(await code { _ = try await rig.create("web1") } == .alreadyExists)
        #expect(await code { _ = try await rig.create("") } == .invalidValue)
        #expect(await code { _ = try await rig.create(String(repeating: "x", count: 256)) } == .nameTooLong)
        let error = await #expect(throws: ProviderError.self) {
            try await rig.create("new1", ["image": .text("plan9")])
        }
        #expect(error?.message.contains("plan9") == true)
    }

    @Test func theQuotaHolds() async throws {
        let rig = Rig { $0.quota = 13 }
        _ = try await rig.create("new1")
        #expect(await code { _ = try await rig.create("new2") } == .quotaExceeded)
        #expect(
            await code { try await rig.apply(.clone(name: "new3", full: false, start: false), "web1") }
                == .quotaExceeded)
    }

    @Test func deletionTakesItsOwnDisksOnly() async throws {
        let rig = Rig()
        let pools = try await rig.provider.pools?.list()
        #expect(await code { try await rig.vms.delete(try await rig.vm("web1").id, rig.job) } == .busy)
        let before = try await rig.disks.list()
        let scratch = try #require(before.first { $0.name == "scratch1" })
        _ = try await rig.create("new1", ["start": .flag(false)])
        try await rig.apply(.attachDisk(scratch.id), "new1")
        #expect(await code { try await rig.apply(.attachDisk(scratch.id), "web1") } == .busy)
        #expect(await code { try await rig.disks.delete(scratch.id, rig.job) } == .busy)
        try await rig.vms.delete(try await rig.vm("new1").id, rig.job)
        #expect(try await rig.disks.list() == before)
        #expect(try await rig.provider.pools?.list() == pools)
        try await rig.apply(.power(.down), "db1")
        #expect(await code { try await rig.vms.delete(try await rig.vm("db1").id, rig.job) } == .notEmpty)
    }

    @Test func aDetachedDiskStays() async throws {
        let rig = Rig()
        try await rig.apply(.addDisk(Specification(name: "d2", values: ["size": .number(5)])), "web3")
        try await rig.apply(.detachDisk("d2"), "web3")
        try await rig.vms.delete(try await rig.vm("web3").id, rig.job)
        let names = try await rig.disks.list().map(\.name)
        #expect(names.contains("web3-disk1") && !names.contains("web3-disk0"))
    }

    @Test func clonesAreMachinesOfTheirOwn() async throws {
        let rig = Rig()
        try await rig.apply(.clone(name: "web9", full: false, start: true), "web1")
        let (source, copy) = (try await rig.vm("web1"), try await rig.vm("web9"))
        #expect(copy.status == .starting && copy.memory == source.memory && copy.metadata == source.metadata)
        #expect(copy.nics[0].mac != source.nics[0].mac && copy.disks[0].volume != source.disks[0].volume)
        let vms = try rig.vms
        let job = rig.job
        let task = Task { try await vms.apply(.clone(name: "web8", full: true, start: false), to: source.id, job) }
        _ = try await rig.finish(task)
        #expect(rig.job.all.last == 100)
        #expect(try await rig.vm("web8").status == .down)
    }

    @Test func anExportTakesTimeAndMakesAnImage() async throws {
        let rig = Rig()
        let vms = try rig.vms
        let id = try await rig.vm("web1").id
        let job = rig.job
        let task = Task { try await vms.apply(.export(image: "golden"), to: id, job) }
        _ = try await rig.finish(task)
        #expect(job.acceptances == 1)
        #expect(job.all == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
        let image = try #require(try await rig.provider.images?.list().first { $0.name == "golden" })
        #expect(image.status == "available" && image.os == "ubuntu")
        _ = try await rig.create("new1", ["image": .text("golden")])
    }

    @Test func anInterruptedExportLeavesNothing() async throws {
        let rig = Rig()
        let vms = try rig.vms
        let id = try await rig.vm("web1").id
        let job = rig.job
        let pools = try await rig.provider.pools?.list()
        let task = Task { try await vms.apply(.export(image: "golden"), to: id, job) }
        while job.acceptances == 0 { await Task.yield() }
        task.cancel()
        #expect(await code { _ = try await task.value } == .cancelled)
        #expect(try await rig.provider.images?.list().contains { $0.name == "golden" } == false)
        #expect(try await rig.provider.pools?.list() == pools)
    }
}
