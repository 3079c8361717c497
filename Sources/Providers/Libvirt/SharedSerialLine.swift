import ProviderAPI
import Synchronization

/// The serial lines that are open, by machine. libvirt lends one to one at a time; here all openings of a machine's
/// share it, so that one may write what another reads.
actor SerialLines {
    private var lines: [String: Task<SharedSerialLine, any Error>] = [:]

    /// Joins the line of a machine, or opens it with all who ask for it meanwhile.
    func open(_ uuid: String, _ make: @escaping @Sendable () async throws(ProviderError) -> SerialLine)
        async throws(ProviderError) -> any ByteStream
    {
        while let task = lines[uuid] {
            if let line = try? await task.value, let reader = line.join() { return reader }
            // It ended, or was never opened.
            if lines[uuid] == task { lines[uuid] = nil }
        }
        let task = Task { SharedSerialLine(try await Self.patiently(make)) }
        lines[uuid] = task
        do {
            let line = try await task.value
            // Who opened it gets all that comes.
            let reader = line.join()
            line.start()
            if let reader { return reader }
            throw ProviderError(.busy, "the serial line ended at once")
        } catch {
            if lines[uuid] == task { lines[uuid] = nil }
            throw ProviderError(wrapping: error)
        }
    }

    /// One that was just let go of is free only when libvirt has heard of it.
    private static func patiently(_ make: @Sendable () async throws(ProviderError) -> SerialLine) async throws
        -> SerialLine
    {
        for _ in 0..<5 {
            do throws(ProviderError) {
                return try await make()
            } catch {
                guard error.code == .busy else { throw error }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return try await make()
    }
}

/// One serial line with any number of readers, each of which gets all that comes while it is there.
final class SharedSerialLine: Sendable {
    /// What a reader that is too slow loses is the oldest.
    private static let limit = 256 << 10

    private struct Reader {
        var buffer: [UInt8] = []
        let signal = ReadySignal()
    }

    private struct State {
        /// Nil once it has ended.
        var line: SerialLine?
        var failure: ProviderError?
        var isStarted = false
        var readers: [Int: Reader] = [:]
        var next = 0
    }

    private let state: Mutex<State>

    init(_ line: SerialLine) {
        state = Mutex(State(line: line))
    }

    /// Begins to hand out what comes, once.
    func start() {
        let line = state.withLock { state -> SerialLine? in
            defer { state.isStarted = true }
            return state.isStarted ? nil : state.line
        }
        guard let line else { return }
        Task {
            do throws(ProviderError) {
                while true {
                    let bytes = try await line.read(upTo: 64 << 10)
                    guard !bytes.isEmpty else { break }
                    receive(bytes)
                }
                end(nil)
            } catch {
                end(error)
            }
        }
    }

    private func receive(_ bytes: [UInt8]) {
        let signals = state.withLock { state in
            for id in state.readers.keys {
                state.readers[id]?.buffer += bytes
                let excess = (state.readers[id]?.buffer.count ?? 0) - Self.limit
                if excess > 0 { state.readers[id]?.buffer.removeFirst(excess) }
            }
            return state.readers.values.map(\.signal)
        }
        for signal in signals { signal.send() }
    }

    private func end(_ failure: ProviderError?) {
        let signals = state.withLock { state in
            state.line = nil
            state.failure = failure
            return state.readers.values.map(\.signal)
        }
        for signal in signals { signal.send() }
    }

    /// A reader from now on; nil where the line has ended.
    func join() -> (any ByteStream)? {
        state.withLock { state in
            guard state.line != nil else { return nil }
            state.next += 1
            state.readers[state.next] = Reader()
            return Opening(line: self, id: state.next)
        }
    }

    private func read(_ id: Int, upTo count: Int) async throws(ProviderError) -> [UInt8] {
        while true {
            let (bytes, signal) = try take(id, upTo: count)
            if let bytes { return bytes }
            guard let signal else { return [] }
            do {
                try await signal.wait { [self] in if hasNews(id) { signal.send() } }
            } catch {
                throw ProviderError(wrapping: error)
            }
        }
    }

    /// What there is, empty at the end; or what to wait for.
    private func take(_ id: Int, upTo count: Int) throws(ProviderError) -> ([UInt8]?, ReadySignal?) {
        try state.withLock { state throws(ProviderError) in
            guard let reader = state.readers[id] else { return ([], nil) }
            guard reader.buffer.isEmpty else {
                state.readers[id]?.buffer.removeFirst(min(count, reader.buffer.count))
                return (Array(reader.buffer.prefix(count)), nil)
            }
            if let failure = state.failure { throw failure }
            return state.line == nil ? ([], nil) : (nil, reader.signal)
        }
    }

    private func hasNews(_ id: Int) -> Bool {
        state.withLock { state in
            guard let reader = state.readers[id] else { return true }
            return !reader.buffer.isEmpty || state.line == nil
        }
    }

    private func write(_ bytes: [UInt8]) async throws(ProviderError) {
        guard let line = state.withLock({ $0.line }) else {
            throw ProviderError(.busy, "the serial line has ended: the machine does not run, or libvirt was restarted")
        }
        try await line.write(bytes)
    }

    /// The line closes a moment after the last one left: what follows, as in `echo a > f; echo b > f`, joins it.
    private func leave(_ id: Int) async {
        let (isLast, signal) = state.withLock { state in
            let signal = state.readers.removeValue(forKey: id)?.signal
            return (state.readers.isEmpty, signal)
        }
        signal?.send()
        guard isLast else { return }
        Task {
            try await Task.sleep(for: .seconds(1))
            let line = state.withLock { state -> SerialLine? in
                guard state.readers.isEmpty else { return nil }
                defer { state.line = nil }
                return state.line
            }
            await line?.close()
        }
    }

    private struct Opening: ByteStream {
        let line: SharedSerialLine
        let id: Int

        func read(upTo count: Int) async throws(ProviderError) -> [UInt8] { try await line.read(id, upTo: count) }
        func write(_ bytes: [UInt8]) async throws(ProviderError) { try await line.write(bytes) }
        func close() async { await line.leave(id) }
    }
}
