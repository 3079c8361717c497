import Inventory
import Synchronization

/// When the text of computed files last changed: a file's time moves when its bytes do, and only then, from mount to mount.
final class ContentClock: Sendable {
    private let time: TimeSource
    private let started: Int64
    private let ledger: TimeLedger?
    private let seen = Mutex(Seen())

    /// What was looked at, in two halves: when the newer is full the older goes, and what is looked at moves to the newer.
    /// So what is asked for now and then stays, and what nobody asks for any more (jobs, drafts that are gone) does not
    /// pile up.
    private struct Seen {
        static let limit = 16_384
        var newer: TimeLedger.Files = [:]
        var older: TimeLedger.Files = [:]

        subscript(inode: UInt64) -> (fingerprint: UInt64, modified: Int64)? {
            mutating get {
                if let known = newer[inode] { return known }
                guard let known = older[inode] else { return nil }
                self[inode] = known
                return known
            }
            set {
                if newer.count >= Self.limit { (older, newer) = (newer, [:]) }
                newer[inode] = newValue
            }
        }

        var all: TimeLedger.Files { older.merging(newer) { $1 } }
    }

    /// A clock for which everything is as old as itself, or as an earlier mount told.
    init(time: TimeSource, ledger: TimeLedger? = nil) {
        self.time = time
        self.ledger = ledger
        started = time.wall()
        ledger?.addFiles { [weak self] in self?.seen.withLock { $0.all } ?? [:] }
    }

    /// How many files it remembers.
    var count: Int { seen.withLock { $0.newer.count + $0.older.count } }

    /// When the content that a file has now came to be, as far as it was looked at.
    func modified(_ inode: UInt64, _ bytes: [UInt8]) -> Int64 {
        var fingerprint = Fingerprint()
        fingerprint.add(bytes)
        return modified(inode, fingerprint.value)
    }

    /// The same for content that is known by a fingerprint, and where it is known when it changed.
    func modified(_ inode: UInt64, _ fingerprint: UInt64, changed: Int64? = nil) -> Int64 {
        let now = changed ?? time.wall()
        let (modified, isNew) = seen.withLock { seen -> (Int64, Bool) in
            let known = seen[inode]
            if let known, known.fingerprint == fingerprint { return (known.modified, false) }
            let isFirst = known == nil
            let kept = isFirst ? ledger?.file(inode, fingerprint) : nil
            let modified = kept ?? (isFirst ? changed ?? started : now)
            seen[inode] = (fingerprint, modified)
            return (modified, kept == nil)
        }
        if isNew { ledger?.noteFile(inode) }
        return modified
    }
}
