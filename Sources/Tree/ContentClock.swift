import Inventory
import Synchronization

/// When the text of computed files last changed: a file's time moves when its bytes do, and only then.
final class ContentClock: Sendable {
    private let time: TimeSource
    private let started: Int64
    private let seen = Mutex<[UInt64: (fingerprint: UInt64, modified: Int64)]>([:])

    /// A clock for which everything is as old as itself.
    init(time: TimeSource) {
        self.time = time
        started = time.wall()
    }

    /// When the content that a file has now came to be, as far as it was looked at.
    func modified(_ inode: UInt64, _ bytes: [UInt8]) -> Int64 {
        let fingerprint = Identity.fingerprint(bytes)
        let now = time.wall()
        return seen.withLock { seen in
            guard let known = seen[inode] else {
                seen[inode] = (fingerprint, started)
                return started
            }
            if known.fingerprint == fingerprint { return known.modified }
            seen[inode] = (fingerprint, now)
            return now
        }
    }
}
