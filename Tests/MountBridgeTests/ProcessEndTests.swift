import Testing

@testable import MountBridge

/// What /proc tells of a thread that ends.
@Suite struct ProcessEndTests {
    /// As proc(5) has it, with these flags and this status.
    private func stat(flags: UInt64, status: Int) -> String {
        let between = Array(repeating: "0", count: 42).joined(separator: " ")
        return "12 (a) b (c)) R 1 12 12 0 -1 \(flags) \(between) \(status)\n"
    }

    @Test func onlyASignalThatEndsItCounts() throws {
        #expect(try #require(ProcessEnd(stat: stat(flags: 0x40_0104, status: 9))).signal == 9)
        #expect(try #require(ProcessEnd(stat: stat(flags: 0x40_0104, status: 0x8b))).signal == 11)
        #expect(try #require(ProcessEnd(stat: stat(flags: 0x40_0104, status: 1 << 8))).signal == 0)
        #expect(try #require(ProcessEnd(stat: stat(flags: 0x40_0100, status: 0))).signal == 0)
        #expect(ProcessEnd(stat: "12 (a) R 1") == nil)
        #expect(try #require(ProcessEnd(of: 1)).signal == 0)
        #expect(ProcessEnd(of: 0) == nil)
    }
}
