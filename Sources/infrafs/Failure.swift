/// Why a command ends without success.
struct Failure: Error, CustomStringConvertible {
    /// What the process ends with; infrafs(1) lists them. The numbers are those of sysexits.h and timeout(1).
    enum Status: Int32, CaseIterable {
        /// What was asked for did not come about: a provider does not answer, a job failed, a reading failed.
        case failed = 1
        /// The command line cannot be.
        case usage = 64
        /// A path that was named is not there, or is not what it must be.
        case noInput = 66
        /// The operating system refused something: a fork, a pipe, a terminal.
        case system = 71
        /// Nothing can be mounted there.
        case cannotMount = 73
        /// The configuration cannot be.
        case configuration = 78
        /// The time given to `wait` is over.
        case timedOut = 124
    }

    let status: Status
    /// Says what to do next; one line, or one a problem.
    let message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    var description: String { status == .usage && message.contains("\n") ? message : "infrafs: \(message)" }
}
