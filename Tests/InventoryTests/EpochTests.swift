import Inventory
import ProviderAPI
import ProviderTesting
import Testing

/// A reply that began before a write never brings the old state back.
@Suite struct EpochTests {
    @Test func aListingThatBeganBeforeAWriteKeepsTheNewState() async throws {
        let collection = Collection(coverage: .all(except: ["cpus"]))
        _ = try await collection.names()
        // The listing has the old state in hand, and is answered after the write.
        collection.stub.hold(.list)
        collection.time.advance(.seconds(6))
        #expect(Collection.isImmediate(collection.live.record(collection.a, .init(polled: true))))
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        try await collection.setMemory(4096, of: collection.a)
        #expect(collection.live.known(collection.a)?.item.memory == 4096)
        let written = try #require(collection.live.known(collection.a)?.modified("memory"))
        collection.stub.release(.list)
        #expect(await eventually { collection.stub.heldCount(.list) == 0 })
        for _ in 0..<50 {
            #expect(collection.live.known(collection.a)?.item.memory == 4096, "the old state came back")
            #expect(
                collection.live.known(collection.a)?.modified("memory") == written, "the time moved without content")
            await Task.yield()
        }
        #expect(try await collection.memory(collection.a) == 4096)
    }

    @Test func whatWasDeletedDoesNotComeBack() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.hold(.list)
        collection.owner.refresh()
        let reader = Task { try await collection.names() }
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        try await collection.live.delete(collection.a, Collection.request)
        collection.stub.release(.list)
        #expect(try await reader.value == ["b"])
        #expect(collection.live.known(collection.a) == nil)
    }

    @Test func whatWasCreatedIsNotLost() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.hold(.list)
        collection.owner.refresh()
        let reader = Task { try await collection.names() }
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        try await collection.live.create(Specification(name: "c"), Collection.request)
        collection.stub.release(.list)
        #expect(try await reader.value == ["a", "b", "c"])
    }

    @Test func aReadingOfOneThatBeganBeforeAWriteKeepsTheNewState() async throws {
        let collection = Collection(coverage: .all(except: []))
        _ = try await collection.names()
        collection.stub.hold(.items)
        collection.provider.send(.resource(.vms, id: "id-a"))
        #expect(await eventually { collection.stub.heldCount(.items) == 1 })
        let writer = Task {
            try await collection.live.apply(to: collection.b, Collection.request) { _ in .memory(99) }
        }
        try await writer.value
        collection.stub.release(.items)
        #expect(try await collection.memory(collection.b) == 99)
        #expect(try await collection.memory(collection.a) == 1024)
    }

    @Test func readsSeeWhatWasWrittenWhileRefreshesRun() async throws {
        let collection = Collection()
        _ = try await collection.names()
        for size in 1...200 {
            collection.time.advance(.seconds(size % 3 == 0 ? 6 : 0))
            _ = collection.live.listing()
            if size % 7 == 0 { collection.owner.refresh() }
            try await collection.setMemory(size, of: collection.a)
            #expect(try await collection.memory(collection.a) == size)
        }
    }

    @Test func aLaterListingTellsWhatOthersDid() async throws {
        let collection = Collection()
        _ = try await collection.names()
        try await collection.setMemory(4096, of: collection.a)
        collection.stub.change(collection.a) { $0.memory = 55 }
        collection.time.advance(.seconds(11))
        #expect(try await collection.memory(collection.a) == 55, "a write is held on to for ever")
    }
}
