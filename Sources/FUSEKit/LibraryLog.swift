import CFUSE
import Glibc
import Synchronization

/// What libfuse has to say, caught so that it becomes part of an error and does not go to standard error by itself.
enum LibraryLog {
    private static let lines = Mutex<[String]>([])

    private static let installed: Void = fuse_set_log_func { level, format, arguments in
        guard let format, let arguments, level.rawValue <= FUSE_LOG_WARNING.rawValue else { return }
        LibraryLog.add(
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
                guard let start = buffer.baseAddress else { return "" }
                return vsnprintf(start, buffer.count, format, arguments) < 0 ? "" : String(cString: start)
            })
    }

    /// Runs `body` and returns its result with what libfuse said meanwhile, on one line.
    static func capture<Result>(_ body: () -> Result) -> (result: Result, said: String) {
        _ = installed
        lines.withLock { $0.removeAll() }
        let result = body()
        let said = lines.withLock { $0.joined() }
        return (result, said.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }

    private static func add(_ line: String) {
        // Bounded: while nothing captures, nobody reads.
        lines.withLock { if $0.count < 100 { $0.append(line) } }
    }
}
