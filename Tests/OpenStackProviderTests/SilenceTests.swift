import Testing

@testable import OpenStackProvider

/// A service that does not answer holds up what others tell once, not again and again.
@Suite struct SilenceTests {
    private let silences = Silences()

    @Test func oneThatWasSilentIsWaitedForLess() {
        #expect(silences.patience(with: .volume, at: .zero) == Silences.patience)
        silences.note(.volume, after: Silences.patience, at: .seconds(10))
        #expect(silences.patience(with: .volume, at: .seconds(11)) == Silences.impatience)
        #expect(silences.patience(with: .network, at: .seconds(11)) == Silences.patience)
        silences.end(of: .volume)
        #expect(silences.patience(with: .volume, at: .seconds(12)) == Silences.patience)
    }

    /// It may be slow, and is given its time again whatever it missed in less.
    @Test func oneThatIsSlowIsNotGivenUp() {
        silences.note(.volume, after: Silences.patience, at: .seconds(10))
        silences.note(.volume, after: Silences.impatience, at: .seconds(60))
        let later = Duration.seconds(10) + Silences.memory
        #expect(silences.patience(with: .volume, at: later - .seconds(1)) == Silences.impatience)
        #expect(silences.patience(with: .volume, at: later) == Silences.patience)
    }
}
