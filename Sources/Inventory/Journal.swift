import Synchronization

/// A text that grows by lines, for `tail -f`. Past its limit it loses its older half, which a follower sees as a
/// truncated file.
public final class Journal: Sendable {
    /// The journal at one moment.
    public struct Contents: Sendable {
        /// All its lines.
        public let bytes: [UInt8]
        /// When the last one came, nanoseconds since 1970.
        public let modified: Int64
    }

    private struct State {
        var bytes: [UInt8] = []
        var modified: Int64
        var waiters: [@Sendable () -> Void] = []
        var observer: (@Sendable () -> Void)?
    }

    private let limit: Int
    private let time: TimeSource
    private let state: Mutex<State>

    /// A journal of up to `limit` bytes.
    public init(limit: Int = 1 << 20, time: TimeSource) {
        self.limit = limit
        self.time = time
        state = Mutex(State(modified: time.wall()))
    }

    /// All of it.
    public var contents: Contents {
        state.withLock { Contents(bytes: $0.bytes, modified: $0.modified) }
    }

    /// Bytes now, and when the last line came, nanoseconds since 1970.
    public var extent: (count: Int, modified: Int64) { state.withLock { ($0.bytes.count, $0.modified) } }

    /// Bytes now.
    public var count: Int { state.withLock { $0.bytes.count } }

    /// Adds a line.
    public func append(_ line: String) {
        let now = time.wall()
        let (waiters, observer) = state.withLock { state in
            state.bytes.append(contentsOf: line.utf8)
            state.bytes.append(UInt8(ascii: "\n"))
            state.modified = now
            if state.bytes.count > limit { Self.halve(&state.bytes) }
            defer { state.waiters = [] }
            return (state.waiters, state.observer)
        }
        for waiter in waiters { waiter() }
        observer?()
    }

    /// Calls it once, when the next line comes. Waiters beyond a bound push the oldest out, which are called at once.
    public func notifyOnce(_ waiter: @escaping @Sendable () -> Void) {
        let pushedOut = state.withLock { state -> (@Sendable () -> Void)? in
            state.waiters.append(waiter)
            return state.waiters.count > 1024 ? state.waiters.removeFirst() : nil
        }
        pushedOut?()
    }

    /// Calls it after each line, from the thread that added it.
    public func observe(_ observer: @escaping @Sendable () -> Void) {
        state.withLock { $0.observer = observer }
    }

    private static func halve(_ bytes: inout [UInt8]) {
        let middle = bytes.count / 2
        let cut = bytes[middle...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        bytes.removeFirst(cut)
    }
}
