import ArgumentParser
import Glibc

/// `infrafs console`.
struct ConsoleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Be the terminal on a machine's serial console.",
        discussion: """
            infrafs console lab/vms/web1

            Everything typed goes to the machine, also Ctrl-C; Ctrl-] leaves. The terminal is put back as it was however \
            the command ends. Without a terminal, the standard input is sent and the command ends when the machine's \
            output does:

              echo reboot | infrafs console lab/vms/web1
            """)

    @Argument(help: "The directory of a machine.", completion: .directory)
    var machine: String

    mutating func run() throws {
        let path = "\(machine)/.serial"
        let serial = open(path, O_RDWR | O_CLOEXEC)
        guard serial >= 0 else {
            let code = errno
            throw Failure(.noInput, "\(path): \(Standard.words(code)): \(Self.advice(code, machine))")
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.system, "cannot make a pipe: \(Standard.words(errno))") }
        let (reading, writing) = (ends[0], ends[1])
        // A signal becomes a byte in the loop's poll(2), so that the terminal is restored on the way out. It is blocked
        // before the line's threads are made, which inherit that.
        SignalWatcher([SIGINT, SIGTERM, SIGHUP, SIGQUIT]).start { number in
            Standard.write(String(UnicodeScalar(UInt8(number))), to: writing)
        }
        signal(SIGPIPE, SIG_IGN)
        let line = try SerialLine(serial)
        let terminal = RawTerminal(STDIN_FILENO)
        if terminal != nil { Standard.error("connected to \(machine); Ctrl-] leaves\r") }
        var loop = ConsoleLoop(line: line, signals: reading, hasTerminal: terminal != nil)
        let end = loop.run()
        line.finish()
        terminal?.restore()
        if let end { throw Failure(.failed, "\(machine): \(end)") }
    }

    private static func advice(_ code: Int32, _ machine: String) -> String {
        if code == ENOENT { return "name the directory of a machine, and see whether its provider has vm.serial" }
        let reason = ExtendedAttribute.read("user.infrafs.error", of: machine)
        return reason.flatMap { $0.isEmpty ? nil : $0 } ?? "'infrafs why \(machine)' may tell more"
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
