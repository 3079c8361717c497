import Inventory
import Testing

@Suite("Deadlines") struct DeadlineTests {
    @Test("They come in their order, also where a nearer one is set later, and not at all when nobody waits any more")
    func order() async {
        let (rung, came) = AsyncStream.makeStream(of: String.self)
        _ = Deadlines.shared.set(.milliseconds(60)) {
            came.yield("late")
            came.finish()
        }
        let dropped = Deadlines.shared.set(.milliseconds(10)) { came.yield("dropped") }
        Deadlines.shared.cancel(dropped)
        _ = Deadlines.shared.set(.milliseconds(20)) { came.yield("early") }
        var all: [String] = []
        for await name in rung { all.append(name) }
        #expect(all == ["early", "late"])
    }

    @Test("One is set while no other waits, after others have come")
    func again() async {
        for _ in 0..<3 {
            await withCheckedContinuation { rung in
                _ = Deadlines.shared.set(.milliseconds(1)) { rung.resume() }
            }
        }
    }
}
