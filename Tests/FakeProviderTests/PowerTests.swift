import FakeProvider
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct PowerTests {
    @Test func aMachineStartsGetsAnAddressAndLosesItWhenItStops() async throws {
        let rig = Rig()
        #expect(try await rig.vm("web3").status == .down)
        let starting = try await rig.apply(.power(.up), "web3")
        #expect(starting.status == .starting)
        #expect(starting.rawStatus == "booting")
        rig.advance(1499)
        #expect(try await rig.vm("web3").status == .starting)
        rig.advance(1)
        let up = try await rig.vm("web3")
        #expect(up.status == .up)
        #expect(up.addresses.isEmpty)
        #expect(up.console?.hasPrefix("vnc://") == true)
        rig.advance(500)
        let addressed = try await rig.vm("web3")
        #expect(addressed.addresses.count == 1)
        #expect(addressed.nics[0].addresses == addressed.addresses)
        let down = try await rig.apply(.power(.down), "web3")
        #expect(down.status == .down)
        #expect(down.addresses.isEmpty && down.nics[0].addresses.isEmpty && down.console == nil)
    }

    @Test func aSoftShutdownTakesItsTime() async throws {
        let rig = Rig()
        #expect(try await rig.apply(.power(.shutdown), "web1").status == .stopping)
        #expect(try await rig.apply(.power(.shutdown), "web1").status == .stopping)
        rig.advance(1000)
        #expect(try await rig.vm("web1").status == .down)
    }

    @Test func aHardStopMakesWhatWasPlannedVoid() async throws {
        let rig = Rig()
        try await rig.apply(.power(.up), "web3")
        try await rig.apply(.power(.down), "web3")
        rig.advance(10_000)
        #expect(try await rig.vm("web3").status == .down)
    }

    @Test(arguments: [VirtualMachine.PowerAction.restart, .reset])
    func aRestartEndsUp(action: VirtualMachine.PowerAction) async throws {
        let rig = Rig()
        #expect(try await rig.apply(.power(action), "web1").status == .starting)
        rig.advance(1500)
        #expect(try await rig.vm("web1").status == .up)
    }

    @Test(arguments: [(VirtualMachine.PowerAction.suspend, VirtualMachine.Status.suspended), (.pause, .paused)])
    func aFrozenMachineGoesOn(_ action: VirtualMachine.PowerAction, _ status: VirtualMachine.Status) async throws {
        let rig = Rig()
        let suspended = try await rig.apply(.power(action), "web1")
        #expect(suspended.status == status)
        #expect(try await rig.apply(.power(action), "web1").status == status)
        #expect(!suspended.addresses.isEmpty)
        #expect(try await rig.apply(.power(.resume), "web1").status == .up)
    }

    /// What is as it should be stays so, and nobody is told of a change.
    @Test func actionsAreIdempotent() async throws {
        let rig = Rig()
        let events = try #require(rig.provider.events())
        for (action, name) in [
            (VirtualMachine.PowerAction.up, "web1"), (.resume, "web1"), (.down, "web3"), (.shutdown, "web3"),
            (.suspend, "build1"),
        ] {
            let before = try await rig.vm(name)
            #expect(try await rig.apply(.power(action), name) == before)
        }
        try await rig.apply(.description("marker"), "web1")
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next()?.detail == "description")
    }

    @Test(arguments: [
        (VirtualMachine.PowerAction.suspend, "web3"), (.resume, "web3"), (.restart, "web3"), (.reset, "web3"),
        (.shutdown, "build1"), (.restart, "build1"),
    ])
    func whatTheStateDoesNotAllowIsBusy(action: VirtualMachine.PowerAction, name: String) async throws {
        let rig = Rig()
        let before = try await rig.vm(name)
        #expect(await code { try await rig.apply(.power(action), name) } == .busy)
        #expect(try await rig.vm(name) == before)
    }

    @Test func aGoneMachineIsNotFound() async throws {
        let rig = Rig()
        let none = VirtualMachine.ID("none")
        #expect(await code { _ = try await rig.vms.apply(.power(.up), to: none, rig.job) } == .notFound)
        #expect(try await rig.vms.items([none]).isEmpty)
    }
}
