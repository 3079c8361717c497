import Glibc

/// Carries bytes between the standard streams and a machine's console until one side ends.
struct ConsoleLoop {
    /// Ctrl-].
    private static let escape: UInt8 = 0x1D
    private let line: SerialLine
    private let signals: Int32
    private let hasTerminal: Bool
    private var input: Int32 = STDIN_FILENO
    /// Typed and not yet taken by the machine.
    private var pending: [UInt8] = []

    /// Any byte at `signals` ends it.
    init(line: SerialLine, signals: Int32, hasTerminal: Bool) {
        self.line = line
        self.signals = signals
        self.hasTerminal = hasTerminal
    }

    /// Until the machine, the user or a signal ends it; what went wrong, if anything did.
    mutating func run() -> String? {
        while true {
            if let end = step() { return end.message }
        }
    }

    /// How it ended; without a message, well.
    private struct End {
        var message: String?
    }

    private mutating func step() -> End? {
        // poll(2) passes over a negative descriptor.
        var polled = [
            pollfd(fd: line.incoming, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pending.isEmpty ? -1 : line.outgoing, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: pending.isEmpty ? input : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&polled, nfds_t(polled.count), -1) >= 0 else {
            return errno == EINTR ? nil : End(message: Standard.words(errno))
        }
        if polled[3].revents != 0 { return End(message: "interrupted") }
        if polled[0].revents != 0, let end = receive() { return end }
        if polled[1].revents != 0, let end = send() { return end }
        return polled[2].revents != 0 ? type() : nil
    }

    private func receive() -> End? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(line.incoming, &bytes, bytes.count)
        if count == 0 { return End(message: line.failure) }
        guard count > 0 else { return isTransient ? nil : End(message: Standard.words(errno)) }
        var rest = bytes[..<count]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return End(message: Standard.words(errno)) }
            rest = rest.dropFirst(written)
        }
        return nil
    }

    private mutating func type() -> End? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(input, &bytes, bytes.count)
        if count < 0, isTransient { return nil }
        guard count > 0 else {
            input = -1
            return hasTerminal ? End() : nil
        }
        let typed = bytes[..<count]
        guard hasTerminal, let escape = typed.firstIndex(of: Self.escape) else {
            pending += typed
            return nil
        }
        pending += typed[..<escape]
        return send() ?? End()
    }

    private mutating func send() -> End? {
        guard !pending.isEmpty else { return nil }
        let count = pending.withUnsafeBytes { write(line.outgoing, $0.baseAddress, $0.count) }
        guard count >= 0 else {
            return isTransient ? nil : End(message: line.failure ?? Standard.words(errno))
        }
        pending.removeFirst(count)
        return nil
    }

    private var isTransient: Bool { errno == EINTR || errno == EAGAIN }
}
