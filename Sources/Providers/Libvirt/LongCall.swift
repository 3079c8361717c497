import LibvirtKit
import ProviderAPI
import Synchronization

/// Whether the caller of something long has left. What runs looks, and takes back what it made.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .acquiring) }

    func cancel() { flag.store(true, ordering: .releasing) }

    func check() throws(ProviderError) {
        guard isCancelled else { return }
        throw ProviderError(.cancelled, "interrupted")
    }
}

/// How far a long call has come: a share of all, by what a volume that is being made takes on the host.
final class CopyProgress: Sendable {
    private struct State {
        var total = 0
        var done = 0
        /// The volume that is being made: its pool, its name and what it will take.
        var current: (pool: String, name: String, bytes: Int)?
    }

    private let state = Mutex(State())

    func begin(total: Int) {
        state.withLock { $0.total = max(total, 1) }
    }

    func begin(_ name: String, in pool: String, bytes: Int) {
        state.withLock { $0.current = (pool, name, bytes) }
    }

    func finished() {
        state.withLock { state in
            state.done += state.current?.bytes ?? 0
            state.current = nil
        }
    }

    /// 0 to 99; asks how large the volume under way has become.
    func percent(on connection: Connection) throws -> Int {
        let (total, done, current) = state.withLock { ($0.total, $0.done, $0.current) }
        guard total > 0 else { return 0 }
        var bytes = done
        if let current {
            let allocation = try unless(.noStorageVolume, .noStoragePool, .operationInvalid) {
                try connection.pool(named: current.pool).volume(named: current.name).allocation()
            }
            bytes += min(allocation ?? 0, current.bytes)
        }
        return min(99, bytes * 100 / total)
    }
}

extension Session {
    /// Makes calls that may take hours, on a thread and a connection of their own. Where the caller leaves, the body is
    /// told, and undoes what it did when it next looks; its progress is told meanwhile.
    func long<Answer: Sendable>(
        _ subject: String, _ job: any JobReporter,
        _ body: @escaping @Sendable (Connection, Cancellation, CopyProgress) throws -> Answer
    ) async throws(ProviderError) -> Answer {
        _ = try await connection()
        let cancellation = Cancellation()
        let progress = CopyProgress()
        let watch = Task { [weak self] in
            while !Task.isCancelled {
                try await Task.sleep(for: .milliseconds(500))
                self?.debts.touch()
                guard let percent = try await self?.run(subject, { try progress.percent(on: $0) }) else { return }
                job.progress(percent)
            }
        }
        defer { watch.cancel() }
        let lane = CallQueue(label: "libvirt.long", width: 1)
        return try await withCancelling(cancellation) { () async throws(ProviderError) -> Answer in
            try await self.run(subject, on: lane, { [self] _ in try another() }) { connection in
                try body(connection, cancellation, progress)
            }
        }
    }

    private func withCancelling<Answer: Sendable>(
        _ cancellation: Cancellation, _ body: @Sendable () async throws(ProviderError) -> Answer
    ) async throws(ProviderError) -> Answer {
        let outcome: Result<Answer, ProviderError> = await withTaskCancellationHandler {
            do throws(ProviderError) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try outcome.get()
    }
}
