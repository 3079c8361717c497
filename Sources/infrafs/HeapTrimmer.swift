import CLinux
import Dispatch
import Glibc
import Synchronization

/// Gives memory back that malloc(3) keeps for later: what a listing of ten thousand machines takes on its way and no longer
/// needs is a quarter of all that the process has.
enum HeapTrimmer {
    /// Less than this is not worth the milliseconds that it takes.
    private static let threshold = 1 << 20
    private static let interval = DispatchTimeInterval.seconds(5)
    private static let queue = DispatchQueue(label: "infrafs.heap", qos: .background)
    /// The least that was unused since the last time.
    private static let least = Mutex(0)

    /// Keeps all threads to one arena, before there are any: each more holds on to a part of its own, and malloc_trim(3)
    /// cannot give back what is free at the end of another than the first. What is small each thread has at hand without it,
    /// so they hardly wait for each other.
    static func prepare() {
        _ = mallopt(M_ARENA_MAX, 1)
    }

    /// Looks every few seconds from now on.
    static func start() {
        queue.asyncAfter(deadline: .now() + interval) {
            trim()
            start()
        }
    }

    private static func trim() {
        let held = unused
        let floor = least.withLock { least in
            least = min(least, held)
            return least
        }
        guard held - floor > threshold else { return }
        malloc_trim(0)
        least.withLock { $0 = unused }
    }

    /// Bytes that are resident and not in use. The free chunks of malloc(3) alone do not tell: they count also when their
    /// pages were given back. Stacks and what the system has for the process are part of it, and stay.
    private static var unused: Int {
        let heap = mallinfo2()
        // Pages of the process, those that are resident, and of these those that files are behind (proc(5)).
        let pages = (TextFile.read("/proc/self/statm") ?? "").split(separator: " ").compactMap { Int($0) }
        guard pages.count > 2 else { return 0 }
        return (pages[1] - pages[2]) * sysconf(Int32(_SC_PAGESIZE)) - Int(heap.uordblks + heap.hblkhd)
    }
}
