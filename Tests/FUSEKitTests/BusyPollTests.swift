import Glibc
import Testing

@testable import FUSEKit

@Suite("Looking out for the next request") struct BusyPollTests {
    @Test("There is no look-out while requests come late, and one again when they come at once")
    func adapts() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var poll = BusyPoll(descriptor: ends[0], processors: 2)
        #expect(poll.isLookingOut)
        for _ in 0..<8 {
            poll.begin()
            usleep(1000)
            poll.end()
        }
        #expect(!poll.isLookingOut)
        #expect(write(ends[1], "x", 1) == 1)
        // A busy machine may come late to any of them, not to all.
        for _ in 0..<1000 where !poll.isLookingOut {
            poll.begin()
            poll.end()
        }
        #expect(poll.isLookingOut)
    }

    @Test("With one processor there is none: who asks needs it")
    func alone() {
        var poll = BusyPoll(descriptor: -1, processors: 1)
        poll.begin()
        poll.end()
        #expect(!poll.isLookingOut)
    }
}
