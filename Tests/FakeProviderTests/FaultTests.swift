import FakeProvider
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct FaultTests {
    private func text(_ rig: Rig, _ name: String) throws -> String {
        try #require(try rig.faults.faults.first { $0.key == name }).value.plainText
    }

    @Test func errorsComeAsOftenAsAsked() async throws {
        let rig = Rig()
        try rig.faults.setFault("error", to: "vm.list quota exceeded 2 too many\nhost.info EBUSY\n")
        #expect(try text(rig, "error") == "vm.list quota-exceeded 2 too many\nhost.info busy")
        for _ in 0..<2 {
            let error = await #expect(throws: ProviderError.self) { try await rig.vms.list() }
            #expect(error?.code == .quotaExceeded && error?.message == "too many")
        }
        #expect(try await rig.vms.list().count == 12)
        #expect(await code { _ = try await rig.provider.host?.info() } == .busy)
        try rig.faults.setFault("error", to: "")
        #expect(await code { _ = try await rig.provider.host?.info() } == nil)
    }

    @Test(arguments: [
        ("error", "vm.list"), ("error", "vm.lost busy"), ("error", "vm.list sleepy"), ("error", "* busy 0"),
        ("latency", "soon"), ("latency", "-5"), ("latency", "vm.list 5 6"), ("hang", "vm.nothing"),
        ("throttle", "often"), ("throttle", "1 2"), ("garbage", "cows"), ("outage", "maybe"), ("calls", "7"),
        ("outside", "vm.start"), ("outside", "explode web1"), ("outside", "memory web1 lots"),
        ("outside", "vm.start web3\nvm.start nobody"),
    ])
    func rubbishIsRefusedAndChangesNothing(name: String, rubbish: String) async throws {
        let rig = Rig()
        let machines = try await rig.vms.list()
        let before = try rig.faults.faults
        #expect(await code { try rig.faults.setFault(name, to: rubbish) } == .invalidValue)
        #expect(try rig.faults.faults == before)
        #expect(try await rig.vms.list() == machines)
        #expect(await code { try rig.faults.setFault("nothing", to: "yes") } == .notFound)
    }

    @Test func latencyIsWaitedFor() async throws {
        let rig = Rig()
        try rig.faults.setFault("latency", to: "vm.list 200ms")
        #expect(try text(rig, "latency") == "vm.list 200ms")
        let vms = try rig.vms
        _ = try await rig.provider.pools?.list()
        let task = Task { try await vms.list() }
        _ = try await rig.finish(task)
        #expect(rig.clock.now >= .milliseconds(200))
    }

    @Test func aHungCallGoesOnWhenCleared() async throws {
        let rig = Rig()
        try rig.faults.setFault("hang", to: "vm.list")
        let vms = try rig.vms
        let task = Task { try await vms.list().count }
        while try text(rig, "calls").isEmpty { await Task.yield() }
        #expect(try await rig.disks.list().isEmpty == false)
        try rig.faults.setFault("hang", to: "")
        #expect(try await task.value == 12)
    }

    @Test func aHungCallCanBeInterrupted() async throws {
        let rig = Rig()
        try rig.faults.setFault("hang", to: "yes")
        let vms = try rig.vms
        let task = Task { try await vms.list().count }
        while try text(rig, "calls").isEmpty { await Task.yield() }
        task.cancel()
        #expect(await code { _ = try await task.value } == .cancelled)
    }

    @Test func throttlingSaysWhenToComeBack() async throws {
        let rig = Rig()
        try rig.faults.setFault("throttle", to: "1")
        let error = await #expect(throws: ProviderError.self) { try await rig.vms.list() }
        #expect(error?.code == .throttled && error?.retryAfter != nil)
        #expect(try await rig.vms.list().count == 12)
        try rig.faults.setFault("throttle", to: "2/s")
        var codes: [ProviderError.Code?] = []
        for _ in 0..<3 { codes.append(await code { _ = try await rig.vms.list() }) }
        #expect(codes == [nil, nil, .throttled])
        rig.advance(1000)
        #expect(try await rig.vms.list().count == 12)
    }

    @Test func garbageIsListedAsSuch() async throws {
        let rig = Rig()
        try rig.faults.setFault("garbage", to: "vms web1")
        let listed = try await rig.vms.list()
        #expect(listed.count == 12)
        #expect(listed.filter { $0.fault != nil }.map(\.name) == ["web1"])
        #expect(listed[0].status == .unknown)
        #expect(try await rig.vms.items([listed[0].id]).first?.fault != nil)
        try rig.faults.setFault("garbage", to: "yes")
        #expect(try await rig.disks.list().contains { $0.fault != nil })
        try rig.faults.setFault("garbage", to: "pools reply")
        #expect(await code { _ = try await rig.provider.pools?.list() } == .malformedReply)
        #expect(try await rig.vm("web1").fault == nil)
    }

    @Test func anOutageCutsEverythingAndIsTold() async throws {
        let rig = Rig()
        var events = try #require(rig.provider.events()).makeAsyncIterator()
        try rig.faults.setFault("outage", to: "yes somebody tripped over the cable")
        #expect(await code { _ = try await rig.vms.list() } == .unreachable)
        #expect(await code { try await rig.provider.check() } == .unreachable)
        try rig.faults.setFault("outside", to: "vm.stop web1")
        #expect(await events.next()?.change == .disconnected(reason: "somebody tripped over the cable"))
        var late = try #require(rig.provider.events()).makeAsyncIterator()
        #expect(await late.next()?.change == .disconnected(reason: "somebody tripped over the cable"))
        try rig.faults.setFault("outage", to: "no")
        #expect(await events.next()?.change == .reconnected)
        #expect(try await rig.vm("web1").status == .down)
    }

    @Test func callsAreCounted() async throws {
        let rig = Rig()
        let all = try await rig.vms.list()
        _ = try await rig.vms.items(all.map(\.id))
        _ = try await rig.vms.list()
        #expect(try text(rig, "calls") == "vm.list 2\nvms.items 1")
        try rig.faults.setFault("calls", to: "reset")
        #expect(try text(rig, "calls") == "")
    }

    @Test func changesComeFromOutside() async throws {
        let rig = Rig()
        var events = try #require(rig.provider.events()).makeAsyncIterator()
        try rig.faults.setFault(
            "outside",
            to: "vm.start web3\nvm.delete db1\nvm.create stray\nmemory cache1 9000\nobject.put inbox a/b hello\n")
        #expect(await events.next()?.detail == "booting")
        let names = try await rig.vms.list().map(\.name)
        #expect(!names.contains("db1") && names.contains("stray"))
        #expect(try await rig.vm("cache1").memory == 9000)
        #expect(try await rig.objects.object("a/b", in: "inbox")?.size == 6)
    }
}
