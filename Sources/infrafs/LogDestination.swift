import Glibc
import Inventory
import Logging

/// Where log lines go.
enum LogDestination: Sendable {
    /// With a priority `<N>` before each line where systemd reads it (sd-daemon(3)).
    case standardError
    /// syslog(3), which the journal reads too.
    case syslog
    /// An open file, appended to.
    case descriptor(Int32)

    /// A file, made where it is not there. Its owner alone may read it: names of resources are in it. A link or a file that
    /// another user has put there is refused.
    static func file(_ path: String) throws(Failure) -> LogDestination {
        // A pipe that nobody reads must not hold up the start.
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK
        var descriptor = open(path, flags | O_NOFOLLOW, 0o600)
        if descriptor < 0, errno == ELOOP {
            try Ownership.checkLink(path, "log file")
            descriptor = open(path, flags, 0o600)
        }
        guard descriptor >= 0 else {
            throw Failure(.system, "cannot write the log file \(path): \(Standard.words(errno))")
        }
        do throws(Failure) {
            try Ownership.check(descriptor, path, "log file")
        } catch {
            close(descriptor)
            throw error
        }
        _ = fcntl(descriptor, F_SETFL, O_APPEND)
        return .descriptor(descriptor)
    }

    /// A level by its name; `info` where none is named.
    static func level(_ name: String?) throws(Failure) -> Logger.Level {
        guard let name else { return .info }
        guard let level = Logger.Level(rawValue: name) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.usage, "unknown log level '\(name)': one of \(known)")
        }
        return level
    }

    /// Writes one line.
    func write(_ line: String, level: Logger.Level) {
        switch self {
        case .standardError:
            Standard.error(Self.isJournal ? "<\(Self.priority(level))>\(line)" : "\(Self.timestamp()) \(line)")
        case .descriptor(let descriptor):
            Standard.write("\(Self.timestamp()) \(line)\n", to: descriptor)
        case .syslog:
            line.withCString { text in withVaList([text]) { vsyslog(LOG_DAEMON | Self.priority(level), "%s", $0) } }
        }
    }

    /// Whether the standard error is the journal's own (systemd.exec(5), JOURNAL_STREAM). The variable alone says nothing: a
    /// shell hands it on to programs that write elsewhere.
    private static let isJournal: Bool = {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }()

    private static func priority(_ level: Logger.Level) -> Int32 {
        switch level {
        case .trace, .debug: LOG_DEBUG
        case .info: LOG_INFO
        case .notice: LOG_NOTICE
        case .warning: LOG_WARNING
        case .error: LOG_ERR
        case .critical: LOG_CRIT
        }
    }

    /// ISO 8601, UTC, to the millisecond.
    static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let seconds = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let milliseconds = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
        return "\(seconds).\(milliseconds)Z"
    }
}

/// Log lines: `LEVEL label: message key=value ...`.
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let label: String
    private let destination: LogDestination
    private let recent: Journal

    init(label: String, destination: LogDestination, recent: Journal, level: Logger.Level) {
        self.recent = recent
        self.label = label
        self.destination = destination
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let line = oneLine("\(event.level) \(label): \(event.message)\(pairs)")
        destination.write(line, level: event.level)
        recent.append("\(LogDestination.timestamp()) \(line)")
    }
}
