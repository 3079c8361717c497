import Glibc

/// Which processes belong together.
public enum ProcessGroup {
    /// The process group of a thread (getpgid(2)): an interactive shell has one for each job, a script is one with all that
    /// it runs. The thread itself where that cannot be told: it is gone, or of another PID namespace.
    public static func of(_ thread: Int32) -> Int32 {
        guard thread > 0 else { return thread }
        let group = getpgid(thread)
        return group > 0 ? group : thread
    }
}
