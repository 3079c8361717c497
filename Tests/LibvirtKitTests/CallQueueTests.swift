import Glibc
import Synchronization
import Testing

@testable import LibvirtKit

struct CallQueueTests {
    @Test func answersAndErrorsComeBack() async throws {
        let queue = CallQueue(label: "test", width: 2)
        #expect(try await queue.run { _ in 42 } == 42)
        await #expect(throws: LibvirtError.self) {
            try await queue.run { _ in throw LibvirtError(code: .noDomain, message: "gone") }
        }
    }

    @Test func neverMoreCallsThanLanes() async throws {
        let queue = CallQueue(label: "test", width: 3)
        let gauge = Gauge()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    try await queue.run { _ in
                        gauge.enter()
                        usleep(2000)
                        gauge.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(gauge.most == 3)
    }

    @Test func cancelledCallersLeaveAtOnce() async throws {
        let queue = CallQueue(label: "test", width: 1)
        let gate = Gauge()
        gate.enter()
        let stuck = Task { try await queue.run { _ in while gate.now > 0 { usleep(1000) } } }
        let began = ContinuousClock.now
        let waiting = Task { try await queue.run { _ in 1 } }
        try await Task.sleep(for: .milliseconds(20))
        stuck.cancel()
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await stuck.value }
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(ContinuousClock.now - began < .seconds(2))
        gate.leave()
        // The lane is free again once the abandoned call has ended.
        #expect(try await queue.run { _ in 7 } == 7)
    }

    @Test func abandonedCallersLeaveAndLanesComeBack() async throws {
        let queue = CallQueue(label: "test", width: 2)
        let gate = Gauge()
        gate.enter()
        let stuck = (0..<4).map { _ in Task { try await queue.run { _ in while gate.now > 0 { usleep(1000) } } } }
        try await Task.sleep(for: .milliseconds(20))
        queue.abandonAll(LibvirtError(code: .rpc, message: "gone"))
        for task in stuck { await #expect(throws: LibvirtError.self) { try await task.value } }
        gate.leave()
        #expect(try await queue.run { lane in lane } <= 1)
    }
}

/// How many are inside, now and at most.
final class Gauge: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    var now: Int { counts.withLock { $0.now } }
    var most: Int { counts.withLock { $0.most } }

    func enter() {
        counts.withLock { counts in
            counts.now += 1
            counts.most = max(counts.most, counts.now)
        }
    }

    func leave() {
        counts.withLock { $0.now -= 1 }
    }
}
