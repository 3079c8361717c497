import ProviderAPI
import ProviderKit
import Synchronization
import Testing

@Suite struct WriteOverlayTests {
    struct Thing: Sendable, Equatable {
        var id: Int
        var state: String
    }

    final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func pass(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
    }

    let clock = Clock()
    let overlay: WriteOverlay<Int, Thing>

    init() {
        let clock = clock
        overlay = WriteOverlay(lifetime: .seconds(60), now: { clock.now })
    }

    func shown(_ answer: [Thing], asked: [Int]? = nil) -> [Thing] {
        overlay.apply(to: answer, asked: asked, id: \.id).sorted { $0.id < $1.id }
    }

    @Test func whatWasMadeIsThereBeforeThePlatformSaysSo() {
        overlay.noteMade(1, Thing(id: 1, state: "new"))
        #expect(shown([]) == [Thing(id: 1, state: "new")])
        #expect(shown([], asked: [2]).isEmpty, "it was not asked for")
        #expect(shown([Thing(id: 1, state: "up")]) == [Thing(id: 1, state: "up")])
        #expect(shown([]).isEmpty, "the platform knew it: it is gone now")
    }

    @Test func whatWasMadeIsBelievedForATimeOnly() {
        overlay.noteMade(1, Thing(id: 1, state: "new"))
        clock.pass(.seconds(61))
        #expect(shown([]).isEmpty)
    }

    @Test func whatIsGoneStaysGone() {
        overlay.noteGone(1)
        #expect(shown([Thing(id: 1, state: "up"), Thing(id: 2, state: "up")]) == [Thing(id: 2, state: "up")])
        #expect(shown([Thing(id: 1, state: "up")]).isEmpty)
        clock.pass(.seconds(61))
        #expect(shown([Thing(id: 1, state: "up")]) == [Thing(id: 1, state: "up")])
    }

    @Test func aChangeIsShownUntilThePlatformAgreesAndNotAfter() {
        overlay.noteChanged(1, isShown: { $0.state != "up" }, put: { $0.state = "stopping" })
        #expect(shown([Thing(id: 1, state: "up")]) == [Thing(id: 1, state: "stopping")])
        #expect(shown([Thing(id: 1, state: "down")]) == [Thing(id: 1, state: "down")])
        #expect(shown([Thing(id: 1, state: "up")]) == [Thing(id: 1, state: "up")], "somebody started it again")
    }

    @Test func aLaterChangeCoversThoseBeforeIt() {
        overlay.noteChanged(1, isShown: { $0.state == "a" }, put: { $0.state = "a" })
        overlay.noteChanged(1, isShown: { $0.state == "b" }, put: { $0.state = "b" })
        #expect(shown([Thing(id: 1, state: "old")]) == [Thing(id: 1, state: "b")])
        #expect(shown([Thing(id: 1, state: "a")]) == [Thing(id: 1, state: "b")])
        #expect(shown([Thing(id: 1, state: "b")]) == [Thing(id: 1, state: "b")])
        #expect(shown([Thing(id: 1, state: "c")]) == [Thing(id: 1, state: "c")])
    }

    @Test func theSmallestFlavorThatFitsIsTheSameEveryTime() {
        let flavors = [("c", 4, 8192), ("b", 2, 4096), ("a", 2, 4096), ("d", 8, 4096)].map { name, cpus, memory in
            Flavor(id: .init(name), name: name, cpus: cpus, memory: memory)
        }
        #expect(Flavor.smallest(of: flavors, memory: 1024, cpus: 1)?.name == "a")
        #expect(Flavor.smallest(of: flavors.reversed(), memory: 4097, cpus: 1)?.name == "c")
        #expect(Flavor.smallest(of: flavors, memory: 1, cpus: 9) == nil)
    }
}
