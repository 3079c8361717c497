import Glibc

/// The set-user-ID program that unmounts for ordinary users, fusermount3(1).
enum Fusermount {
    /// Unmounts, and waits for it; returns whether it succeeded.
    static func unmount(_ path: String, lazy: Bool) -> Bool {
        let arguments = ["fusermount3", "-u", "-q"] + (lazy ? ["-z"] : []) + ["--", path]
        var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        copies.append(nil)
        var child: pid_t = 0
        guard posix_spawnp(&child, "fusermount3", nil, nil, copies, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return false }
        }
        return status == 0
    }
}
