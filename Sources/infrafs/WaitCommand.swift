import ArgumentParser
import Glibc
import Settings
import Synchronization

/// `infrafs wait`.
struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait for a job to end, or for a machine to reach a state.",
        usage: """
            infrafs wait PROVIDER/jobs/ID [--timeout 5m]
            infrafs wait PROVIDER/vms/NAME STATE [--timeout 5m]
            """,
        discussion: """
            On a terminal a bar shows how far it is; elsewhere a line is printed at each change.

              infrafs wait lab/jobs/3
              infrafs wait lab/vms/web1 up --timeout 90s && ssh "$(cat lab/vms/web1/ip)"
              infrafs wait lab/vms/web1/.wait/down

            Exits with 0 when the job is done or the state is reached, 1 when the job failed or was cancelled or the \
            state cannot be reached, 66 when there is no such path, 124 when the time is over.
            """)

    @Option(help: ArgumentHelp("How long to wait: 30s, 5m, 1h; for ever where it is not given.", valueName: "time"))
    var timeout: String?

    @Argument(help: "A job, a machine, or its .wait/STATE.", completion: .file())
    var path: String

    @Argument(help: "The state to wait for, where PATH is a machine: up, down, ...")
    var state: String?

    mutating func run() throws {
        let deadline = try deadline()
        let target = try WaitTarget.find(path, state: state)
        let display = ProgressDisplay(title: target.title)
        defer { display.close() }
        switch target.kind {
        case .job: try Self.waitForJob(target.path, display, deadline)
        case .state(let machine, let state): try Self.waitForState(target.path, machine, state, display, deadline)
        }
    }

    private func deadline() throws(Failure) -> ContinuousClock.Instant? {
        guard let timeout else { return nil }
        guard let duration = DurationText.parse(timeout) else {
            throw Failure(.usage, "impossible --timeout '\(timeout)': write a duration such as 30s, 5m or 1h")
        }
        return ContinuousClock.now + duration
    }

    private static func waitForJob(
        _ path: String, _ display: ProgressDisplay, _ deadline: ContinuousClock.Instant?
    ) throws(Failure) {
        while true {
            guard let status = TextFile.read("\(path)/status"), let progress = TextFile.read("\(path)/progress") else {
                throw Failure(.failed, "\(path) is gone, and with it how it ended: \(Standard.words(errno))")
            }
            display.show(percent: Int(progress.prefix { $0.isNumber }), status: status)
            switch status {
            case "done": return
            case "failed", "cancelled":
                let reason = TextFile.read("\(path)/error") ?? ""
                throw Failure(.failed, reason.isEmpty ? "the job was \(status)" : "the job \(status): \(reason)")
            default: try pause(deadline, "the job is \(status), \(progress)% done")
            }
        }
    }

    /// The reading blocks in a thread of its own until the state is reached; this one shows what it is meanwhile.
    private static func waitForState(
        _ path: String, _ machine: String, _ state: String, _ display: ProgressDisplay,
        _ deadline: ContinuousClock.Instant?
    ) throws(Failure) {
        let outcome = SharedOutcome()
        Thread.start(name: "wait") {
            outcome.settle(TextFile.read(path) == nil ? errno : 0)
        }
        while true {
            let status = TextFile.read("\(machine)/status") ?? "gone"
            if let code = outcome.code {
                guard code == 0 else {
                    throw Failure(.failed, "\(path): \(Standard.words(code)): 'infrafs why \(machine)' may tell more")
                }
                display.show(percent: nil, status: state)
                return
            }
            display.show(percent: nil, status: status)
            try pause(deadline, "it is \(status)")
        }
    }

    private static func pause(_ deadline: ContinuousClock.Instant?, _ status: String) throws(Failure) {
        if let deadline, ContinuousClock.now >= deadline {
            throw Failure(.timedOut, "the time is over and \(status)")
        }
        usleep(100_000)
    }

    /// Zero, or an errno, once it is known.
    private final class SharedOutcome: Sendable {
        private let value = Mutex<Int32?>(nil)

        var code: Int32? { value.withLock { $0 } }

        func settle(_ code: Int32) {
            value.withLock { $0 = code }
        }
    }
}
