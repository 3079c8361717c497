public import ProviderAPI
import Synchronization

/// The long operations of a provider that are under way, or ended a while ago.
public final class JobTable: Sendable {
    /// One long operation.
    public struct Job: Sendable, Identifiable {
        /// How it stands.
        public enum Status: String, Sendable { case running, done, failed, cancelled }

        /// Counts from 1.
        public let id: Int
        /// What it does.
        public let operation: Operation
        /// To what: a path below the provider.
        public let target: String
        /// How it stands.
        public var status: Status
        /// 0 to 100.
        public var progress: Int
        /// Why it failed; empty where it did not.
        public var error: String
        /// When anything of it last changed, nanoseconds since 1970.
        public var modified: Int64
    }

    private struct Entry {
        var job: Job
        var isListed: Bool
        var cancel: @Sendable () -> Void
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var next = 1
        var observer: (@Sendable (Int) -> Void)?
    }

    private static let keptAfterEnd = 50
    private let state = Mutex(State())
    private let time: TimeSource

    /// An empty table.
    public init(time: TimeSource) {
        self.time = time
    }

    /// The jobs, oldest first.
    public var jobs: [Job] {
        state.withLock { $0.entries.values.filter(\.isListed).map(\.job).sorted { $0.id < $1.id } }
    }

    /// One of them.
    public subscript(id: Int) -> Job? {
        state.withLock { state in
            guard let entry = state.entries[id], entry.isListed else { return nil }
            return entry.job
        }
    }

    /// Cancels a running job; forgets one that has ended. `notFound` where there is none.
    public func cancel(_ id: Int) throws(ProviderError) {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            guard let entry = state.entries[id], entry.isListed else { return nil }
            guard entry.job.status == .running else {
                state.entries[id] = nil
                return {}
            }
            return entry.cancel
        }
        guard let cancel else { throw ProviderError(.notFound, "there is no job \(id)") }
        cancel()
    }

    /// Calls it with the id of each job that changed.
    public func observe(_ observer: @escaping @Sendable (Int) -> Void) {
        state.withLock { $0.observer = observer }
    }

    func begin(_ operation: Operation, target: String) -> Int {
        let now = time.wall()
        return state.withLock { state in
            let id = state.next
            state.next += 1
            let job = Job(
                id: id, operation: operation, target: target, status: .running, progress: 0, error: "", modified: now)
            state.entries[id] = Entry(job: job, isListed: false, cancel: {})
            return id
        }
    }

    func onCancel(_ id: Int, _ cancel: @escaping @Sendable () -> Void) {
        state.withLock { $0.entries[id]?.cancel = cancel }
    }

    /// From now on it is shown: its caller no longer waits for it. Tells whether there was still something to show: one
    /// that ended unseen is not kept.
    func list(_ id: Int) -> Bool {
        update(id) { $0.isListed = true }
        return state.withLock { $0.entries[id] != nil }
    }

    func progress(_ id: Int, _ percent: Int) {
        update(id) { $0.job.progress = min(max(percent, 0), 100) }
    }

    func end(_ id: Int, _ error: ProviderError?) {
        update(id) { entry in
            entry.job.status = error.map { $0.code == .cancelled ? .cancelled : .failed } ?? .done
            entry.job.error = error?.description ?? ""
            if error == nil { entry.job.progress = 100 }
        }
        state.withLock { state in
            guard state.entries[id]?.isListed == true else {
                state.entries[id] = nil
                return
            }
            let ended = state.entries.values.filter { $0.isListed && $0.job.status != .running }.map(\.job.id).sorted()
            for id in ended.dropLast(Self.keptAfterEnd) { state.entries[id] = nil }
        }
    }

    private func update(_ id: Int, _ change: (inout Entry) -> Void) {
        let now = time.wall()
        let observer = state.withLock { state -> (@Sendable (Int) -> Void)? in
            guard var entry = state.entries[id] else { return nil }
            change(&entry)
            entry.job.modified = now
            state.entries[id] = entry
            return entry.isListed ? state.observer : nil
        }
        observer?(id)
    }
}
