import Dispatch
import Glibc
import Synchronization

/// A machine's serial console as two pipes, each filled or emptied by a thread of its own: a read or a write of the
/// mount may wait for the platform, and the terminal must stay able to leave meanwhile.
final class SerialLine: Sendable {
    /// What the machine prints; at its end the line is gone.
    let incoming: Int32
    /// What is typed.
    let outgoing: Int32
    private let fault = Mutex<String?>(nil)
    private let flushed = DispatchSemaphore(value: 0)

    /// Takes over an open `.serial`.
    init(_ serial: Int32) throws(Failure) {
        let (printed, typed) = (try Self.pipe(), try Self.pipe())
        incoming = printed.reading
        outgoing = typed.writing
        _ = fcntl(outgoing, F_SETFL, O_NONBLOCK)
        Thread.start(name: "output") { [self] in
            carry(from: serial, to: printed.writing)
            close(printed.writing)
        }
        Thread.start(name: "input") { [self] in
            carry(from: typed.reading, to: serial)
            flushed.signal()
        }
    }

    /// What went wrong, if anything did.
    var failure: String? { fault.withLock { $0 } }

    /// Ends the input and gives what was typed a second to arrive.
    func finish() {
        close(outgoing)
        _ = flushed.wait(timeout: .now() + .seconds(1))
    }

    private func carry(from source: Int32, to sink: Int32) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(source, &bytes, bytes.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { return note(errno) }
            guard count > 0 else { return }
            var rest = bytes[..<count]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(sink, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR || errno == EAGAIN { continue }
                guard written > 0 else { return note(errno) }
                rest = rest.dropFirst(written)
            }
        }
    }

    private func note(_ code: Int32) {
        fault.withLock { $0 = $0 ?? Standard.words(code) }
    }

    private static func pipe() throws(Failure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw Failure(.system, "cannot make a pipe: \(Standard.words(errno))")
        }
        return (ends[0], ends[1])
    }
}
