import Glibc

/// Names of processes.
enum ProcessName {
    /// `/proc/PID/comm` (proc(5)), which never blocks; empty where the process is gone.
    static func of(_ pid: Int32) -> String {
        guard pid > 0 else { return "infrafs" }
        let descriptor = open("/proc/\(pid)/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return "" }
        return String(decoding: buffer.prefix(count).filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
