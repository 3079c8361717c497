import Foundation
import Testing

@testable import infrafs

/// A machine whose serial line is the one end of a pseudo-terminal; python3 is on every machine that runs these tests.
@Suite("console")
struct ConsoleTests {
    let scratch = try? Scratch()

    /// Runs the command with a terminal as its streams, types into it, and prints what came back, how the command ended
    /// and whether the terminal is as it was.
    private static let terminal = """
        import os, pty, sys, termios, time, select, signal, tty
        program, action = sys.argv[1], sys.argv[2]
        machine, line = pty.openpty()
        tty.setraw(line)
        os.mkdir("web1"); os.symlink(os.ttyname(line), "web1/.serial")
        master, slave = pty.openpty()
        before = termios.tcgetattr(slave)
        child = os.fork()
        if child == 0:
            os.setsid()
            for fd in (0, 1, 2): os.dup2(slave, fd)
            os.execv(program, [program, "console", "web1"])
        def read(fd, wanted):
            data = b""
            while wanted not in data:
                if not select.select([fd], [], [], 10)[0]: break
                data += os.read(fd, 4096)
            return data
        read(master, b"leaves")
        raw = termios.tcgetattr(slave)[3] & termios.ICANON == 0
        os.write(master, b"ls\\x03\\r")
        typed = read(machine, b"\\r")
        os.write(machine, b"hello from web1\\n")
        shown = read(master, b"web1\\n")
        if action == "escape": os.write(master, b"bye\\x1d")
        else: os.kill(child, signal.SIGTERM)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        rest = os.read(machine, 4096) if select.select([machine], [], [], 0.1)[0] else b""
        print(raw, typed, b"hello from web1" in shown, rest, status, termios.tcgetattr(slave) == before)
        """

    @Test(
        "Bytes go both ways, Ctrl-] leaves, and the terminal is put back; by a signal too",
        arguments: [
            ("escape", "True b'ls\\x03\\r' True b'bye' 0 True\n"), ("signal", "True b'ls\\x03\\r' True b'' 1 True\n"),
        ])
    func terminal(action: String, result: String) throws {
        let scratch = try #require(scratch)
        let script = try scratch.write("terminal.py", Self.terminal)
        let outcome = try scratch.run(["python3", script, try Repository.program, action])
        #expect(outcome.output == result, "\(outcome.error)")
    }

    @Test("Without a terminal the input is sent, and the command ends when the machine's output does")
    func pipes() throws {
        let scratch = try #require(scratch)
        let line = """
            import os, pty, subprocess, sys, tty
            machine, line = pty.openpty()
            tty.setraw(line)
            os.mkdir("web1"); os.symlink(os.ttyname(line), "web1/.serial")
            child = subprocess.Popen(
                [sys.argv[1], "console", "web1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            child.stdin.write(b"reboot\\n"); child.stdin.close()
            typed = os.read(machine, 4096)
            os.write(machine, b"going down\\n")
            shown = child.stdout.readline()
            os.close(line); os.close(machine)
            print(typed, shown, child.wait(10))
            """
        let script = try scratch.write("pipes.py", line)
        let outcome = try scratch.run(["timeout", "20", "python3", script, try Repository.program])
        #expect(outcome.output.hasPrefix("b'reboot\\n' b'going down\\n' "), "\(outcome.output) \(outcome.error)")
    }

    @Test("A machine that is not there, or has no serial line")
    func missing() throws {
        let outcome = try #require(scratch).infrafs("console", "vms/none")
        #expect(
            outcome.status == 66 && outcome.error.hasPrefix("infrafs: vms/none/.serial: No such file or directory: "))
    }
}
