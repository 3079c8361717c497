import ArgumentParser
import Glibc

/// `infrafs console`.
struct ConsoleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Be the terminal on a machine's serial console.",
        discussion: """
            infrafs console lab/vms/web1

            Everything typed goes to the machine, also Ctrl-C; Ctrl-] leaves. The terminal is put back as it was however
            the command ends. Without a terminal, the standard input is sent and the command ends when the machine's
            output does:

              echo reboot | infrafs console lab/vms/web1
            """)

    @Argument(help: "The directory of a machine.", completion: .directory)
    var machine: String

    mutating func run() throws {
        let path = "\(machine)/.serial"
        let serial = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard serial >= 0 else {
            let code = errno
            let hint =
                code == ENOENT ? "name the directory of a machine, and see whether its provider has vm.serial" : ""
            throw Failure(.noInput, "\(path): \(Standard.words(code))\(hint.isEmpty ? "" : ": \(hint)")")
        }
        defer { close(serial) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.system, "cannot make a pipe: \(Standard.words(errno))") }
        let (reading, writing) = (ends[0], ends[1])
        // A signal becomes a byte in the loop's poll(2), so that the terminal is restored on the way out.
        SignalWatcher([SIGINT, SIGTERM, SIGHUP, SIGQUIT]).start { number in
            Standard.write(String(UnicodeScalar(UInt8(number))), to: writing)
        }
        let terminal = RawTerminal(STDIN_FILENO)
        if terminal != nil { Standard.error("connected to \(machine); Ctrl-] leaves\r") }
        let end = ConsoleLoop(serial: serial, signals: reading, hasTerminal: terminal != nil).run()
        terminal?.restore()
        if let message = end { throw Failure(.failed, "\(machine): \(message)") }
    }
}

/// A terminal in raw mode, termios(3), and how it was before.
struct RawTerminal {
    private let descriptor: Int32
    private let before: termios

    /// Nil where it is no terminal.
    init?(_ descriptor: Int32) {
        var settings = termios()
        guard isatty(descriptor) == 1, tcgetattr(descriptor, &settings) == 0 else { return nil }
        self.descriptor = descriptor
        before = settings
        cfmakeraw(&settings)
        tcsetattr(descriptor, TCSADRAIN, &settings)
    }

    /// Puts it back as it was.
    func restore() {
        var settings = before
        tcsetattr(descriptor, TCSADRAIN, &settings)
        Standard.error("")
    }
}

/// Carries bytes between the standard streams and a console until one side ends.
struct ConsoleLoop {
    private static let escape: UInt8 = 0x1D
    private let serial: Int32
    private let signals: Int32
    private let hasTerminal: Bool
    private var input: Int32 = STDIN_FILENO
    /// Typed and not yet taken by the machine.
    private var pending: [UInt8] = []

    init(serial: Int32, signals: Int32, hasTerminal: Bool) {
        self.serial = serial
        self.signals = signals
        self.hasTerminal = hasTerminal
    }

    /// Until the machine, the user or a signal ends it; what went wrong, if anything did.
    func run() -> String? {
        var loop = self
        while true {
            if let end = loop.step() { return end.message }
        }
    }

    /// How it ended; without a message, well.
    private struct End {
        var message: String?
    }

    private mutating func step() -> End? {
        // poll(2) passes over a negative descriptor.
        let wanted = pending.isEmpty ? POLLIN : POLLIN | POLLOUT
        var polled = [
            pollfd(fd: serial, events: Int16(wanted), revents: 0),
            pollfd(fd: pending.isEmpty ? input : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&polled, 3, -1) >= 0 else { return errno == EINTR ? nil : End(message: Standard.words(errno)) }
        if polled[2].revents != 0 { return End(message: "interrupted") }
        if polled[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, let end = receive() { return end }
        if polled[1].revents != 0, let end = type() { return end }
        return pending.isEmpty ? nil : send()
    }

    private func receive() -> End? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(serial, &bytes, bytes.count)
        if count == 0 { return End() }
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
        let count = pending.withUnsafeBytes { write(serial, $0.baseAddress, $0.count) }
        guard count >= 0 else { return isTransient ? nil : End(message: Standard.words(errno)) }
        pending.removeFirst(count)
        return nil
    }

    private var isTransient: Bool { errno == EINTR || errno == EAGAIN }
}
