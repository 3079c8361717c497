import Inventory
import ProviderAPI
import ProviderTesting
import Testing

/// Changes: one after the other for each resource, none without need, and each told of.
@Suite struct WriteTests {
    @Test func parallelEqualWritesAreOneCall() async throws {
        let collection = Collection()
        _ = try await collection.names()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await collection.setMemory(2048, of: collection.a) } }
            try await group.waitForAll()
        }
        #expect(collection.stub.count(.apply) == 1)
        #expect(try await collection.memory(collection.a) == 2048)
    }

    @Test func whatIsAcceptedAndUnderWayIsNotAskedForAgain() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.beLong()
        collection.stub.hold(.apply)
        // Accepted, it goes on as a job, and the old size is what is read until it has ended.
        try await collection.setMemory(2048, of: collection.a)
        collection.stub.change(collection.a) { $0.memory = 1024 }
        collection.time.advance(.seconds(2))
        try await collection.setMemory(2048, of: collection.a)
        #expect(collection.stub.count(.apply) == 1)
        // Another size is another matter, and so is the same one once it has ended.
        try await collection.setMemory(4096, of: collection.a)
        #expect(collection.stub.changes == [.memory(2048), .memory(4096)])
        collection.stub.release(.apply)
        #expect(await eventually { collection.stub.heldCount(.apply) == 0 })
        collection.stub.change(collection.a) { $0.memory = 1024 }
        #expect(
            await eventually {
                collection.time.advance(.seconds(2))
                try? await collection.setMemory(2048, of: collection.a)
                return collection.stub.count(.apply) == 3
            })
    }

    @Test func parallelWritesOfOneResourceDoNotInterleave() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.hold(.apply)
        let first = Task { try await collection.setMemory(1, of: collection.a) }
        #expect(await eventually { collection.stub.heldCount(.apply) == 1 })
        let second = Task { try await collection.setMemory(2, of: collection.a) }
        let other = Task { try await collection.setMemory(3, of: collection.b) }
        #expect(await eventually { collection.stub.heldCount(.apply) == 2 }, "another resource had to wait")
        try await Task.sleep(for: .milliseconds(20))
        #expect(collection.stub.changes.sorted { "\($0)" < "\($1)" } == [.memory(1), .memory(3)])
        collection.stub.release(.apply)
        try await first.value
        try await second.value
        try await other.value
        #expect(try await collection.memory(collection.a) == 2)
    }

    @Test func anEqualWriteOverAnOldFactAsksFirst() async throws {
        let collection = Collection()
        _ = try await collection.names()
        // Somebody else changed it, and what is known is older than a second.
        collection.stub.change(collection.a) { $0.memory = 55 }
        collection.time.advance(.seconds(2))
        try await collection.setMemory(1024, of: collection.a)
        #expect(collection.stub.item(collection.a)?.memory == 1024, "the write was taken as done by an old fact")
    }

    @Test func whatIsAsAskedIsToldOnlyWhereItIsCertain() async throws {
        let collection = Collection()
        let (a, live) = (collection.a, collection.live)
        func isThere(_ size: Int) -> Bool { live.isAsAsked(a) { $0.memory == size ? nil : .memory(size) } }
        #expect(!isThere(1024), "nothing has been read yet")
        _ = try await collection.names()
        #expect(isThere(1024))
        #expect(!isThere(2048))
        let error = ProviderError(.invalidValue, "no")
        #expect(!live.isAsAsked(a) { _ throws(ProviderError) in throw error }, "the write tells")
        // A write under way may change it yet.
        collection.stub.hold(.apply)
        let write = Task { try await collection.setMemory(2048, of: a) }
        #expect(await eventually { collection.stub.heldCount(.apply) == 1 })
        #expect(!isThere(1024) && !isThere(2048))
        collection.stub.release(.apply)
        try await write.value
        #expect(isThere(2048))
        collection.time.advance(.seconds(2))
        #expect(!isThere(2048), "a fact of two seconds ago")
    }

    @Test func aListingThatHangsHoldsUpNoWrite() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.hold(.list)
        collection.time.advance(.seconds(60))
        let reader = Task { try await collection.names() }
        #expect(await eventually { collection.stub.heldCount(.list) == 1 })
        try await collection.setMemory(2048, of: collection.a)
        #expect(collection.stub.item(collection.a)?.memory == 2048)
        #expect(collection.stub.heldCount(.list) == 1, "the write waited for the listing")
        // Somebody else took it away: the write says so, without the listing.
        collection.stub.remove(collection.b)
        collection.time.advance(.seconds(2))
        let error = await #expect(throws: ProviderError.self) { try await collection.setMemory(1, of: collection.b) }
        #expect(error?.code == .notFound)
        collection.stub.release(.list)
        _ = try await reader.value
        #expect(try await collection.memory(collection.a) == 2048)
    }

    @Test func afterAFailedWriteTheNextReadAsks() async throws {
        let collection = Collection()
        _ = try await collection.names()
        collection.stub.fail(.apply, ProviderError(.timedOut, "no answer"), times: 1)
        await #expect(throws: ProviderError.self) { try await collection.setMemory(2048, of: collection.a) }
        // It took effect all the same.
        collection.stub.change(collection.a) { $0.memory = 2048 }
        #expect(await eventually { (try? await collection.memory(collection.a)) == 2048 })
    }

    @Test func unsupportedAndForbiddenChangesAreNoCalls() async throws {
        let stub = StubMachines.collection([StubMachines.machine("a")], operations: [.listVMs, .startVM])
        let owner = MountedProvider.live(StubProvider(stub), policy: Policy(protect: [Glob("vms/a")].compactMap { $0 }))
        let live = LiveCollection(stub, of: owner) { _, _ in [] }
        _ = try await live.listing().value()
        func code(_ body: () async throws -> Void) async -> ProviderError.Code? {
            do { try await body() } catch { return (error as? ProviderError)?.code }
            return nil
        }
        let id = VirtualMachine.ID("id-a")
        #expect(await code { try await live.apply(to: id, Collection.request) { _ in .power(.up) } } == .protected)
        #expect(await code { try await live.create(Specification(name: "x"), Collection.request) } == .unsupported)
        #expect(await code { try await live.delete(id, Collection.request) } == .unsupported)
        let free = LiveCollection(stub, of: MountedProvider.live(StubProvider(stub))) { _, _ in [] }
        _ = try await free.listing().value()
        #expect(await code { try await free.apply(to: id, Collection.request) { _ in .memory(5) } } == .unsupported)
        #expect(stub.count(.apply) + stub.count(.create) + stub.count(.delete) == 0)
        let audit = String(decoding: owner.audit.journal.contents.bytes, as: UTF8.self)
        #expect(audit.contains("\"result\":\"protected\""))
    }

    @Test func everyChangeIsInTheAuditTrail() async throws {
        let collection = Collection()
        _ = try await collection.names()
        try await collection.setMemory(2048, of: collection.a)
        try await collection.setMemory(2048, of: collection.a)
        collection.stub.fail(.apply, ProviderError(.quotaExceeded, "too much"))
        await #expect(throws: ProviderError.self) { try await collection.setMemory(9999, of: collection.a) }
        let lines = String(decoding: collection.owner.audit.journal.contents.bytes, as: UTF8.self).split(
            separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].contains("\"operation\":\"vm.memory\"") && lines[0].contains("\"result\":\"ok\""))
        #expect(lines[1].contains("\"result\":\"quota exceeded\""))
    }

    @Test func whatComesBeforeADeletionComesBefore() async throws {
        let collection = Collection([StubMachines.machine("a", .up)])
        _ = try await collection.names()
        try await collection.live.delete(collection.a, Collection.request, before: [.power(.down)])
        #expect(collection.stub.calls == [.list, .apply, .delete])
        #expect(try await collection.names().isEmpty)
    }

    @Test func aDeletionStopsWhereWhatComesBeforeFails() async throws {
        let collection = Collection([StubMachines.machine("a", .up)])
        _ = try await collection.names()
        collection.stub.fail(.apply, ProviderError(.busy, "no"))
        await #expect(throws: ProviderError.self) {
            try await collection.live.delete(collection.a, Collection.request, before: [.power(.down)])
        }
        #expect(collection.stub.count(.delete) == 0)
        #expect(collection.stub.items.count == 1)
    }
}
