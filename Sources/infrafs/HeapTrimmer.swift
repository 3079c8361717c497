import CLinux
import Dispatch
import Synchronization

/// Gives memory back that malloc(3) keeps for later: what a listing of ten thousand machines takes on its way and no longer
/// needs is a quarter of all that the process has.
enum HeapTrimmer {
    /// Less than this is not worth the milliseconds that it takes.
    private static let threshold = 4 << 20
    private static let interval = DispatchTimeInterval.seconds(5)
    private static let queue = DispatchQueue(label: "infrafs.heap", qos: .background)
    /// Free bytes after the last time.
    private static let last = Mutex(0)

    /// Keeps all threads to two arenas, before there are any: each more holds on to a part of its own, and there is not
    /// enough to do at once that they would wait for each other.
    static func prepare() {
        _ = mallopt(M_ARENA_MAX, 2)
    }

    /// Looks every few seconds from now on.
    static func start() {
        queue.asyncAfter(deadline: .now() + interval) {
            trim()
            start()
        }
    }

    private static func trim() {
        // The free chunks of all arenas (mallinfo2(3)). They count also when their pages were given back, so what there
        // was after the last time is no reason to do it again.
        let free = Int(mallinfo2().fordblks)
        guard last.withLock({ abs(free - $0) > threshold }) else { return }
        malloc_trim(0)
        last.withLock { $0 = Int(mallinfo2().fordblks) }
    }
}
