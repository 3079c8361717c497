import Inventory
import ProviderAPI
import ProviderTesting
import Synchronization
import Testing

/// What events bring about, where the platform has them.
@Suite struct EventTests {
    private let covered = EventCoverage.all(except: ["cpus"])

    @Test func nothingAgesThatEventsCover() async throws {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        collection.time.advance(.seconds(300))
        #expect(Collection.isImmediate(collection.live.listing()))
        #expect(
            !Collection.isImmediate(collection.live.record(collection.a, .init(polled: true))),
            "no event tells of these")
        #expect(collection.live.validity(polled: false) == nil)
        #expect(collection.live.validity(polled: true) != nil)
    }

    @Test func anEventIsOneReadingOfOne() async throws {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.provider.send(.resource(.vms, id: "id-a"), detail: "changed outside")
        #expect(await eventually { collection.live.known(collection.a)?.item.memory == 77 })
        #expect(collection.stub.count(.list) == 1)
        #expect(collection.stub.count(.items) == 1)
        #expect(String(decoding: collection.owner.events.contents.bytes, as: UTF8.self).contains("changed outside"))
    }

    @Test func anEventDuringAReadingIsReadAgain() async throws {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        collection.stub.hold(.items)
        collection.stub.change(collection.a) { $0.memory = 1 }
        collection.provider.send(.resource(.vms, id: "id-a"))
        #expect(await eventually { collection.stub.heldCount(.items) == 1 })
        collection.stub.change(collection.a) { $0.memory = 2 }
        collection.provider.send(.resource(.vms, id: "id-a"))
        // The stream is read by a task of its own.
        try await Task.sleep(for: .milliseconds(30))
        collection.stub.release(.items)
        // Nobody reads: the change must come to light by itself, for those who keep what they read.
        #expect(await eventually { collection.live.known(collection.a)?.item.memory == 2 })
    }

    @Test func anEventDuringAListingIsReadAgain() async throws {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        collection.stub.hold(.list)
        collection.provider.send(.resource(.vms, id: "id-a"))
        collection.provider.send(.collection(.vms))
        #expect(await eventually { collection.stub.heldCount(.list) >= 1 })
        collection.stub.change(collection.a) { $0.memory = 2 }
        collection.provider.send(.resource(.vms, id: "id-a"))
        try await Task.sleep(for: .milliseconds(30))
        collection.stub.release(.list)
        #expect(await eventually { collection.live.known(collection.a)?.item.memory == 2 })
    }

    /// A write that the platform has carried out and not answered yet.
    private func unansweredWrite() async throws -> (Collection, Task<Void, any Error>) {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        collection.stub.hold(.apply)
        let writer = Task { try await collection.setMemory(4096, of: collection.a) }
        #expect(await eventually { collection.stub.heldCount(.apply) == 1 })
        return (collection, writer)
    }

    @Test func anEventBetweenAWriteAndItsAnswerIsNotLost() async throws {
        let (collection, writer) = try await unansweredWrite()
        // The platform has done it, and somebody else changes it before the answer is here.
        collection.stub.change(collection.a) { $0.memory = 8192 }
        collection.stub.hold(.items)
        collection.provider.send(.resource(.vms, id: "id-a"))
        try await Task.sleep(for: .milliseconds(30))
        collection.stub.release(.apply)
        try await writer.value
        collection.stub.release(.items)
        _ = try? await collection.memory(collection.a)
        #expect(await eventually { collection.live.known(collection.a)?.item.memory == 8192 })
    }

    @Test func whatIsGoneBeforeItsChangeIsAnsweredStaysGone() async throws {
        let (collection, writer) = try await unansweredWrite()
        collection.stub.remove(collection.a)
        collection.provider.send(.resource(.vms, id: "id-a"), detail: "stopped")
        #expect(await eventually { (try? await collection.names()) == ["b"] })
        collection.stub.release(.apply)
        _ = try? await writer.value
        #expect(try await collection.names() == ["b"])
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await collection.names() == ["b"])
        #expect(collection.journal.split(separator: "\n").last?.contains("removed") == true)
    }

    @Test func theEchoOfAWriteIsNoNews() async throws {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        try await collection.setMemory(4096, of: collection.a)
        collection.provider.send(.resource(.vms, id: "id-a"), detail: "memory")
        collection.provider.send(.resource(.vms, id: "id-b"), detail: "seen outside")
        #expect(await eventually { collection.journal.contains("seen outside") })
        #expect(!collection.journal.contains("\"detail\":\"memory\""), "\(collection.journal)")
        // What the platform knows to be somebody else's is, though nothing differs.
        collection.provider.send(.resource(.vms, id: "id-a"), detail: "rebooted by another", isOfOthers: true)
        #expect(await eventually { collection.journal.contains("rebooted by another") })
        // What changes something is told, however soon.
        collection.time.advance(.seconds(1))
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.provider.send(.resource(.vms, id: "id-a"), detail: "by another")
        #expect(await eventually { collection.journal.contains("by another") })
    }

    @Test func aNewNameIsNoEnd() async throws {
        let collection = Collection(coverage: covered)
        let told = Mutex<[InventoryChange]>([])
        collection.owner.watch { changes in told.withLock { $0 += changes } }
        _ = try await collection.names()
        collection.stub.change(collection.a) { $0.name = "c" }
        collection.provider.send(.resource(.vms, id: "id-a"))
        #expect(await eventually { (try? await collection.names()) == ["b", "c"] })
        #expect(told.withLock { $0.filter { $0.what == .renamed }.map(\.entryName) } == ["a"])
        #expect(told.withLock { !$0.contains { $0.what == .removed } })
    }

    @Test func goneMachinesGo() async throws {
        let collection = Collection(coverage: covered)
        let told = Mutex<[InventoryChange.What]>([])
        collection.owner.observe({ changes in told.withLock { $0 += changes.map(\.what) } }, health: {})
        _ = try await collection.names()
        collection.stub.remove(collection.a)
        collection.provider.send(.resource(.vms, id: "id-a"))
        #expect(await eventually { (try? await collection.names()) == ["b"] })
        #expect(told.withLock { $0 }.contains(.removed))
    }

    @Test func aGapMakesEverythingOld() async throws {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        collection.stub.fail(.list, ProviderError(.unreachable, "restarting"))
        collection.provider.send(.disconnected(reason: "restarting"))
        #expect(await eventually { (try? await collection.names()) == nil })
        collection.stub.recover(.list)
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.provider.send(.reconnected)
        #expect(await eventually { (try? await collection.memory(collection.a)) == 77 })
        let journal = String(decoding: collection.owner.events.contents.bytes, as: UTF8.self)
        #expect(journal.contains("\"disconnected\"") && journal.contains("\"reconnected\""))
    }

    @Test func theEndOfTheEventsMakesFactsAge() async throws {
        let collection = Collection(coverage: covered)
        _ = try await collection.names()
        await collection.provider.close()
        #expect(await eventually { collection.live.validity(polled: false) != nil })
        collection.stub.change(collection.a) { $0.memory = 77 }
        collection.time.advance(.seconds(11))
        #expect(try await collection.memory(collection.a) == 77)
    }

    @Test func observersHearWhatChanged() async throws {
        let collection = Collection(coverage: covered)
        let told = Mutex<[InventoryChange]>([])
        collection.owner.observe({ changes in told.withLock { $0 += changes } }, health: {})
        _ = try await collection.names()
        told.withLock { $0 = [] }
        try await collection.setMemory(4096, of: collection.a)
        let changes = told.withLock { $0 }
        #expect(changes.map(\.id) == ["id-a"])
        #expect(changes.first?.what == .changed(["memory"]))
        #expect(changes.first?.entryName == "a")
    }
}
