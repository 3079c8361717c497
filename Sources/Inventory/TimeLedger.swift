import Dispatch
import FoundationEssentials
public import Logging
import Synchronization

/// When content last changed, from mount to mount: what readers were told, kept in one file of the provider.
///
/// Each line tells of one thing: a fingerprint of its content and the times that were told of it. A mount that finds
/// content with the same fingerprint tells the same times, so that a backup copies what has changed and nothing else.
/// What changes is struck out of the file at once, so that a killed daemon leaves no line that is not true; the file is
/// written anew in the background. Nothing here waits for the disk but ``init(path:time:logger:)`` and ``close()``.
public final class TimeLedger: Sendable {
    /// What was told of one thing.
    struct Entry: Sendable, Equatable {
        /// The fingerprint of what a listing tells of it.
        var listed: UInt64
        /// The fingerprint of its details; 0 where they were never read.
        var details: UInt64 = 0
        /// When what a listing tells last changed, but for `changed`.
        var base: Int64
        /// The same for the details.
        var detailBase: Int64 = 0
        /// Paths below it, with their own times.
        var changed: [String: Int64] = [:]
    }

    /// What one of those who tell times has told.
    struct Account: Sendable {
        /// What they tell of: the first word of each line. Each teller has its own.
        var subject: String
        /// What they told, by key.
        var entries: [UInt64: Entry]
        /// What is there and was not asked for: what the file has of it stays. nil: all that it has stays.
        var untold: Set<UInt64>?
    }

    /// When the first of the mounts that share the file began, nanoseconds since 1970: the time of what never changes.
    public let since: Int64

    private struct State {
        var file: TimeLedgerFile
        var struck: Set<UInt64>
        var tellers: [@Sendable () -> Account] = []
    }

    /// How long after a reader was told something it is written down, at least.
    private static let delay = Duration.seconds(2)
    /// More lines than these are not kept.
    static let limit = 1_000_000

    private let path: String
    private let logger: Logger
    private let state: Mutex<State>
    private let isDue = Atomic(false)
    /// Held until the ledger is closed.
    private let lock: Mutex<FileLock?>
    private let queue = DispatchQueue(label: "infrafs.times", qos: .utility)
    /// How long the last writing took, in nanoseconds.
    private let lastCost = Atomic<Int64>(0)

    /// The ledger at a path, whose directory is made; nil where it cannot be kept there, or another mount keeps it.
    public init?(path: String, time: TimeSource = .system, logger: Logger) {
        self.path = path
        self.logger = logger
        do {
            lock = Mutex(try FileLock("\(path).lock"))
        } catch {
            logger.notice("times are not kept from mount to mount", metadata: ["reason": "\(error)"])
            return nil
        }
        let file: TimeLedgerFile
        do {
            file = try TimeLedgerFile(reading: path) ?? TimeLedgerFile(since: time.wall())
        } catch {
            logger.warning("times begin anew", metadata: ["file": "\(path)", "reason": "\(error)"])
            file = TimeLedgerFile(since: time.wall())
        }
        since = file.since
        state = Mutex(State(file: file, struck: file.struck))
    }

    // MARK: Telling

    /// What an earlier mount told of a thing, if it still holds for content of the same fingerprint.
    func entry(_ key: UInt64) -> Entry? {
        state.withLock { $0.struck.contains(key) ? nil : $0.file.entry(key) }
    }

    /// Adds one who tells times; it is asked, from another thread, when the file is written.
    func add(_ teller: @escaping @Sendable () -> Account) {
        state.withLock { $0.tellers.append(teller) }
    }

    /// Something was told that the file does not have.
    func told() {
        guard !isDue.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let cost = lastCost.load(ordering: .relaxed)
        // A large fleet is written less often: a twentieth of the time at most.
        let wait = max(Self.delay, .nanoseconds(cost * 20))
        queue.asyncAfter(deadline: .now() + wait / .seconds(1)) { [weak self] in self?.save() }
    }

    /// Something has changed since it was told: no later mount may tell what the file says of it.
    func strike(_ keys: [UInt64]) {
        let new = state.withLock { state in keys.filter { state.struck.insert($0).inserted } }
        if !new.isEmpty {
            queue.async { [weak self] in
                guard let self, self.isOpen else { return }
                TimeLedgerFile.strike(new, at: path)
            }
        }
        told()
    }

    /// Writes what is not written yet and lets another mount keep the file. For the end of the mount; it waits for the
    /// disk.
    public func close() {
        queue.sync {
            save()
            lock.withLock { $0 = nil }
        }
    }

    private var isOpen: Bool { lock.withLock { $0 != nil } }

    // MARK: Writing, on the queue

    private func save() {
        guard isDue.exchange(false, ordering: .acquiringAndReleasing), isOpen else { return }
        let began = ContinuousClock.now
        let (tellers, struck, old) = state.withLock { ($0.tellers, $0.struck, $0.file) }
        let file = TimeLedgerFile(merging: tellers.map { $0() }, into: old, without: struck, limit: Self.limit)
        do {
            try file.write(to: path)
            state.withLock { state in
                state.file = file
                // What was struck while this was written is struck in the new file too, by what waits on the queue.
                state.struck.subtract(struck)
            }
        } catch {
            logger.warning("times cannot be kept", metadata: ["file": "\(path)", "reason": "\(error)"])
        }
        let cost = (ContinuousClock.now - began) / .nanoseconds(1)
        lastCost.store(Int64(cost), ordering: .relaxed)
    }
}

extension TimeLedger {
    /// What a mount tells of single files, by inode: the fingerprint of the content, and its time.
    public typealias Files = [UInt64: (fingerprint: UInt64, modified: Int64)]

    /// Adds one who tells the times of single files; it is asked, from another thread, when the ledger is written.
    public func addFiles(_ files: @escaping @Sendable () -> Files) {
        add {
            let entries = files().mapValues { Entry(listed: $0.fingerprint, base: $0.modified) }
            return Account(subject: "file", entries: entries, untold: nil)
        }
    }

    /// When an earlier mount told that a file's content came to be; nil where it had other content.
    public func file(_ inode: UInt64, _ fingerprint: UInt64) -> Int64? {
        guard let entry = entry(inode), entry.listed == fingerprint else { return nil }
        return entry.base
    }

    /// Notes that a file was told a time that no earlier mount had told.
    public func noteFile(_ inode: UInt64) {
        if entry(inode) == nil { told() } else { strike([inode]) }
    }
}
