import ProviderAPI
import Synchronization

/// One ranged read under way or done. Several may wait for parts of it, each cancellable, and get them once they are there.
final class Fetch: Sendable {
    /// The bytes of the object it covers.
    var range: Range<Int> { arrivals.range }
    private let arrivals: Arrivals
    private let task: Task<Void, Never>

    /// Begins to read a range of an object into a sink.
    init(
        _ range: Range<Int>, of key: String, memory: ObjectMemory,
        read: @escaping @Sendable (any ByteSink) async -> Result<Void, ProviderError>
    ) {
        let arrivals = Arrivals(range, of: key, memory: memory)
        self.arrivals = arrivals
        // It must not hold the fetch, whose end cancels it.
        task = Task { arrivals.settle(await read(arrivals)) }
    }

    deinit { task.cancel() }

    /// A part of the range, where it is there.
    func present(_ wanted: Range<Int>) -> ArraySlice<UInt8>? { arrivals.present(wanted) }

    /// A part of the range. Throws what the read threw before it was there, and `cancelled` when the waiting task is
    /// cancelled.
    func bytes(_ wanted: Range<Int>) async throws(ProviderError) -> ArraySlice<UInt8> {
        try await arrivals.wait(upTo: wanted.upperBound)
        return arrivals.present(wanted) ?? []
    }

    /// How long it took; nil while it is under way or where it failed.
    var duration: Duration? { arrivals.duration }

    /// Whether it ended in an error.
    var hasFailed: Bool { arrivals.hasFailed }
}

/// The bytes of a range as they come, and those who wait for them.
///
/// They are kept in pieces that end at multiples of `Limits.piece` of the object, as readers ask for them: one that is
/// whole is handed out without a copy.
private final class Arrivals: ByteSink {
    private typealias Waiter = CheckedContinuation<Result<Void, ProviderError>, Never>

    private struct State {
        var pieces: [[UInt8]] = []
        /// Bytes that are there.
        var count = 0
        /// How far the attempt that runs has come: one before it may have come further.
        var position = 0
        var result: Result<Void, ProviderError>?
        var duration: Duration?
        var waiters: [UInt64: (count: Int, continuation: Waiter)] = [:]
        var nextID: UInt64 = 0
    }

    let range: Range<Int>
    private let key: String
    private let memory: ObjectMemory
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    init(_ range: Range<Int>, of key: String, memory: ObjectMemory) {
        self.range = range
        self.key = key
        self.memory = memory
    }

    deinit {
        let memory = memory
        state.withLock { memory.recycle(&$0.pieces) }
    }

    var duration: Duration? { state.withLock { $0.duration } }

    var hasFailed: Bool {
        state.withLock { state in
            if case .failure? = state.result { true } else { false }
        }
    }

    // MARK: Coming in

    func begin() { state.withLock { $0.position = 0 } }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let waiters = state.withLock { state -> [Waiter]? in
            let known = min(bytes.count, state.count - state.position)
            guard state.result == nil, bytes.count - known <= range.count - state.count else { return nil }
            append(UnsafeRawBufferPointer(rebasing: bytes[known...]), to: &state)
            state.position += bytes.count
            return Self.served(&state)
        }
        for waiter in waiters ?? [] { waiter.resume(returning: .success(())) }
        return waiters != nil
    }

    private func append(_ bytes: UnsafeRawBufferPointer, to state: inout State) {
        var rest = bytes
        while !rest.isEmpty {
            let position = range.lowerBound + state.count
            let end = min((position / Limits.piece + 1) * Limits.piece, range.upperBound)
            if state.pieces.isEmpty || position % Limits.piece == 0 {
                state.pieces.append(memory.piece(of: end - position))
            }
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(end - position))
            state.pieces[state.pieces.count - 1].append(contentsOf: part)
            state.count += part.count
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
        }
    }

    private static func served(_ state: inout State) -> [Waiter] {
        guard !state.waiters.isEmpty else { return [] }
        let count = state.count
        let served = state.waiters.filter { $0.value.count <= count }
        for id in served.keys { state.waiters[id] = nil }
        return served.values.map(\.continuation)
    }

    func settle(_ ended: Result<Void, ProviderError>) {
        let (result, waiters) = state.withLock { state in
            var result = ended
            if case .success = ended {
                state.duration = ContinuousClock.now - began
                if state.count < range.count { result = .failure(tooShort(state.count)) }
            }
            state.result = result
            defer { state.waiters = [:] }
            return (result, state.waiters)
        }
        for waiter in waiters.values { waiter.continuation.resume(returning: result) }
    }

    private func tooShort(_ count: Int) -> ProviderError {
        ProviderError(
            .malformedReply, "\(key): the store sent \(count) bytes of \(range.count) at \(range.lowerBound)")
    }

    // MARK: Going out

    func present(_ wanted: Range<Int>) -> ArraySlice<UInt8>? {
        state.withLock { state in
            guard wanted.upperBound <= range.lowerBound + state.count else { return nil }
            let first = wanted.lowerBound / Limits.piece
            let last = (wanted.upperBound - 1) / Limits.piece
            let isGrowing = (last + 1) * Limits.piece > range.lowerBound + state.count && state.result == nil
            if first == last, !isGrowing { return piece(first, wanted, in: state) }
            // A piece that others hold would be copied whole with the next bytes that come.
            var bytes: [UInt8] = []
            bytes.reserveCapacity(wanted.count)
            for index in first...last { bytes += piece(index, wanted, in: state) }
            return bytes[...]
        }
    }

    /// The part of a piece, by its number in the object, that belongs to a range.
    private func piece(_ index: Int, _ wanted: Range<Int>, in state: State) -> ArraySlice<UInt8> {
        let start = max(range.lowerBound, index * Limits.piece)
        let bytes = state.pieces[index - range.lowerBound / Limits.piece]
        let part = wanted.clamped(to: start..<start + bytes.count)
        return bytes[part.lowerBound - start..<part.upperBound - start]
    }

    func wait(upTo end: Int) async throws(ProviderError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait(id, end - range.lowerBound, $0) }
        } onCancel: {
            leave(id)
        }
        try result.get()
    }

    private static var interrupted: Result<Void, ProviderError> {
        .failure(ProviderError(.cancelled, "interrupted"))
    }

    private func wait(_ id: UInt64, _ count: Int, _ continuation: Waiter) {
        let answer = state.withLock { state -> Result<Void, ProviderError>? in
            if state.count >= count { return .success(()) }
            if let result = state.result { return result }
            if Task.isCancelled { return Self.interrupted }
            state.waiters[id] = (count, continuation)
            return nil
        }
        if let answer { continuation.resume(returning: answer) }
    }

    private func leave(_ id: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.continuation.resume(returning: Self.interrupted)
    }
}
