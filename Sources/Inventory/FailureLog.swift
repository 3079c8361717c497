import Synchronization

/// The last failures of a provider: lines for `errors`, and the last one of each path for `.error`.
public final class FailureLog: Sendable {
    /// One failed request.
    public struct Failure: Sendable, Hashable {
        /// Nanoseconds since 1970.
        public let time: Int64
        /// What was asked (`write`, `mkdir`, ...).
        public let operation: String
        /// Below the mount point.
        public let path: String
        /// The name of the errno that was answered.
        public let errno: String
        /// Why, in full.
        public let reason: String
        /// Whether it was a look, which asks for no change.
        public let isLook: Bool

        /// As a line.
        public var line: String { "\(timestamp(time)) \(operation) \(loggedPath(path)) \(errno) \(reason)" }
    }

    private struct State {
        var failures: [Failure] = []
        var last: [String: Failure] = [:]
        var counts: [String: Int] = [:]
        var observer: (@Sendable () -> Void)?
    }

    private static let limit = 200
    private static let pathLimit = 2000
    private let state = Mutex(State())
    private let time: TimeSource

    /// An empty log.
    public init(time: TimeSource) {
        self.time = time
    }

    /// Notes a failure; false where it only repeats one of a moment ago, which gets no line of its own. `isLook`: of
    /// what asks for no change.
    @discardableResult
    public func note(
        operation: String, path: String, errno: String, reason: String, isLook: Bool = false
    ) -> Bool {
        let failure = Failure(
            time: time.wall(), operation: operation, path: path, errno: errno, reason: oneLine(reason), isLook: isLook)
        let (isNew, observer) = state.withLock { state in
            state.counts[errno, default: 0] += 1
            let isNew = !Self.repeats(failure, state.failures)
            if isNew { state.failures.append(failure) }
            if state.failures.count > Self.limit { state.failures.removeFirst() }
            if state.last.count >= Self.pathLimit { state.last = [:] }
            state.last[path] = failure
            return (isNew, state.observer)
        }
        observer?()
        return isNew
    }

    /// One refusal of many files (`rm -r` of a running machine) is one failure, and so is one that many readers are told
    /// at once, whatever each of them looked by.
    private static func repeats(_ failure: Failure, _ failures: [Failure]) -> Bool {
        failures.reversed().prefix { failure.time - $0.time < 2_000_000_000 }
            .contains {
                $0.reason == failure.reason && $0.errno == failure.errno
                    && ($0.operation == failure.operation || $0.isLook && failure.isLook)
            }
    }

    /// The last ones, oldest first.
    public var failures: [Failure] { state.withLock { $0.failures } }

    /// How many were noted since the mount began, by errno.
    var counts: [String: Int] { state.withLock { $0.counts } }

    /// The last failure of a path, or of anything below it.
    public func last(at path: String) -> Failure? {
        state.withLock { state in
            let below = path + "/"
            return state.failures.last { $0.path == path || $0.path.hasPrefix(below) } ?? state.last[path]
        }
    }

    /// Calls it after each failure.
    public func observe(_ observer: @escaping @Sendable () -> Void) {
        state.withLock { $0.observer = observer }
    }
}
