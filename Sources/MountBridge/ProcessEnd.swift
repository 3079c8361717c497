/// Whether a thread ends because it was killed: what it closes then, the kernel closes for it, and it is no word of its
/// own that what it wrote is whole.
struct ProcessEnd {
    /// The signal that ends it; 0 where it ends by itself, or not at all.
    let signal: Int32

    /// Whether a thread is known to end by a signal.
    static func isKilled(_ thread: Int32) -> Bool { ProcessEnd(of: thread).map { $0.signal != 0 } ?? false }

    /// That of a thread which the kernel keeps in a request; nil where it cannot be seen: of another PID namespace, say.
    init?(of thread: Int32) {
        guard let text = ThreadFile.text("stat", of: thread) else { return nil }
        self.init(stat: text)
    }

    /// What a `stat` file of /proc tells of (proc(5)): fields 9, the kernel's flags, and 52, the status for wait(2).
    init?(stat text: String) {
        // Field 2 is a name in parentheses, which may have spaces and parentheses in it.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 49, let flags = UInt64(fields[6]), let status = Int32(fields[49]) else { return nil }
        signal = flags & Self.exiting == 0 ? 0 : status & 0x7f
    }

    /// PF_EXITING.
    private static let exiting: UInt64 = 4
}
