import ProviderAPI
import Synchronization

/// The serial line of a running machine: a login prompt and a small shell behind it.
final class SerialLine: ByteStream {
    private struct State {
        var output: [UInt8] = []
        var input: [UInt8] = []
        var user: String?
        var ended = false
    }

    private let name: String
    private let facts: VirtualMachine
    private let powerOff: @Sendable () -> String?
    private let state = Mutex(State())
    private let room = WaitingRoom()

    /// `powerOff` asks the machine to shut down and returns why it cannot.
    init(_ facts: VirtualMachine, powerOff: @escaping @Sendable () -> String?) {
        self.facts = facts
        self.powerOff = powerOff
        name = facts.name
        say(Self.banner(of: facts))
    }

    func read(upTo count: Int) async throws(ProviderError) -> [UInt8] {
        while true {
            try Cloud.checkCancellation()
            let bytes: [UInt8]? = state.withLock { state in
                guard state.output.isEmpty else {
                    let part = Array(state.output.prefix(max(1, count)))
                    state.output.removeFirst(part.count)
                    return part
                }
                return state.ended ? [] : nil
            }
            if let bytes { return bytes }
            await room.wait { self.state.withLock { $0.output.isEmpty && !$0.ended } }
        }
    }

    func write(_ bytes: [UInt8]) async throws(ProviderError) {
        guard !state.withLock({ $0.ended }) else {
            throw ProviderError(.busy, "\(name) does not run any more: open its console when it does")
        }
        for byte in bytes { accept(byte) }
    }

    func close() async {
        end()
    }

    /// The machine stopped: what was said can still be read.
    func end() {
        state.withLock { $0.ended = true }
        room.release()
    }

    /// Echoes as a terminal line does and carries out what a line ends.
    private func accept(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            say("\r\n")
            let line = state.withLock { state in
                defer { state.input = [] }
                return String(decoding: state.input, as: UTF8.self)
            }
            answer(line)
        case 8, 127:
            if state.withLock({ $0.input.popLast() }) != nil { say("\u{8} \u{8}") }
        default:
            let isKept = state.withLock { state in
                guard state.input.count < 4096 else { return false }
                state.input.append(byte)
                return true
            }
            if isKept { say([byte]) }
        }
    }

    private func answer(_ line: String) {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let user = state.withLock({ $0.user }) else {
            if let user = words.first { state.withLock { $0.user = user } }
            return prompt()
        }
        switch words.first {
        case nil: break
        case "hostname": say("\(name)\r\n")
        case "whoami": say("\(user)\r\n")
        case "echo": say(words.dropFirst().joined(separator: " ") + "\r\n")
        case "uname": say("Linux \(name) 6.8.0-fake x86_64 GNU/Linux\r\n")
        case "nproc": say("\(facts.cpus ?? 1)\r\n")
        case "exit", "logout": state.withLock { $0.user = nil }
        case "poweroff": say(powerOff().map { $0 + "\r\n" } ?? "The system will power off now!\r\n")
        case .some(let word): say("\(word): command not found\r\n")
        }
        prompt()
    }

    private func prompt() {
        let user = state.withLock { $0.user }
        say(user.map { "\($0)@\(name):~$ " } ?? "\(name) login: ")
    }

    private func say(_ text: String) {
        say(Array(text.utf8))
    }

    private func say(_ bytes: [UInt8]) {
        state.withLock { $0.output += bytes }
        room.release()
    }

    private static func banner(of facts: VirtualMachine) -> String {
        let arguments = facts.metadata["cmdline"] ?? "root=/dev/vda1 ro console=ttyS0"
        return """
            [    0.000000] Linux version 6.8.0-fake (\(facts.image ?? "no image"))\r
            [    0.000000] Command line: \(arguments)\r
            [    0.004000] smpboot: \(facts.cpus ?? 1) CPUs, \(facts.memory ?? 0) MiB\r
            \r
            \(facts.name) login: 
            """
    }
}

/// The serial lines that are open.
final class SerialLines: Sendable {
    private struct Entry {
        weak var line: SerialLine?
    }

    private let entries = Mutex<[String: [Entry]]>([:])

    func open(_ facts: VirtualMachine, powerOff: @escaping @Sendable () -> String?) -> SerialLine {
        let line = SerialLine(facts, powerOff: powerOff)
        entries.withLock { entries in
            var open = (entries[facts.id.rawValue] ?? []).filter { $0.line != nil }
            open.append(Entry(line: line))
            entries[facts.id.rawValue] = open
        }
        return line
    }

    /// Ends the lines of a machine that stopped.
    func end(_ id: String) {
        let lines = entries.withLock { $0.removeValue(forKey: id) } ?? []
        for entry in lines { entry.line?.end() }
    }

    func close() {
        let all = entries.withLock { entries in
            defer { entries = [:] }
            return entries.values.flatMap { $0 }
        }
        for entry in all { entry.line?.end() }
    }
}
