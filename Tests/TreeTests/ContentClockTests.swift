import Inventory
import ProviderTesting
import Testing

@testable import Tree

/// The times of files that are worked out.
@Suite struct ContentClockTests {
    @Test func whatNobodyAsksForIsForgottenAndTheRestIsNot() {
        let time = ManualTime()
        let clock = ContentClock(time: time.source)
        let start = time.wall
        time.advance(.seconds(10))
        #expect(clock.modified(1, [1]) == start)
        #expect(clock.modified(1, [2]) == time.wall)
        let changed = time.wall
        time.advance(.seconds(10))
        for inode in 2..<UInt64(200_000) {
            _ = clock.modified(inode, [1])
            if inode.isMultiple(of: 1000) { #expect(clock.modified(1, [2]) == changed) }
        }
        #expect(clock.count <= 2 * 16_384)
        #expect(clock.modified(1, [3]) == time.wall)
    }
}
