import LibvirtKit
import ProviderAPI
import ProviderKit
import Synchronization
import XMLKit

/// One host's connection over time: opened by the first call, watched, opened again after it was lost, with growing
/// pauses while the host stays away. While nobody answers, calls fail at once instead of piling up.
final class Session: Sendable {
    struct State {
        var connection: Connection?
        /// Those of the lanes other than the first.
        var others: [Int: Connection] = [:]
        /// Those of the lanes that move bulk content.
        var bulk: [Int: Connection] = [:]
        var attempt: Attempt?
        /// Counts connections: a late word about an old one must not touch the new one.
        var generation = 0
        var failures = 0
        var lastError: ProviderError?
        var retryTime = ContinuousClock.now
        /// nil before the first attempt has ended.
        var isUp: Bool?
        var isClosed = false
        var isReconnecting = false
        var isPaying = false
    }

    let uri: String
    let driver: Driver
    /// The host that libvirt runs on, where that is not this one.
    let remoteHost: String?
    let state = Mutex(State())
    let subscribers = EventSubscribers()
    /// What blocking calls wait for.
    let signals = DomainSignals()
    let debts: Debts
    /// Told of every event before the subscribers are.
    let onEvent: @Sendable (ConnectionEvent) -> Void
    /// Each lane has a connection of its own, for one call at a time: where several threads wait on one, libvirt before
    /// 10.3 may use what was on the stack of another (CVE-2024-4418), and where keepalive gives it up, wakes only the first.
    let calls = CallQueue(label: "libvirt.call", width: Session.lanes)
    /// How many calls are under way at most.
    static let lanes = 4
    /// For bulk content, so that no call waits behind it.
    let transfers = CallQueue(label: "libvirt.transfer", width: 3)
    private let opening = CallQueue(label: "libvirt.open", width: 1)
    /// How long callers wait for an attempt to connect.
    private let patience: Duration

    /// `unfinished` is the directory where it is written down what operations would leave, for one that is killed meanwhile.
    init(
        uri: String, unfinished: String? = nil, patience: Duration = .seconds(8),
        onEvent: @escaping @Sendable (ConnectionEvent) -> Void
    ) {
        self.uri = uri
        debts = Debts(uri: uri, unfinished: unfinished)
        self.patience = patience
        self.onEvent = onEvent
        driver = Driver(uri: uri)
        remoteHost = ConnectionURI.remoteHost(of: uri)
    }

    /// Makes blocking calls on a thread kept for them. `subject` names what it is about, for the error.
    func run<Answer: Sendable>(
        _ subject: String, _ body: @escaping @Sendable (Connection) throws -> Answer
    ) async throws(ProviderError) -> Answer {
        let first = try await connection()
        return try await run(subject, on: calls, { [self] lane in try connection(of: lane, first) }, body)
    }

    /// Moves bulk content, on threads and connections kept for that.
    func transfer<Answer: Sendable>(
        _ subject: String, _ body: @escaping @Sendable (Connection) throws -> Answer
    ) async throws(ProviderError) -> Answer {
        // While nobody answers it fails at once, as a call does.
        _ = try await connection()
        return try await run(subject, on: transfers, { [self] lane in try connection(of: lane, in: \.bulk) }, body)
    }

    /// Makes blocking calls on a queue, with the connection of the lane that they come to.
    func run<Answer: Sendable>(
        _ subject: String, on queue: CallQueue, _ connection: @escaping @Sendable (_ lane: Int) throws -> Connection,
        _ body: @escaping @Sendable (Connection) throws -> Answer
    ) async throws(ProviderError) -> Answer {
        do {
            return try await queue.run { [self] lane in
                let connection = try connection(lane)
                defer { debts.settle(connection) }
                do {
                    return try body(connection)
                } catch let error as LibvirtError {
                    keepPaying()
                    throw translate(error, subject, connection)
                }
            }
        } catch let error as ProviderError {
            throw error
        } catch let error as XMLError {
            throw ProviderError(.malformedReply, "\(subject): libvirt sent malformed XML", cause: "\(error)")
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    /// The first lane has the connection with the events, which keepalive watches; so there is always one that comes
    /// free. The others open theirs when they are needed.
    private func connection(of lane: Int, _ first: Connection) throws -> Connection {
        guard lane > 0 else { return first }
        return try connection(of: lane, in: \.others)
    }

    private func connection(of lane: Int, in lanes: any WritableKeyPath<State, [Int: Connection]> & Sendable) throws
        -> Connection
    {
        let (known, generation) = state.withLock { ($0[keyPath: lanes][lane], $0.generation) }
        if let known, known.isAlive { return known }
        let connection = try another()
        state.withLock { state in
            if state.generation == generation, !state.isClosed { state[keyPath: lanes][lane] = connection }
        }
        return connection
    }

    /// A connection of its own for something that lasts. Blocks.
    func another() throws(ProviderError) -> Connection {
        do throws(LibvirtError) {
            return try Connection(uri: uri)
        } catch {
            throw ProviderError(connecting: error, to: uri)
        }
    }

    private func translate(_ error: LibvirtError, _ subject: String, _ connection: Connection) -> ProviderError {
        guard connection.isAlive else {
            lost(connection, reason: error.message)
            let owed = debts.subjects
            let rest = owed.isEmpty ? "" : "; later this is put right: \(owed.joined(separator: ", "))"
            return ProviderError(
                .unreachable, "\(subject): the connection to \(uri) was lost\(rest)", cause: error.message)
        }
        return ProviderError(error, on: subject)
    }

    private enum Entry {
        case open(Connection)
        case dead(Connection)
        case waiting(Attempt)
        case failed(ProviderError)
    }

    /// The connection; opened where there is none, together with everybody else who asks for it meanwhile.
    func connection() async throws(ProviderError) -> Connection {
        while true {
            switch state.withLock({ enter(&$0) }) {
            case .open(let connection): return connection
            case .dead(let connection): lost(connection, reason: "the connection was lost")
            case .waiting(let attempt): return try await attempt.value()
            case .failed(let error): throw error
            }
        }
    }

    private func enter(_ state: inout State) -> Entry {
        if state.isClosed { return .failed(ProviderError(.unreachable, "\(uri): the mount is closing")) }
        if let connection = state.connection { return connection.isAlive ? .open(connection) : .dead(connection) }
        if let attempt = state.attempt { return .waiting(attempt) }
        if let error = state.lastError, ContinuousClock.now < state.retryTime { return .failed(error) }
        let attempt = Attempt()
        state.attempt = attempt
        open(attempt)
        return .waiting(attempt)
    }

    private func open(_ attempt: Attempt) {
        Task { [weak self, uri, opening, patience] in
            let deadline = Task { [weak self] in
                try await Task.sleep(for: patience)
                let error = ProviderError(.unreachable, "libvirt at \(uri) did not answer within \(patience)")
                attempt.finish(.failure(error))
                self?.down(error)
            }
            let outcome: Attempt.Outcome
            do {
                outcome = .success(try await opening.run { _ in try Connection(uri: uri) })
            } catch let error as LibvirtError {
                outcome = .failure(ProviderError(connecting: error, to: uri))
            } catch {
                outcome = .failure(ProviderError(wrapping: error))
            }
            deadline.cancel()
            attempt.finish(await self?.adopt(outcome) ?? outcome)
        }
    }

    /// Takes a finished attempt's outcome over: the connection and its events, or the pause before the next attempt.
    private func adopt(_ outcome: Attempt.Outcome) async -> Attempt.Outcome {
        switch outcome {
        case .failure(let error):
            failed(error)
            return outcome
        case .success(let connection):
            let generation = state.withLock { state in
                state.generation += 1
                return state.generation
            }
            do {
                let handler: @Sendable (ConnectionEvent) -> Void = { [weak self] event in
                    self?.receive(event, generation)
                }
                // Registering takes a call for each kind of event.
                try await opening.run { _ in try connection.observe(handler) }
                // Before anybody begins the same again.
                await payDebts { [debts, opening] in try await opening.run { _ in debts.pay(on: connection) } }
            } catch {
                let failure =
                    (error as? LibvirtError).map { ProviderError(connecting: $0, to: uri) }
                    ?? ProviderError(wrapping: error)
                failed(failure)
                return .failure(failure)
            }
            succeeded(connection)
            return outcome
        }
    }

    private func succeeded(_ connection: Connection) {
        let wasDown = state.withLock { state in
            state.connection = state.isClosed ? nil : connection
            state.attempt = nil
            state.failures = 0
            state.lastError = nil
            defer { state.isUp = true }
            return state.isUp == false
        }
        if wasDown { send(ProviderEvent(.reconnected, detail: "connected to \(uri)")) }
        keepPaying()
    }

    /// Puts right what failed operations left behind, and tells of what stays.
    private func payDebts(_ pay: () async throws -> [(subject: String, reason: String)]) async {
        guard !debts.isEmpty else { return }
        for (subject, reason) in (try? await pay()) ?? [] {
            send(ProviderEvent(.collection(.vms), detail: "\(subject) was left behind: \(reason)"))
        }
    }

    /// Goes on while something is owed and this connection lasts.
    private func keepPaying() {
        let connection = state.withLock { state -> Connection? in
            guard !state.isPaying, !debts.isEmpty, let connection = state.connection else { return nil }
            state.isPaying = true
            return connection
        }
        guard let connection else { return }
        Task { [weak self] in
            while await self?.goesOnPaying(on: connection) == true {}
            self?.state.withLock { $0.isPaying = false }
            self?.keepPaying()
        }
    }

    private func goesOnPaying(on connection: Connection) async -> Bool {
        guard !debts.isEmpty, state.withLock({ $0.connection === connection }) else { return false }
        try? await Task.sleep(for: .seconds(3))
        await payDebts { [self] in
            try await calls.run { [self] lane in self.debts.pay(on: try self.connection(of: lane, connection)) }
        }
        return true
    }

    private func failed(_ error: ProviderError) {
        state.withLock { state in
            state.attempt = nil
            state.retryTime = .now + Self.pause(after: state.failures)
            state.failures += 1
        }
        down(error)
        reconnect()
    }

    /// Nobody answers; said once until somebody does.
    private func down(_ error: ProviderError) {
        let wasDown = state.withLock { state in
            state.lastError = error
            defer { state.isUp = false }
            return state.isUp == false
        }
        if !wasDown { send(ProviderEvent(.disconnected(reason: error.description))) }
    }

    /// A quarter of a second, doubled with every failure, ten seconds at most.
    static func pause(after failures: Int) -> Duration {
        .milliseconds(min(250 << min(failures, 6), 10_000))
    }

    /// Ends the session: its connection is let go of, its subscribers' streams end.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.connection = nil
            state.others = [:]
            state.bulk = [:]
        }
        subscribers.finish()
    }
}
