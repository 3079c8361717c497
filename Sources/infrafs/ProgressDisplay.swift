import Glibc
import Synchronization

/// How far something is: a bar that is redrawn on a terminal, a line at each change elsewhere. It is on the standard
/// error, so that the output of a script stays clean.
final class ProgressDisplay: Sendable {
    private let title: String
    private let isTerminal: Bool
    private let start = ContinuousClock.now
    private let last = Mutex("")

    init(title: String, isTerminal: Bool = isatty(STDERR_FILENO) == 1) {
        self.title = title
        self.isTerminal = isTerminal
    }

    /// Shows a moment of it.
    func show(percent: Int?, status: String) {
        let text = Self.text(percent: percent, status: status, title: title)
        if isTerminal {
            let seconds = Int((ContinuousClock.now - start) / .seconds(1))
            let clock = "\(seconds / 60):\(String(100 + seconds % 60).dropFirst())"
            Standard.write("\r\u{1B}[K\(text)  \(clock)", to: STDERR_FILENO)
        } else if last.withLock({ last in
            defer { last = text }
            return last != text
        }) {
            Standard.error(text)
        }
    }

    /// Leaves the last moment standing.
    func close() {
        if isTerminal { Standard.write("\n", to: STDERR_FILENO) }
    }

    /// `[#####---------------]  25%  running  vm.export vms/web1`.
    static func text(percent: Int?, status: String, title: String) -> String {
        guard let percent else { return "\(status)  (waiting for \(title))" }
        let width = 20
        let filled = min(max(percent, 0), 100) * width / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        let number = String(repeating: " ", count: max(0, 3 - String(percent).count)) + "\(percent)%"
        return "[\(bar)] \(number)  \(status)  \(title)"
    }
}
