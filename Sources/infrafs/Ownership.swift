import Glibc

/// Who owns the places that the daemon writes to: it must not be led elsewhere by what another user has put there.
enum Ownership {
    /// Refuses a symbolic link that belongs to neither this user nor root.
    static func checkLink(_ path: String, _ what: String) throws(Failure) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return }
        guard isTrusted(status.st_uid) else {
            throw Failure(
                .system, "the \(what) \(path) is a link that belongs to another user (\(status.st_uid)): name another")
        }
    }

    /// Refuses an open file, or a pipe, that belongs to neither this user nor root.
    static func check(_ descriptor: Int32, _ path: String, _ what: String) throws(Failure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, [S_IFREG, S_IFIFO].contains(status.st_mode & S_IFMT) else { return }
        guard isTrusted(status.st_uid) else {
            throw Failure(.system, "the \(what) \(path) belongs to another user (\(status.st_uid)): name another")
        }
    }

    /// Refuses a directory that another user could put something into. One that is not there yet is made with a mode that
    /// keeps others out.
    static func checkDirectory(_ path: String, _ what: String) throws(Failure) {
        try checkLink(path, what)
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard isTrusted(status.st_uid) else {
            throw Failure(.system, "the \(what) \(path) belongs to another user (\(status.st_uid)): name another")
        }
        guard status.st_mode & S_IWOTH == 0 else {
            throw Failure(.system, "the \(what) \(path) can be written by all: chmod o-w \(path)")
        }
    }

    private static func isTrusted(_ user: uid_t) -> Bool { user == geteuid() || user == 0 }
}
