import Inventory
import ProviderAPI
import ProviderTesting
import Testing

/// Deadlines, cancellation, health, and jobs.
@Suite struct CallTests {
    @Test func aHungProviderDelaysNobodyElse() async throws {
        let hung = Collection(policy: Policy(timeout: .seconds(600)))
        let other = Collection()
        hung.stub.hold(.list)
        let readers = (0..<50).map { _ in Task { try await hung.names() } }
        #expect(await eventually { hung.stub.heldCount(.list) == 1 })
        for _ in 0..<20 { _ = try await other.names() }
        try await other.setMemory(7, of: other.a)
        #expect(hung.stub.heldCount(.list) == 1, "another provider waited for the hung one")
        hung.stub.release(.list)
        for reader in readers { #expect(try await reader.value == ["a", "b"]) }
    }

    @Test func whoeverReadsAHungProviderIsToldByTheDeadline() async throws {
        let hung = Collection(policy: Policy(timeout: .milliseconds(300)))
        hung.stub.hold(.list)
        let readers = (0..<50).map { _ in Task { try await hung.names() } }
        for reader in readers {
            let error = await #expect(throws: ProviderError.self) { _ = try await reader.value }
            #expect(error?.code == .timedOut)
        }
        let health = try await hung.owner.health().value()
        #expect(health != .up)
    }

    @Test func aReaderCanBeInterruptedWithoutTheOthers() async throws {
        let collection = Collection()
        collection.stub.hold(.list)
        let leaver = Task { try await collection.names() }
        let stayer = Task { try await collection.names() }
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        leaver.cancel()
        let error = await #expect(throws: ProviderError.self) { _ = try await leaver.value }
        #expect(error?.code == .cancelled)
        collection.stub.release(.list)
        #expect(try await stayer.value == ["a", "b"])
        #expect(collection.stub.count(.list) == 1)
    }

    @Test func noMoreCallsAreUnderWayThanThePolicySays() async throws {
        let machines = (0..<10).map { StubMachines.machine("m\($0)") }
        let collection = Collection(machines, policy: Policy(timeout: .seconds(20), maxCalls: 3))
        for _ in 0..<3 { _ = try await collection.names() }
        for machine in machines {
            var machine = machine
            machine.isComplete = false
            collection.stub.put(machine)
        }
        collection.owner.refresh()
        _ = try await collection.names()
        collection.stub.hold(.items)
        let readers = machines.map { machine in
            Task { _ = try await collection.live.record(machine.id, .init(detail: true)).value() }
        }
        #expect(await eventually { collection.stub.heldCount(.items) == 3 })
        try await Task.sleep(for: .milliseconds(30))
        #expect(collection.stub.heldCount(.items) == 3)
        collection.stub.release(.items)
        for reader in readers { _ = await reader.result }
    }

    @Test func healthFollowsTheCalls() async throws {
        let collection = Collection(started: false)
        collection.provider.failCheck(ProviderError(.credentialsRejected, "who are you"))
        // The first who asks waits for half a second at most, and is told so where the check takes longer.
        guard case .down = try await collection.owner.health().value() else {
            Issue.record("a provider that rejects its credentials is up")
            return
        }
        #expect(
            await eventually {
                guard case .now(let health) = collection.owner.health() else { return false }
                return health == .down(reason: "who are you")
            })
        _ = try await collection.names()
        #expect(try await collection.owner.health().value() == .up)
    }

    @Test func aLongOperationBecomesAJob() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.beLong()
        collection.stub.hold(.create)
        let clock = ContinuousClock()
        let took = try await clock.measure {
            try await collection.live.create(Specification(name: "c"), Collection.request)
        }
        #expect(took > .seconds(2), "the caller waited \(took)")
        let job = try #require(collection.owner.jobs.jobs.first)
        #expect(job.operation == .createVM)
        #expect(job.target == "vms/c")
        #expect(job.status == .running)
        #expect(job.progress == 40)
        // It is there, however young the listing from before is.
        #expect(try await collection.names() == ["a", "b", "c"])
        collection.stub.release(.create)
        #expect(await eventually { collection.owner.jobs[job.id]?.status == .done })
        #expect(collection.owner.jobs[job.id]?.progress == 100)
        #expect(try await collection.names() == ["a", "b", "c"])
    }

    @Test func whatThePlatformHasAcceptedGoesOnAsAJobWhenItsCallerIsInterrupted() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.beLong()
        collection.stub.hold(.apply)
        let caller = Task { try await collection.setMemory(4096, of: collection.a) }
        #expect(await eventually { collection.stub.heldCount(.apply) == 1 })
        caller.cancel()
        let error = await #expect(throws: ProviderError.self) { try await caller.value }
        #expect(error?.code == .cancelled)
        let job = try #require(collection.owner.jobs.jobs.first, "it is no job")
        #expect(error?.message.contains("jobs/\(job.id)") == true)
        #expect(job.status == .running)
        #expect(collection.stub.heldCount(.apply) == 1, "it was cancelled")
        collection.stub.release(.apply)
        #expect(await eventually { collection.owner.jobs[job.id]?.status == .done })
        #expect(try await collection.memory(collection.a) == 4096)
    }

    @Test func whatIsNotAcceptedEndsWithItsCaller() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.hold(.apply)
        let caller = Task { try await collection.setMemory(4096, of: collection.a) }
        #expect(await eventually { collection.stub.heldCount(.apply) == 1 })
        caller.cancel()
        await #expect(throws: ProviderError.self) { try await caller.value }
        #expect(await eventually { collection.stub.heldCount(.apply) == 0 }, "the call was not cancelled")
        #expect(collection.owner.jobs.jobs.isEmpty)
    }

    @Test func aJobIsCancelledAndItsFailureIsTold() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.beLong()
        collection.stub.hold(.apply)
        try await collection.setMemory(4096, of: collection.a)
        let job = try #require(collection.owner.jobs.jobs.first)
        try collection.owner.jobs.cancel(job.id)
        #expect(await eventually { collection.owner.jobs[job.id]?.status == .cancelled })
        #expect(await eventually { collection.owner.failures.last(at: "lab/vms/a") != nil })
        try collection.owner.jobs.cancel(job.id)
        #expect(collection.owner.jobs.jobs.isEmpty)
        #expect(throws: ProviderError.self) { try collection.owner.jobs.cancel(job.id) }
    }

    @Test func aThrottledCallComesBackWhenThePlatformSays() async throws {
        let collection = Collection(policy: Policy(timeout: .seconds(30)))
        _ = try await collection.names()
        let throttled = ProviderError(.throttled, "slow down", retryAfter: .milliseconds(600))
        collection.stub.fail(.apply, throttled, times: 2)
        let took = try await ContinuousClock().measure { try await collection.setMemory(2048, of: collection.a) }
        #expect(took >= .milliseconds(1200), "it came back after \(took)")
        #expect(collection.stub.count(.apply) == 3)
        #expect(collection.stub.item(collection.a)?.memory == 2048)
    }

    @Test func whoIsToComeBackLaterThanTheDeadlineIsToldAtOnce() async throws {
        let collection = Collection(policy: Policy(timeout: .seconds(30)))
        _ = try await collection.names()
        collection.stub.fail(.apply, ProviderError(.throttled, "slow down", retryAfter: .seconds(3600)))
        collection.stub.fail(.list, ProviderError(.throttled, "slow down", retryAfter: .seconds(3600)))
        let error = await #expect(throws: ProviderError.self) { try await collection.setMemory(2048, of: collection.a) }
        #expect(error?.code == .throttled)
        #expect(collection.stub.count(.apply) == 1)
        collection.owner.refresh()
        let other = await #expect(throws: ProviderError.self) { _ = try await collection.names() }
        #expect(other?.code == .throttled)
    }

    @Test func whatIsNeitherDoneNorAcceptedTimesOut() async throws {
        let collection = Collection(policy: Policy(timeout: .milliseconds(400)))
        _ = try await collection.names()
        collection.stub.hold(.apply)
        let error = await #expect(throws: ProviderError.self) { try await collection.setMemory(4096, of: collection.a) }
        #expect(error?.code == .timedOut)
        #expect(collection.owner.jobs.jobs.isEmpty)
        #expect(await eventually { collection.stub.heldCount(.apply) == 0 }, "the call was not cancelled")
    }

    @Test func theNextChangeIsHeardFromTheMomentItWasAskedFor() async throws {
        let collection = Collection()
        _ = try await collection.names()
        let next = collection.owner.nextChange()
        try await collection.setMemory(4096, of: collection.a)
        let clock = ContinuousClock()
        let took = try await clock.measure { try await next.wait(within: .seconds(20)) }
        #expect(took < .seconds(5))
    }
}
