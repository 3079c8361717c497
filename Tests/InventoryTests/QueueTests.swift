import ProviderAPI
import ProviderTesting
import Synchronization
import Testing

@testable import Inventory

/// Who may go, in which order, and what becomes of those who give up.
@Suite struct QueueTests {
    private final class Order: Sendable {
        private let numbers = Mutex<[Int]>([])
        func note(_ number: Int) { numbers.withLock { $0.append(number) } }
        var all: [Int] { numbers.withLock { $0 } }
    }

    private final class Room: Sendable {
        private let state = Mutex((inside: 0, most: 0))

        func enter() {
            state.withLock { state in
                state.inside += 1
                state.most = max(state.most, state.inside)
            }
        }

        func leave() { state.withLock { $0.inside -= 1 } }

        var most: Int { state.withLock { $0.most } }
    }

    @Test func aGateLetsInSoManyAtOnce() async throws {
        let gate = CallGate(limit: 3)
        let room = Room()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    try await gate.pass { () async throws(ProviderError) in
                        room.enter()
                        try? await Task.sleep(for: .milliseconds(1))
                        room.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.most == 3)
    }

    @Test func aGateServesInOrderAndPassesOverThoseWhoGaveUp() async throws {
        let gate = CallGate(limit: 1)
        let release = Promise<Void>()
        let order = Order()
        let first = Task { try await gate.pass { () async throws(ProviderError) in try await release.value() } }
        var waiting: [Task<Void, any Error>] = []
        for number in 0..<6 {
            // Each is in line before the next one comes.
            waiting.append(Task { try await gate.pass { () async throws(ProviderError) in order.note(number) } })
            try await Task.sleep(for: .milliseconds(15))
        }
        waiting[1].cancel()
        waiting[4].cancel()
        await #expect(throws: ProviderError.self) { try await waiting[1].value }
        await #expect(throws: ProviderError.self) { try await waiting[4].value }
        release.fulfil(.success(()))
        try await first.value
        for number in [0, 2, 3, 5] { try await waiting[number].value }
        #expect(order.all == [0, 2, 3, 5])
        // No place was lost.
        try await gate.pass { () async throws(ProviderError) in order.note(9) }
        #expect(order.all.last == 9)
    }

    @Test func cancellationsAtAnyMomentLoseNoPlace() async throws {
        let gate = CallGate(limit: 2)
        var random = SeededRandom(seed: 11)
        let tasks = (0..<300).map { _ in
            Task { try await gate.pass { () async throws(ProviderError) in await Task.yield() } }
        }
        for task in tasks where Bool.random(using: &random) { task.cancel() }
        for task in tasks { _ = await task.result }
        let done = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await gate.pass { () async throws(ProviderError) in done.note(1) }
                }
            }
            try await group.waitForAll()
        }
        #expect(done.all.count == 4)
    }

    @Test func keysDoNotWaitForEachOther() async throws {
        let queue = KeyedQueue<String>()
        let release = Promise<Void>()
        let held = Task { try await queue.run("a") { () async throws(ProviderError) in try await release.value() } }
        try await queue.run("b") { () async throws(ProviderError) in }
        let order = Order()
        let second = Task { try await queue.run("a") { () async throws(ProviderError) in order.note(2) } }
        try await Task.sleep(for: .milliseconds(10))
        #expect(order.all.isEmpty, "two ran for one key")
        release.fulfil(.success(()))
        try await held.value
        try await second.value
        #expect(order.all == [2])
    }

    @Test func aDeadlineAnswersAtOnceAndCancels() async throws {
        let wasCancelled = Promise<Bool>()
        let clock = ContinuousClock()
        let took = await clock.measure {
            await #expect(throws: ProviderError.self) {
                try await withDeadline(.milliseconds(50), "asking") { () async throws(ProviderError) in
                    try? await Task.sleep(for: .seconds(60))
                    wasCancelled.fulfil(.success(Task.isCancelled))
                }
            }
        }
        #expect(took < .seconds(30))
        #expect(try await wasCancelled.value())
    }

    @Test func aPromiseIsKeptOnceForAll() async throws {
        let promise = Promise<Int>()
        let waiters = (0..<20).map { _ in Task { try await promise.value() } }
        let leaver = Task { try await promise.value() }
        leaver.cancel()
        await #expect(throws: ProviderError.self) { try await leaver.value }
        promise.fulfil(.success(1))
        promise.fulfil(.success(2))
        for waiter in waiters { #expect(try await waiter.value == 1) }
        #expect(try await promise.value() == 1)
    }
}
