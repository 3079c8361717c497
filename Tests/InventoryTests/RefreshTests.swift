import Inventory
import ProviderAPI
import ProviderTesting
import Testing

/// When the platform is asked, and how often.
@Suite struct RefreshTests {
    @Test func manyReadersAreOneCall() async throws {
        let collection = Collection()
        collection.stub.hold(.list)
        let readers = (0..<200).map { index in
            Task { () async throws -> Int in
                index % 2 == 0
                    ? try await collection.names().count : try await collection.live.records(.init()).value().count
            }
        }
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        try await Task.sleep(for: .milliseconds(20))
        #expect(collection.stub.count(.list) == 1)
        collection.stub.release(.list)
        for reader in readers { #expect(try await reader.value == 2) }
        #expect(collection.stub.count(.list) == 1)
    }

    @Test func freshFactsComeFromMemory() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.time.advance(.milliseconds(4900))
        #expect(Collection.isImmediate(collection.live.listing()))
        #expect(Collection.isImmediate(collection.live.record(collection.a, .init())))
        #expect(collection.stub.count(.list) == 1)
    }

    @Test func oldFactsAreServedWhileOneRefreshRuns() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.stub.hold(.list)
        collection.time.advance(.seconds(6))
        for _ in 0..<20 {
            #expect(Collection.isImmediate(collection.live.record(collection.a, .init())))
            #expect(try await collection.memory(collection.a) == 1024)
        }
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        collection.stub.release(.list)
        #expect(await eventually { collection.live.known(collection.a)?.item.memory == 77 })
        #expect(collection.stub.count(.list) == 2)
    }

    /// Neither is what is known kept for ever, nor is all asked for at once.
    @Test(arguments: [Duration.seconds(3600), .seconds(-3600)])
    func aWallClockThatJumpsAgesNothing(_ jump: Duration) async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.time.setWall(by: jump)
        collection.time.advance(.milliseconds(4900))
        #expect(Collection.isImmediate(collection.live.record(collection.a, .init())))
        #expect(collection.stub.count(.list) == 1)
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.time.advance(.milliseconds(200))
        #expect(Collection.isImmediate(collection.live.record(collection.a, .init())))
        #expect(await eventually { collection.live.known(collection.a)?.item.memory == 77 })
        #expect(collection.live.known(collection.a)?.modified("memory") == collection.time.wall)
        #expect(collection.stub.count(.list) == 2)
    }

    @Test func tooOldFactsAreWaitedFor() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.time.advance(.seconds(11))
        #expect(!Collection.isImmediate(collection.live.record(collection.a, .init())))
        #expect(try await collection.memory(collection.a) == 77)
        #expect(collection.stub.count(.list) == 2)
    }

    /// Else no reader of a large account would ever find an answer that is not too old.
    @Test func aListingThatTakesLongerThanTheIntervalIsServed() async throws {
        let collection = Collection()
        collection.stub.hold(.list)
        let first = Task { () async throws -> [String] in try await collection.names() }
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        collection.time.advance(.seconds(13))
        collection.stub.release(.list)
        #expect(try await first.value == ["a", "b"])
        collection.time.advance(.seconds(12))
        for _ in 0..<20 { #expect(Collection.isImmediate(collection.live.record(collection.a, .init()))) }
        #expect(collection.stub.count(.list) == 1, "it was asked for again at once")
        collection.stub.hold(.list)
        collection.time.advance(.seconds(14))
        #expect(Collection.isImmediate(collection.live.record(collection.a, .init())))
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        collection.stub.release(.list)
        #expect(await eventually { collection.stub.count(.list) == 2 })
    }

    @Test func aListingThatIsSlowForOnceMakesNothingOlder() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.stub.hold(.list)
        collection.time.advance(.seconds(6))
        #expect(Collection.isImmediate(collection.live.record(collection.a, .init())))
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        collection.time.advance(.seconds(3))
        collection.stub.release(.list)
        #expect(await eventually { collection.live.known(collection.a)?.item.memory == 77 })
        collection.time.advance(.seconds(8))
        #expect(!Collection.isImmediate(collection.live.record(collection.a, .init())))
    }

    @Test func aFailureIsRememberedForASecond() async throws {
        let collection = Collection()
        collection.stub.fail(.list, ProviderError(.unreachable, "down"))
        for _ in 0..<10 {
            let error = await #expect(throws: ProviderError.self) { _ = try await collection.names() }
            #expect(error?.code == .unreachable)
        }
        #expect(collection.stub.count(.list) == 1, "every reader asked a provider that is down")
        collection.stub.recover(.list)
        await #expect(throws: ProviderError.self) { _ = try await collection.names() }
        collection.time.advance(.milliseconds(1100))
        #expect(try await collection.names() == ["a", "b"])
    }

    @Test func anOutageAfterAListingIsNoEmptyListing() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.fail(.list, ProviderError(.timedOut, "hung"))
        collection.time.advance(.seconds(11))
        let error = await #expect(throws: ProviderError.self) { _ = try await collection.names() }
        #expect(error?.code == .timedOut)
        let lookUp = await #expect(throws: ProviderError.self) {
            _ = try await collection.live.record(named: "a").value()
        }
        #expect(lookUp?.code == .timedOut)
    }

    @Test func anUnknownNameIsCertain() async throws {
        let collection = Collection()
        #expect(try await collection.live.record(named: "nosuch").value() == nil)
        let error = await #expect(throws: ProviderError.self) {
            _ = try await collection.live.record(.init("nosuch"), .init()).value()
        }
        #expect(error?.code == .notFound)
    }

    @Test func sharedNamesAreListedApart() async throws {
        let collection = Collection([
            StubMachines.machine("web", id: "1"), StubMachines.machine("web", id: "2"), StubMachines.machine("a/b"),
        ])
        #expect(try await collection.names() == ["a%2Fb", "web~1", "web~2"])
        #expect(try await collection.live.record(named: "web~2").value()?.item.id.rawValue == "2")
        collection.stub.remove(.init("1"))
        collection.time.advance(.seconds(11))
        #expect(try await collection.names() == ["a%2Fb", "web"])
    }

    @Test func onlyWhatChangedGetsANewTime() async throws {
        let collection = Collection()
        _ = try await collection.names()
        let before = try #require(collection.live.known(collection.a))
        let other = try #require(collection.live.known(collection.b))
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.time.advance(.seconds(11))
        _ = try await collection.names()
        let after = try #require(collection.live.known(collection.a))
        #expect(after.modified("memory") == collection.time.wall)
        #expect(after.modified("status") == before.modified("status"))
        #expect(collection.live.known(collection.b) === other)
    }

    @Test func refreshForgets() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.owner.refresh()
        #expect(try await collection.memory(collection.a) == 77)
    }

    @Test func incompleteItemsAreCompletedOnceAndTogether() async throws {
        var machine = StubMachines.machine("a")
        machine.isComplete = false
        let collection = Collection([machine])
        _ = try await collection.names()
        collection.stub.change(collection.a) { $0.isComplete = true }
        collection.stub.hold(.items)
        let readers = (0..<20).map { _ in
            Task { try await collection.live.record(collection.a, .init(detail: true)).value().item.isComplete }
        }
        #expect(await eventually { collection.stub.heldCount(.items) == 1 })
        try await Task.sleep(for: .milliseconds(20))
        collection.stub.release(.items)
        for reader in readers { #expect(try await reader.value) }
        #expect(collection.stub.count(.items) == 1)
    }
}
