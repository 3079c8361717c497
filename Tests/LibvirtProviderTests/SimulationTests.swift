import ProviderAPI
import Testing

@testable import LibvirtProvider

struct NoReporter: JobReporter {
    func accepted() {}
    func progress(_ percent: Int) {}
}

/// libvirt's built-in simulation: a machine `test`, a network `default`, a pool `default-pool`. Every connection of one
/// process shares it, so these run one after the other and leave it as it was.
@Suite(.serialized) struct SimulationTests {
    let provider: any Provider
    let vms: any CollectionService<VirtualMachine>

    init() throws {
        let settings = ProviderSettings(name: "lab", values: ["url": .text("test:///default")])
        provider = try Libvirt.registration.make(settings)
        vms = try #require(provider.vms)
    }

    func machine(_ name: String = "test") async throws -> VirtualMachine {
        let item = try #require(try await vms.list().first { $0.name == name })
        return try #require(try await vms.items([item.id]).first)
    }

    func refusal(_ body: () async throws -> Void) async -> ProviderError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ProviderError)?.code
        }
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
        #expect(try await vms.items([.init("00000000-0000-0000-0000-000000000000")]).isEmpty)
    }

    @Test func powerIsIdempotent() async throws {
        let id = try await machine().id
        let steps: [(VirtualMachine.PowerAction, VirtualMachine.Status)] = [
            (.up, .up), (.suspend, .suspended), (.suspend, .suspended), (.resume, .up), (.resume, .up), (.reset, .up),
            (.down, .down), (.down, .down), (.shutdown, .down), (.up, .up), (.shutdown, .down), (.restart, .up),
        ]
        for (action, status) in steps {
            #expect(try await vms.apply(.power(action), to: id, NoReporter()).status == status, "\(action)")
        }
        _ = try await vms.apply(.power(.down), to: id, NoReporter())
        #expect(await refusal { _ = try await vms.apply(.power(.suspend), to: id, NoReporter()) } == .busy)
        #expect(await refusal { _ = try await vms.apply(.power(.reset), to: id, NoReporter()) } == .busy)
        _ = try await vms.apply(.power(.up), to: id, NoReporter())
    }

    @Test func createChangeDelete() async throws {
        let specification = Specification(
            name: "web1",
            values: [
                "memory": .number(1024), "cpus": .number(2), "start": .flag(false), "autostart": .flag(true),
                "description": .text("a <web> server"), "plan": .text("p1"), "owner": .text("me"),
                "metadata": .map([.init("team", .text("blue & green"))]),
                "disks": .map([
                    .init("vda", .map([.init("size", .number(2))])), .init("x", .map([.init("size", .number(1))])),
                ]),
            ])
        let made = try await vms.create(specification, NoReporter())
        #expect(made.status == .down)
        #expect(made.memory == 1024)
        #expect(made.autostart == true)
        #expect(made.description == "a <web> server")
        #expect(made.metadata["plan"] == "p1")
        #expect(made.metadata["team"] == "blue & green")
        #expect(made.creationDate?.hasSuffix(":00Z") == true)
        #expect(made.disks.map(\.name) == ["vda", "vdb"])
        #expect(made.disks.map(\.size) == [2, 1])
        #expect(made.nics.map(\.network) == ["default"])
        #expect(await refusal { _ = try await vms.create(specification, NoReporter()) } == .alreadyExists)
        try await change(made.id)
        try await vms.delete(made.id, NoReporter())
        #expect(try await vms.items([made.id]).isEmpty)
        #expect(try await provider.disks?.list().isEmpty == true)
    }

    private func change(_ id: VirtualMachine.ID) async throws {
        let job = NoReporter()
        #expect(try await vms.apply(.memory(2048), to: id, job).memory == 2048)
        #expect(try await vms.apply(.cpus(4), to: id, job).cpus == 4)
        #expect(try await vms.apply(.description(""), to: id, job).description == nil)
        #expect(try await vms.apply(.metadata(key: "plan", value: "p2"), to: id, job).metadata["plan"] == "p2")
        #expect(try await vms.apply(.metadata(key: "team", value: nil), to: id, job).metadata["team"] == nil)
        #expect(try await vms.apply(.autostart(false), to: id, job).autostart == false)
        #expect(try await vms.apply(.rename("web2"), to: id, job).name == "web2")
        #expect(await refusal { _ = try await vms.apply(.rename("test"), to: id, job) } == .alreadyExists)
        #expect(await refusal { _ = try await vms.apply(.memory(0), to: id, job) } == .invalidValue)
        // What the bulk listing tells of a machine that is off.
        let listed = try #require(try await vms.list().first { $0.id == id })
        #expect(listed.name == "web2")
        #expect(listed.status == .down)
    }

    @Test func runningMachinesChangeOrWait() async throws {
        let id = try await machine().id
        let changed = try await vms.apply(.memory(1024), to: id, NoReporter())
        #expect(changed.memory == 1024)
        #expect(changed.pending["memory"] == nil)
        let grown = try await vms.apply(.cpus(3), to: id, NoReporter())
        #expect(grown.cpus == 2)
        #expect(grown.pending["cpus"] == .number(3))
        _ = try await vms.apply(.cpus(2), to: id, NoReporter())
        #expect(try await vms.apply(.memory(2048), to: id, NoReporter()).pending.isEmpty)
    }

    @Test func snapshotsComeAndGo() async throws {
        let id = try await machine().id
        let job = NoReporter()
        let first = Specification(name: "s1", values: ["description": .text("before")])
        #expect(try await vms.apply(.createSnapshot(first), to: id, job).snapshots.map(\.name) == ["s1"])
        #expect(await refusal { _ = try await vms.apply(.createSnapshot(first), to: id, job) } == .alreadyExists)
        let two = try await vms.apply(.createSnapshot(Specification(name: "s2")), to: id, job)
        #expect(two.snapshots.map(\.name) == ["s1", "s2"])
        #expect(two.snapshots.map(\.current) == [false, true])
        #expect(two.snapshots[1].parent == "s1")
        #expect(two.snapshots[0].description == "before")
        let back = try await vms.apply(.revertSnapshot("s1"), to: id, job)
        #expect(back.snapshots.map(\.current) == [true, false])
        _ = try await vms.apply(.power(.down), to: id, job)
        #expect(await refusal { try await vms.delete(id, job) } == .notEmpty)
        _ = try await vms.apply(.power(.up), to: id, job)
        _ = try await vms.apply(.deleteSnapshot("s2"), to: id, job)
        #expect(try await vms.apply(.deleteSnapshot("s1"), to: id, job).snapshots.isEmpty)
        #expect(await refusal { _ = try await vms.apply(.deleteSnapshot("s1"), to: id, job) } == .notFound)
    }

    @Test func creationIsWholeOrNothing() async throws {
        let job = NoReporter()
        let before = try await provider.disks?.list().count
        let bad = Specification(
            name: "bad", values: ["nics": .map([.init("eth0", .map([.init("network", .text("nope"))]))])])
        #expect(await refusal { _ = try await vms.create(bad, job) } == .invalidValue)
        let late = Specification(
            name: "bad",
            values: [
                "disks": .map([
                    .init("a", .map([.init("size", .number(1))])), .init("b", .map([.init("image", .text("no"))])),
                ])
            ])
        #expect(await refusal { _ = try await vms.create(late, job) } == .invalidValue)
        let unknown = Specification(name: "bad", values: ["flavor": .text("m1.small")])
        #expect(await refusal { _ = try await vms.create(unknown, job) } == .unsupported)
        #expect(await refusal { _ = try await vms.create(Specification(name: "a/b"), job) } == .invalidValue)
        #expect(try await vms.list().map(\.name) == ["test"])
        #expect(try await provider.disks?.list().count == before)
    }

    @Test func theRunningCannotBeDeleted() async throws {
        let id = try await machine().id
        #expect(await refusal { try await vms.delete(id, NoReporter()) } == .busy)
    }

    @Test func networksAndPools() async throws {
        let job = NoReporter()
        let networks = try #require(provider.networks)
        let all = try await networks.list()
        #expect(all.map(\.name) == ["default"])
        #expect(all[0].cidr == "192.168.122.0/24")
        #expect(all[0].mode == "nat")
        #expect(all[0].dhcp == true)
        #expect(try await networks.items([all[0].id]).first?.ports == ["test"])
        #expect(await refusal { try await networks.delete(all[0].id, job) } == .busy)
        let wish = Specification(
            name: "lan",
            values: [
                "cidr": .text("10.9.0.0/24"), "nat": .flag(false), "domain": .text("lan.test"), "plan": .text("p"),
            ])
        let lan = try await networks.create(wish, job)
        #expect(lan.mode == "isolated")
        #expect(lan.domain == "lan.test")
        #expect(lan.plan == "p")
        #expect(try await networks.apply(.link(.nat(true)), to: lan.id, job).mode == "nat")
        #expect(try await networks.apply(.dhcp(false), to: lan.id, job).dhcp == false)
        #expect(try await networks.apply(.plan("q"), to: lan.id, job).plan == "q")
        try await networks.delete(lan.id, job)
        #expect(try await networks.list().count == 1)

        let pools = try #require(provider.pools)
        let pool = try #require(try await pools.list().first)
        #expect(pool.name == "default-pool")
        #expect(pool.type == "dir")
        #expect(pool.path == "/default-pool")
        let second = try await pools.create(Specification(name: "p2", values: ["path": .text("/p2")]), job)
        #expect(second.active)
        #expect(try await pools.apply(.active(false), to: second.id, job).active == false)
        try await pools.delete(second.id, job)
        #expect(try await pools.list().count == 1)
    }

    @Test func volumesImagesAndISOs() async throws {
        let job = NoReporter()
        let disks = try #require(provider.disks)
        for name in ["deb12.qcow2", "boot.iso", "data.img"] {
            _ = try await disks.create(Specification(name: name, values: ["size": .number(1)]), job)
        }
        #expect(try await disks.list().map(\.name).sorted() == ["boot.iso", "data.img", "deb12.qcow2"])
        #expect(try await provider.images?.list().map(\.name).sorted() == ["data.img", "deb12.qcow2"])
        #expect(try await provider.isos?.list().map(\.name) == ["boot.iso"])
        for disk in try await disks.list() { try await disks.delete(disk.id, job) }
        #expect(try await disks.list().isEmpty)
    }

    /// libvirt's thin volumes in a volume group are LVM snapshots, which are lost once they are full.
    @Test func aVolumeGroupHasNoThinVolumes() async throws {
        let job = NoReporter()
        let (pools, disks) = (try #require(provider.pools), try #require(provider.disks))
        let group = try await pools.create(
            Specification(name: "vg0", values: ["type": .text("logical"), "source_name": .text("vg0")]), job)
        var wish: [String: Value] = ["size": .number(1), "pool": .text("vg0")]
        let whole = try await disks.create(Specification(name: "lv0", values: wish), job)
        #expect(whole.allocation == 1 << 30)
        #expect(whole.format == nil || whole.format == "raw")
        wish["thin"] = .flag(true)
        let thin = await refusal { _ = try await disks.create(Specification(name: "lv1", values: wish), job) }
        #expect(thin == .unsupported)
        try await disks.delete(whole.id, job)
        try await pools.delete(group.id, job)
    }

    @Test func eventsArrive() async throws {
        let stream = try #require(provider.events())
        let id = try await machine().id
        _ = try await vms.apply(.power(.suspend), to: id, NoReporter())
        _ = try await vms.apply(.power(.resume), to: id, NoReporter())
        var details: [String] = []
        for await event in stream where event.change == .resource(.vms, id: id.rawValue) {
            details.append(event.detail)
            if details.count == 2 { break }
        }
        #expect(details == ["suspended", "resumed"])
    }

    @Test func hostTellsFacts() async throws {
        let facts = try #require(try await provider.host?.info())
        #expect(Value.map(facts)["hypervisor"] == .text("TEST"))
        #expect(Value.map(facts)["cpus"] == .number(16))
        try await provider.check()
    }
}
