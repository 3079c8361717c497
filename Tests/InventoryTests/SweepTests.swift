import ProviderAPI
import ProviderTesting
import Testing

@testable import Inventory

/// What is read ahead of who goes from one resource to the next.
@Suite struct SweepTests {
    @Test func theFirstAndTheLonelyAreReadAlone() {
        var sweep = Sweep()
        #expect(sweep.window(at: 500, of: 1000) == 500..<501)
        #expect(sweep.window(at: 20, of: 1000) == 20..<21)
        #expect(sweep.window(at: 700, of: 1000) == 700..<701)
    }

    @Test func whoGoesOnGetsMoreAndMore() {
        var sweep = Sweep()
        var position = 0
        var windows: [Int] = []
        while position < 1000 {
            let window = sweep.window(at: position, of: 1000)
            #expect(window.lowerBound == position)
            windows.append(window.count)
            position = window.upperBound
        }
        #expect(windows == [1, 8, 64, 256, 256, 256, 159])
    }

    @Test func backwardsToo() {
        var sweep = Sweep()
        #expect(sweep.window(at: 99, of: 100) == 99..<100)
        #expect(sweep.window(at: 98, of: 100) == 91..<99)
        #expect(sweep.window(at: 90, of: 100) == 27..<91)
        #expect(sweep.window(at: 26, of: 100) == 0..<27)
    }

    @Test func aWindowThatTakesLongIsFollowedByAShorterOne() {
        var sweep = Sweep()
        var position = 0
        for _ in 0..<4 { position = sweep.window(at: position, of: 10_000).upperBound }
        sweep.ended(after: .seconds(2))
        #expect(sweep.window(at: position, of: 10_000).count < 512)
    }

    @Test func aWalkThroughDetailsCostsFewCalls() async throws {
        let collection = Self.incomplete(500)
        for name in try await collection.names() {
            let record = try #require(try await collection.live.record(named: name).value())
            _ = try await collection.live.record(record.item.id, .init(detail: true)).value()
        }
        #expect(collection.stub.count(.items) < 10)
        #expect(try await collection.live.records(.init()).value().allSatisfy(\.item.isComplete))
    }

    @Test func whatManyTogetherCannotBeOneCan() async throws {
        let collection = Self.incomplete(20)
        let names = try await collection.names()
        for (index, name) in names.prefix(2).enumerated() {
            let record = try #require(try await collection.live.record(named: name).value())
            if index == 1 { collection.stub.fail(.items, ProviderError(.timedOut, "too many"), times: 1) }
            let whole = try await collection.live.record(record.item.id, .init(detail: true)).value()
            #expect(whole.item.isComplete)
        }
        #expect(collection.stub.count(.items) == 3)
    }

    /// Machines of which a listing lacks the details.
    private static func incomplete(_ count: Int) -> Collection {
        let collection = Collection((0..<count).map { StubMachines.machine("m\(1000 + $0)") })
        collection.stub.shortenListings { $0.isComplete = false }
        return collection
    }
}
