import Glibc

/// What /proc tells of a thread (proc(5)).
enum ThreadFile {
    /// The text of `/proc/TID/NAME`; nil where it cannot be seen: the thread is gone, or of another PID namespace.
    static func text(_ name: String, of thread: Int32) -> String? {
        guard thread > 0 else { return nil }
        let descriptor = open("/proc/\(thread)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
