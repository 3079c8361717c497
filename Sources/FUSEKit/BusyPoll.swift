import CFUSE
import Glibc

/// A short look-out for the kernel's next request before the thread that serves them goes to sleep.
///
/// Who walks through a mount makes the next call within microseconds of an answer, and to wake a thread takes longer than
/// most answers do: to look for so long instead saves a third of a round trip. As with a virtual machine's halt polling
/// (the kernel's documentation, virt/kvm/halt-polling) there is one while requests follow soon, it shrinks to nothing while
/// they do not, and is back with the first that does; there is none where threads have one processor.
struct BusyPoll {
    /// Nanoseconds of the longest look-out: what a sleep and an awakening cost, so that one in vain costs no more than it
    /// could have saved.
    private static let longest: Int64 = 10_000
    /// What a request comes within that a look-out might have met: the awakening of this thread is part of it.
    private static let soon: Int64 = 40_000
    /// A shorter one is none.
    private static let shortest: Int64 = 1000

    private let descriptor: Int32
    private let isAllowed: Bool
    private var window = Self.longest
    private var beginning: Int64 = 0

    /// For the requests of that descriptor of /dev/fuse, looked for on this thread.
    init(descriptor: Int32, processors: Int = Int(fuse_usable_processors())) {
        self.descriptor = descriptor
        isAllowed = processors > 1
    }

    /// Whether the next request is looked for.
    var isLookingOut: Bool { isAllowed && window >= Self.shortest }

    /// Looks for a request, for as long as it may be worth it. What is there, or comes later, is then to be read.
    mutating func begin() {
        guard isAllowed else { return }
        beginning = Self.now()
        guard isLookingOut else { return }
        var wish = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&wish, 1, 0) == 0, Self.now() - beginning < window {}
    }

    /// Learns from a request that was read how soon it came.
    mutating func end() {
        guard isAllowed else { return }
        window = Self.now() - beginning <= Self.soon ? Self.longest : window / 2
    }

    /// Nanoseconds of a clock that only moves forward.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
