import CGuard
import Glibc

/// Ends the connection to the kernel when this process is killed.
///
/// A killed process ends its connection by closing /dev/fuse, once all of its threads have ended. One that waits in the
/// kernel for a lock of a directory or a page, as a notification does, cannot end while a request that nobody will
/// answer holds that lock: the mount and all who wait in it would hang for ever. So a small process of its own waits
/// for the end of the thread that serves, and then aborts the connection, which answers all requests with ECONNABORTED.
struct ConnectionGuard {
    private let process: pid_t

    /// Guards the connection of a mount while the calling thread lives; nil where the kernel does not let this user
    /// abort it: without /sys/fs/fuse/connections and without root.
    ///
    /// - Parameter device: `major:minor` of the mount, whose minor number is that of the connection.
    init?(device: String) {
        guard let connection = device.split(separator: ":").last.flatMap({ UInt32($0) }) else { return nil }
        let descriptor = guard_open_abort(connection)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        process = guard_start(descriptor)
        guard process > 0 else { return nil }
    }

    /// Ends the guard, where the connection has been ended by this process.
    func end() {
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }
}
