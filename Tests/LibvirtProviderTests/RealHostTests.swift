import Foundation
import ProviderAPI
import Testing

@testable import LibvirtProvider

@Suite(.serialized)
struct RealHostTests {
    let host: RealHost
    let provider: any Provider
    let vms: any CollectionService<VirtualMachine>
    let job = NoReporter()

    init() throws {
        host = try #require(RealHost.current, RealHost.missing)
        provider = try host.provider()
        vms = try #require(provider.vms)
    }

    func fresh(_ id: VirtualMachine.ID) async throws -> VirtualMachine {
        try #require(try await vms.items([id]).first)
    }

    func refusal(_ body: () async throws -> Void) async -> ProviderError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ProviderError)?.code
        }
    }

    @Test func aGuestLivesAndDies() async throws {
        let made = try await vms.create(
            Specification(
                name: "web1",
                values: [
                    "image": .text("guest.qcow2"), "memory": .number(256), "cpus": .number(1), "start": .flag(false),
                    "plan": .text("p1"), "disks": .map([.init("vda", .map([.init("size", .number(1))]))]),
                ]), job)
        #expect(made.status == .down)
        #expect(made.image == "guest.qcow2")
        #expect(made.disks.map(\.size) == [1])
        #expect(try host.virsh("domstate", "web1") == "shut off")
        #expect(try host.virsh("vol-list", "default").contains("web1_0.img"))
        #expect(try await vms.apply(.power(.up), to: made.id, job).status == .up)
        #expect(try host.virsh("domstate", "web1") == "running")
        #expect(await refusal { try await vms.delete(made.id, job) } == .busy)
        try await eventually("an address", within: .seconds(60)) { !(try await fresh(made.id).addresses.isEmpty) }
        let up = try await fresh(made.id)
        #expect(try host.virsh("net-dhcp-leases", "default").contains(up.addresses[0] + "/24"))
        #expect(up.nics[0].addresses == up.addresses)
        #expect(up.console?.hasPrefix("vnc://127.0.0.1:59") == true)
        try await resize(made.id)
        _ = try await vms.apply(.power(.shutdown), to: made.id, job)
        try await eventually("the guest powers off", within: .seconds(30)) { try await fresh(made.id).status == .down }
        #expect(try await fresh(made.id).memory == 384)
        #expect(try await fresh(made.id).pending.isEmpty)
        #expect(try await provider.images?.list().contains { $0.name == "guest.qcow2" } == true)
        let image = try #require(try await provider.images?.list().first { $0.name == "guest.qcow2" })
        #expect(await refusal { try await provider.images?.delete(image.id, job) } == .busy)
        try await vms.delete(made.id, job)
        #expect(!(try host.virsh("list", "--all", "--name").contains("web1")))
        #expect(!(try host.virsh("vol-list", "default").contains("web1_")))
    }

    private func resize(_ id: VirtualMachine.ID) async throws {
        // Less memory is taken by the balloon; more than it was started with waits.
        _ = try await vms.apply(.memory(192), to: id, job)
        try await eventually("the balloon", within: .seconds(20)) { try await fresh(id).memory == 192 }
        #expect(try await fresh(id).pending["memory"] == nil)
        let more = try await vms.apply(.memory(384), to: id, job)
        #expect(more.pending["memory"] == .number(384))
        let cpus = try await vms.apply(.cpus(2), to: id, job)
        #expect(cpus.cpus == 1)
        #expect(cpus.pending["cpus"] == .number(2))
        #expect(try host.virsh("vcpucount", "web1", "--maximum", "--config") == "2")
    }

    @Test func devicesComeAndGoWhileItRuns() async throws {
        let made = try await vms.create(
            Specification(name: "dev1", values: ["image": .text("guest.qcow2"), "memory": .number(256)]), job)
        #expect(made.status == .up)
        try await eventually("an address", within: .seconds(60)) { !(try await fresh(made.id).addresses.isEmpty) }
        let added = try await vms.apply(
            .addDisk(Specification(name: "vdb", values: ["size": .number(1)])), to: made.id, job)
        #expect(added.disks.map(\.name) == ["vda", "vdb"])
        #expect(added.pending.isEmpty)
        #expect(try host.virsh("domblklist", "dev1").contains("vdb"))
        #expect(try await vms.apply(.growDisk("vdb", size: 2), to: made.id, job).disks[1].size == 2)
        #expect(await refusal { _ = try await vms.apply(.growDisk("vdb", size: 1), to: made.id, job) } == .invalidValue)
        #expect(try await vms.apply(.deleteDisk("vdb"), to: made.id, job).disks.map(\.name) == ["vda"])
        #expect(!(try host.virsh("vol-list", "default").contains("dev1_1")))
        let wish = Specification(name: "eth1", values: ["network": .text("default")])
        #expect(try await vms.apply(.addNIC(wish), to: made.id, job).nics.count == 2)
        try await eventually("the second address", within: .seconds(30)) {
            try await fresh(made.id).addresses.count == 2
        }
        #expect(try await vms.apply(.deleteNIC("eth1"), to: made.id, job).nics.count == 1)
        #expect(try await vms.apply(.iso("guest.iso"), to: made.id, job).pending["iso"] == .text("guest.iso"))
        _ = try await vms.apply(.power(.down), to: made.id, job)
        #expect(try await fresh(made.id).iso == "guest.iso")
        #expect(try await vms.apply(.iso(nil), to: made.id, job).iso == nil)
        _ = try await vms.apply(.createSnapshot(Specification(name: "s1")), to: made.id, job)
        #expect(await refusal { try await vms.delete(made.id, job) } == .notEmpty)
        _ = try await vms.apply(.revertSnapshot("s1"), to: made.id, job)
        _ = try await vms.apply(.deleteSnapshot("s1"), to: made.id, job)
        #expect(try await vms.apply(.rename("dev2"), to: made.id, job).name == "dev2")
        try await vms.delete(made.id, job)
        #expect(!(try host.virsh("vol-list", "default").contains("dev1_0.img")))
    }

    @Test func disksMoveBetweenMachines() async throws {
        let disks = try #require(provider.disks)
        let make = { (name: String) in
            Specification(name: name, values: ["start": .flag(false), "memory": .number(128), "disks": .map([])])
        }
        let one = try await vms.create(make("one"), job)
        let two = try await vms.create(make("two"), job)
        let disk = try await disks.create(Specification(name: "data.img", values: ["size": .number(1)]), job)
        let attached = try await vms.apply(.attachDisk(disk.id), to: one.id, job)
        #expect(attached.disks.map(\.volume) == [disk.id])
        #expect(try await disks.items([disk.id]).first?.vms == ["one"])
        #expect(await refusal { _ = try await vms.apply(.attachDisk(disk.id), to: two.id, job) } == .busy)
        #expect(await refusal { try await disks.delete(disk.id, job) } == .busy)
        #expect(try await vms.apply(.detachDisk("vda"), to: one.id, job).disks.isEmpty)
        #expect(try await vms.apply(.attachDisk(disk.id), to: two.id, job).disks.count == 1)
        try await vms.delete(one.id, job)
        try await vms.delete(two.id, job)
        #expect(try await disks.items([disk.id]).count == 1, "a volume that was not made for the machine stays")
        #expect(try await disks.apply(.grow(size: 2), to: disk.id, job).size == 2)
        try await disks.delete(disk.id, job)
    }

    @Test func virshIsSeenAtOnce() async throws {
        let made = try await vms.create(
            Specification(name: "ev1", values: ["start": .flag(false), "memory": .number(128)]), job)
        let stream = try #require(provider.events())
        try await provider.check()
        let watcher = Task {
            var seen: [(String, ContinuousClock.Instant)] = []
            for await event in stream where event.change == .resource(.vms, id: made.id.rawValue) {
                seen.append((event.detail, .now))
                if event.detail == "undefined" { break }
            }
            return seen
        }
        try host.virsh("desc", "ev1", "--config", "seen")
        #expect(try await fresh(made.id).description == "seen")
        try host.virsh("start", "ev1", "--paused")
        let started = ContinuousClock.now
        #expect(try await fresh(made.id).status == .suspended)
        try host.virsh("destroy", "ev1")
        #expect(try await vms.list().first { $0.id == made.id }?.status == .down)
        try host.virsh("undefine", "ev1", "--storage", "vda")
        let seen = await watcher.value
        #expect(seen.map(\.0).contains("started"))
        #expect(seen.map(\.0).contains("stopped"))
        let told = try #require(seen.first { $0.0 == "started" })
        #expect(told.1 - started < .milliseconds(100))
        #expect(try await vms.items([made.id]).isEmpty)
    }

    @Test func theSerialLineTalks() async throws {
        let made = try await vms.create(
            Specification(name: "ser1", values: ["image": .text("guest.qcow2"), "memory": .number(256)]), job)
        let line = try await #require(provider.consoles).serial(of: made.id)
        try await read(line, until: "guest: ready")
        try await line.write(Array("echo $((6 * 7))00\n".utf8))
        try await read(line, until: "4200")
        await line.close()
        _ = try await vms.apply(.power(.down), to: made.id, job)
        try await vms.delete(made.id, job)
    }

    private func read(_ line: any ByteStream, until text: String) async throws {
        var all = ""
        let end = ContinuousClock.now + .seconds(60)
        while !all.contains(text), ContinuousClock.now < end {
            let bytes = try await line.read(upTo: 4096)
            if bytes.isEmpty { break }
            all += String(decoding: bytes, as: UTF8.self)
        }
        #expect(all.contains(text))
    }

    @Test func networksAndPoolsAreReal() async throws {
        let networks = try #require(provider.networks)
        let net = try await networks.create(
            Specification(name: "lan1", values: ["cidr": .text("10.77.0.0/24"), "nat": .flag(false)]), job)
        #expect(try host.virsh("net-list", "--name").contains("lan1"))
        #expect(net.active == true)
        #expect(net.autostart == true)
        #expect(try await networks.apply(.active(false), to: net.id, job).active == false)
        try await networks.delete(net.id, job)
        let pools = try #require(provider.pools)
        let path = host.directory + "/second"
        let pool = try await pools.create(Specification(name: "second", values: ["path": .text(path)]), job)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect((pool.capacity ?? 0) > 0)
        let disk = try await #require(provider.disks).create(
            Specification(name: "x.img", values: ["size": .number(1), "pool": .text("second")]), job)
        #expect(await refusal { try await pools.delete(pool.id, job) } == .notEmpty)
        try await provider.disks?.delete(disk.id, job)
        try await pools.delete(pool.id, job)
        #expect(!(try host.virsh("pool-list", "--all", "--name").contains("second")))
    }
}

/// Faults of the daemon; apart, because they take the connection from everybody.
extension RealHostTests {
    @Test func aKilledDaemonIsMissedAndFoundAgain() async throws {
        let stream = try #require(provider.events())
        try await provider.check()
        var iterator = stream.makeAsyncIterator()
        try host.daemon("kill")
        guard case .disconnected? = await iterator.next()?.change else {
            Issue.record("no word about the lost connection")
            return
        }
        #expect(await refusal { _ = try await vms.list() } == .unreachable)
        try host.daemon("resume")
        var isBack = false
        while let event = await iterator.next() {
            if event.change == .reconnected {
                isBack = true
                break
            }
        }
        #expect(isBack)
        _ = try await vms.list()
    }

    @Test func aStoppedDaemonHoldsNobody() async throws {
        let wish = Specification(name: "stop1", values: ["start": .flag(false), "memory": .number(128)])
        let id = try await vms.create(wish, job).id
        let stream = try #require(provider.events())
        let other = try Libvirt.registration.make(
            ProviderSettings(name: "other", values: ["url": .text("test:///default")]))
        _ = try await other.vms?.list()
        try host.signal(SIGSTOP)
        let callers = (0..<50).map { _ in Task { try await vms.list() } }
        try await Task.sleep(for: .milliseconds(200))
        let began = ContinuousClock.now
        _ = try await other.vms?.list()
        #expect(ContinuousClock.now - began < .milliseconds(100), "another host waits for this one")
        callers[0].cancel()
        #expect(await refusal { _ = try await callers[0].value } == .cancelled)
        #expect(ContinuousClock.now - began < .seconds(1))
        // Keepalive gives the daemon up; every call then fails, and says that nobody answers.
        for caller in callers.dropFirst() {
            #expect(await refusal { _ = try await caller.value } == .unreachable)
        }
        #expect(ContinuousClock.now - began < .seconds(30))
        var iterator = stream.makeAsyncIterator()
        guard case .disconnected? = await iterator.next()?.change else {
            Issue.record("no word about the lost connection")
            return
        }
        try host.signal(SIGCONT)
        try await eventually("the daemon answers again", within: .seconds(20)) {
            await refusal { _ = try await vms.list() } == nil
        }
        try await vms.delete(id, job)
    }
}
