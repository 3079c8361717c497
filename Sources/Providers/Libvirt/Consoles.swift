import LibvirtKit
import ProviderAPI
import Synchronization
import XMLKit

/// The screens and serial lines of machines.
struct Consoles: ConsoleService {
    let session: Session
    let machines: MachineCache
    let lines: SerialLines

    func console(of id: VirtualMachine.ID) async throws(ProviderError) -> String {
        let subject = machines.subject(id)
        return try await session.run(subject) { connection in
            let domain = try connection.domain(uuid: id.rawValue)
            guard try domain.isActive() else { throw ProviderError(.busy, "\(subject): it is not running") }
            guard let screen = DomainDetail(try domain.document()).screen else {
                throw ProviderError(.unsupported, "\(subject): it has no VNC or SPICE screen")
            }
            return screen.address(remote: session.remoteHost)
        }
    }

    func serial(of id: VirtualMachine.ID) async throws(ProviderError) -> any ByteStream {
        try await lines.open(id.rawValue) { () async throws(ProviderError) in try await line(of: id) }
    }

    private func line(of id: VirtualMachine.ID) async throws(ProviderError) -> SerialLine {
        let subject = machines.subject(id)
        return try await session.run(subject) { [session] _ in
            // A line may stay open for hours: it has a connection of its own.
            let connection = try Connection(uri: session.uri)
            let domain = try connection.domain(uuid: id.rawValue)
            guard try domain.isActive() else { throw ProviderError(.busy, "\(subject): it is not running") }
            guard try !XMLElement(parsing: try domain.xml()).all("devices/console").isEmpty else {
                throw ProviderError(.unsupported, "\(subject): it has no serial line")
            }
            let signal = ReadySignal()
            let stream: ConsoleStream
            do {
                stream = try ConsoleStream(domain, on: connection) { signal.send() }
            } catch let error as LibvirtError where error.code == .operationFailed {
                // The one failure of a line that is there: libvirt lends it to one at a time.
                throw ProviderError(
                    .busy, "\(subject): somebody has its serial line already", cause: error.message)
            }
            return SerialLine(subject: subject, session: session, stream: stream, signal: signal)
        }
    }
}

/// Wakes all who wait for a stream to become readable or writable.
final class ReadySignal: Sendable {
    private struct State {
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Wakes everybody.
    func send() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for the next signal; `arm` runs once nothing can be missed any more.
    func wait(_ arm: @Sendable () throws -> Void) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.waiters[id] = continuation }
                do {
                    try arm()
                    if Task.isCancelled { throw CancellationError() }
                } catch {
                    take(id)?.resume(throwing: error)
                }
            }
        } onCancel: {
            take(id)?.resume(throwing: CancellationError())
        }
    }

    private func take(_ id: Int) -> CheckedContinuation<Void, any Error>? {
        state.withLock { $0.waiters.removeValue(forKey: id) }
    }
}

/// The serial line of one machine.
final class SerialLine: ByteStream {
    private struct Watch {
        var readers = 0
        var writers = 0
    }

    private let subject: String
    private let session: Session
    private let stream: ConsoleStream
    private let signal: ReadySignal
    private let watch = Mutex(Watch())

    init(subject: String, session: Session, stream: ConsoleStream, signal: ReadySignal) {
        self.subject = subject
        self.session = session
        self.stream = stream
        self.signal = signal
    }

    func read(upTo count: Int) async throws(ProviderError) -> [UInt8] {
        while true {
            switch try attempt({ () throws(LibvirtError) in try stream.receive(upTo: count) }) {
            case .bytes(let bytes): return bytes
            case .end: return []
            case .wait: try await wait(\.readers)
            }
        }
    }

    func write(_ bytes: [UInt8]) async throws(ProviderError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest
            let sent = try attempt { () throws(LibvirtError) in try stream.send(part) }
            rest = rest.dropFirst(sent)
            if sent == 0 { try await wait(\.writers) }
        }
    }

    func close() async {
        // Ending a stream waits for libvirt; whoever reads sees the end.
        let stream = stream
        _ = try? await session.run(subject) { _ in stream.close() }
        signal.send()
    }

    private func attempt<Answer>(_ call: () throws(LibvirtError) -> Answer) throws(ProviderError) -> Answer {
        do {
            return try call()
        } catch {
            throw ProviderError(error, on: subject)
        }
    }

    private func wait(_ side: any WritableKeyPath<Watch, Int> & Sendable) async throws(ProviderError) {
        defer {
            watch.withLock { $0[keyPath: side] -= 1 }
        }
        watch.withLock { $0[keyPath: side] += 1 }
        guard stream.isAlive else {
            throw ProviderError(.unreachable, "\(subject): the connection to libvirt was lost")
        }
        // libvirt wakes nobody when the connection is lost.
        let pulse = Task { [signal] in
            while true {
                try await Task.sleep(for: .seconds(2))
                signal.send()
            }
        }
        defer { pulse.cancel() }
        do {
            try await signal.wait { [self] in
                try watch.withLock { try stream.watch(readable: $0.readers > 0, writable: $0.writers > 0) }
            }
        } catch let error as LibvirtError {
            throw ProviderError(error, on: subject)
        } catch {
            throw ProviderError(wrapping: error)
        }
        // Nobody waits any more, or whoever still does watches again.
        _ = try? stream.watch(readable: false, writable: false)
    }
}
