import Dispatch
import Glibc
import Synchronization

/// The memory that malloc(3) keeps for later.
enum Heap {
    private static let queue = DispatchQueue(label: "infrafs.heap", qos: .background)
    private static let isDue = Atomic(true)

    /// Gives back what a large listing took on its way and no longer needs (malloc_trim(3)): a third of it all for ten
    /// thousand machines. In the background, and at most once a minute, since it takes some milliseconds.
    static func trim(after count: Int) {
        guard count >= 1000, isDue.exchange(false, ordering: .relaxed) else { return }
        // When the readers who waited for the listing have theirs, too.
        queue.asyncAfter(deadline: .now() + 0.5) { malloc_trim(0) }
        queue.asyncAfter(deadline: .now() + 60) { isDue.store(true, ordering: .relaxed) }
    }
}
