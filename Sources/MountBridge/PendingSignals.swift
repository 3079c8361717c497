import Glibc

/// The signals that wait for a thread that the kernel keeps in a request.
///
/// FUSE tells that a signal came, once for each request, and not which. Most that come to a shell are no reason to give
/// up: a child ended, the window was resized. The thread cannot take its signals before the request is answered, so what
/// came is still to be seen in `/proc/TID/status` (proc(5)).
struct PendingSignals {
    /// Bit N - 1 is signal N, as in `SigPnd`.
    private let mask: UInt64

    /// Those of a thread, and of its process; nil where they cannot be seen: it is gone, or of another PID namespace.
    init?(of thread: Int32) {
        guard let text = ThreadFile.text("status", of: thread) else { return nil }
        self.init(status: text)
    }

    /// Those that a `status` file of /proc tells of and that are not blocked.
    init?(status text: String) {
        var masks: [Substring: UInt64] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("S") {
            let words = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
            if words.count == 2, let mask = UInt64(words[1], radix: 16) { masks[words[0]] = mask }
        }
        guard let own = masks["SigPnd"], let shared = masks["ShdPnd"], let blocked = masks["SigBlk"] else { return nil }
        mask = (own | shared) & ~blocked
    }

    /// Those that tell a process of something and ask for nothing, whoever catches them: of children, of windows, of
    /// sockets (and of Go's scheduler), of profilers, and that it goes on.
    private static let news = [SIGCHLD, SIGWINCH, SIGURG, SIGPROF, SIGCONT].reduce(UInt64(0)) { mask, signal in
        mask | 1 << UInt64(signal - 1)
    }

    /// Whether one of them is a reason to give up what is being waited for.
    var areUrgent: Bool { mask & ~Self.news != 0 }
}
