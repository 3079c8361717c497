import CLinux
import Glibc

/// The memory of the process, which holds what opens other people's machines.
enum Memory {
    /// Keeps it out of core dumps and away from other processes of the same user: neither a file nor a program that
    /// core_pattern names gets a dump (core(5)), nobody but root may trace it, and `/proc/PID/environ`, where secrets may
    /// come from, is root's (PR_SET_DUMPABLE in prctl(2), proc(5)). A program that it starts has its own memory again.
    static func hide() {
        // While /proc/self is still ours.
        _ = CommandEnvironment.entries
        var limit = rlimit()
        let cores = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        if getrlimit(cores, &limit) == 0 {
            limit.rlim_cur = 0
            if setrlimit(cores, &limit) == 0, linux_set_undumpable() == 0 { return }
        }
        Standard.error("infrafs: a crash may leave secrets in a core dump: \(Standard.words(errno))")
    }
}
