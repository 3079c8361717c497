import Testing

@testable import MountBridge

/// Which signals end a wait.
@Suite struct SignalTests {
    private func signals(own: UInt64 = 0, shared: UInt64 = 0, blocked: UInt64 = 0) -> PendingSignals? {
        func line(_ name: String, _ mask: UInt64) -> String {
            let digits = String(mask, radix: 16)
            return "\(name):\t" + String(repeating: "0", count: 16 - digits.count) + digits + "\n"
        }
        return PendingSignals(
            status: "Name:\tbash\nState:\tD (disk sleep)\nSigQ:\t0/7823\n" + line("SigPnd", own)
                + line("ShdPnd", shared) + line("SigBlk", blocked) + line("SigIgn", 0) + line("SigCgt", 0x1_0000))
    }

    @Test func newsOfChildrenAndWindowsAreNoReasonToGiveUp() throws {
        let (child, window, interrupt, kill) = (UInt64(1) << 16, UInt64(1) << 27, UInt64(1) << 1, UInt64(1) << 8)
        #expect(try #require(signals()).areUrgent == false)
        #expect(try #require(signals(shared: child | window)).areUrgent == false)
        #expect(try #require(signals(shared: child | interrupt)).areUrgent)
        #expect(try #require(signals(own: kill)).areUrgent)
        #expect(try #require(signals(shared: interrupt, blocked: interrupt)).areUrgent == false)
    }

    @Test func whatCannotBeSeenIsNothing() {
        #expect(PendingSignals(status: "Name:\tbash\n") == nil)
        #expect(PendingSignals(of: 0) == nil)
        #expect(PendingSignals(of: .max) == nil)
    }
}
