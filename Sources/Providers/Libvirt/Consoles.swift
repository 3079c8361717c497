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
            return SerialLine(subject: subject, stream: stream, signal: signal)
        }
    }
}

/// The serial line of one machine.
final class SerialLine: ByteStream {
    private struct Watch {
        var readers = 0
        var writers = 0
    }

    private let subject: String
    private let stream: ConsoleStream
    private let signal: ReadySignal
    private let watch = Mutex(Watch())
    /// A write waits for the host, which takes no more than its guest does; the line may be ended meanwhile.
    private let writing = CallQueue(label: "libvirt.serial.write", width: 1)
    private let closing = CallQueue(label: "libvirt.serial.close", width: 1)
    /// Bytes that are sent at a time: while the host holds one message that the guest does not take it reads no others,
    /// keepalive's among them.
    private static let piece = 512

    init(subject: String, stream: ConsoleStream, signal: ReadySignal) {
        self.subject = subject
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
            rest = rest.dropFirst(try await send(rest))
            if !rest.isEmpty { try await wait(\.writers) }
        }
    }

    /// Sends what there is room for, in one go: what others write comes before it or after.
    private func send(_ bytes: ArraySlice<UInt8>) async throws(ProviderError) -> Int {
        let cancellation = Cancellation()
        do {
            return try await withTaskCancellationHandler {
                try await writing.run { [stream] _ in
                    var sent = 0
                    while sent < bytes.count {
                        try cancellation.check()
                        let count = try stream.send(bytes.dropFirst(sent).prefix(Self.piece))
                        guard count > 0 else { break }
                        sent += count
                    }
                    return sent
                }
            } onCancel: {
                cancellation.cancel()
            }
        } catch let error as LibvirtError where !stream.isAlive {
            throw ProviderError(
                .unreachable,
                "\(subject): the serial line was lost: libvirt has ended, or the machine takes nothing that is sent",
                cause: error.message)
        } catch let error as LibvirtError {
            throw ProviderError(error, on: subject)
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    func close() async {
        // Ending a stream waits for libvirt; whoever reads sees the end.
        _ = try? await closing.run { [stream] _ in stream.close() }
        signal.send()
    }

    private func attempt<Answer>(_ call: () throws(LibvirtError) -> Answer) throws(ProviderError) -> Answer {
        do {
            return try call()
        } catch {
            guard stream.isAlive else {
                throw ProviderError(
                    .unreachable, "\(subject): the connection to libvirt was lost", cause: error.message)
            }
            throw ProviderError(error, on: subject)
        }
    }

    private func wait(_ side: any WritableKeyPath<Watch, Int> & Sendable) async throws(ProviderError) {
        // Whoever still waits goes on being watched for, and libvirt is not asked for what nobody waits for.
        defer {
            watch.withLock { watch in
                watch[keyPath: side] -= 1
                _ = try? stream.watch(readable: watch.readers > 0, writable: watch.writers > 0)
            }
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
    }
}
