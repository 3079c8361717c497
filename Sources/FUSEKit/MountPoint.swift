import CFUSE
import Glibc
import SystemPackage

/// The directory that a file system is mounted on: checks before, and the way off it.
public enum MountPoint {
    /// Makes sure that something can be mounted on `path`: an empty directory with nothing mounted on it. The stale mount
    /// of a daemon that was killed is detached first.
    ///
    /// - Parameter type: a file system type, such as `fuse.sshfs`, that the directory must not lie within.
    /// - Returns: whether a stale mount was detached.
    /// - Throws: ``FUSEError``, which says what is in the way and what to do.
    @discardableResult
    public static func prepare(_ path: String, notWithin type: String? = nil) throws(FUSEError) -> Bool {
        let recovered = try detachStale(path)
        try requirePlace(path, absolute(path), notWithin: type)
        return recovered
    }

    /// The absolute path of a directory that ``prepare(_:notWithin:)`` would take. Nothing is changed: what a killed
    /// daemon left there stays.
    ///
    /// - Throws: ``FUSEError``, which says what is in the way and what to do.
    public static func check(_ path: String, notWithin type: String? = nil) throws(FUSEError) -> String {
        if try isStale(path) { return absoluteBelowParent(path) }
        let absolute = absolute(path)
        try requirePlace(path, absolute, notWithin: type)
        return absolute
    }

    private static func requirePlace(
        _ path: String, _ absolute: String, notWithin type: String?
    ) throws(FUSEError) {
        let table = MountTable.current()
        if let mount = table.top(at: absolute) {
            throw FUSEError(
                "\(path): already a mount point, of \(mount.source) (\(mount.type)); "
                    + "unmount it with 'fusermount3 -u \(path)' or choose another directory", errno: .resourceBusy)
        }
        try checkDirectory(path)
        if let type, let mount = table.holding(absolute), mount.type == type {
            throw FUSEError(
                "\(path): lies within the mount \(mount.path) (\(mount.type)); choose a directory outside it",
                errno: .resourceBusy)
        }
        try checkEmpty(path)
    }

    /// How long a daemon may take to answer, in seconds.
    private static let patience: Int32 = 10

    /// Whether the daemon that served the mount at `path` is gone without unmounting. Asked on a thread of its own: one
    /// that is stopped, or was killed while the kernel did something for it, does not answer at all.
    ///
    /// - Throws: ``FUSEError`` with `timedOut` where nothing answers; it says what to do.
    public static func isStale(_ path: String) throws(FUSEError) -> Bool {
        // No queue of Dispatch: this process has yet to go to the background, which is a fork(2).
        let question = try Question(path)
        var thread = pthread_t()
        let created = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Question>.fromOpaque(pointer).takeRetainedValue().ask()
                return nil
            }, Unmanaged.passRetained(question).toOpaque())
        guard created == 0 else {
            throw FUSEError("\(path): no thread for looking at it", errno: Errno(rawValue: created))
        }
        pthread_detach(thread)
        guard let isStale = question.answer(within: patience) else {
            throw FUSEError(
                "\(path): what is mounted there does not answer; let its daemon go on, or end the mount with "
                    + "'umount -f \(path)' as root", errno: .timedOut)
        }
        return isStale
    }

    /// Takes off what is mounted on `path`; as an ordinary user with the help of fusermount3(1).
    ///
    /// - Parameter lazy: detach it at once, even while it is in use; who uses it keeps what it has.
    /// - Throws: ``FUSEError``; its errno is `resourceBusy` if it is in use.
    public static func unmount(_ path: String, lazy: Bool) throws(FUSEError) {
        let flags = UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)
        if umount2(path, Int32(flags)) == 0 { return }
        let error = Errno(rawValue: Glibc.errno)
        guard error == .notPermitted else { throw failure(path, error) }
        guard Fusermount.unmount(path, lazy: lazy) else {
            throw FUSEError(
                "\(path): cannot be unmounted; see who uses it with 'fuser -vm \(path)', or end this with "
                    + "'fusermount3 -u -z \(path)'", errno: .resourceBusy)
        }
    }

    /// `path` from the root on, without links; as it is if it cannot be resolved.
    static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// A stale mount cannot be resolved, but the directory that it is in can.
    private static func absoluteBelowParent(_ path: String) -> String {
        var parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard let name = parts.popLast(), name != ".", name != ".." else { return path }
        let parent = (path.hasPrefix("/") ? "/" : "./") + parts.joined(separator: "/")
        let resolved = absolute(parent)
        return resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
    }

    /// Detaches stale mounts, one on another. Bounded, should one of them come back by itself.
    private static func detachStale(_ path: String) throws(FUSEError) -> Bool {
        var count = 0
        while count < 16, try isStale(path) {
            try unmount(path, lazy: true)
            count += 1
        }
        return count > 0
    }

    private static func checkDirectory(_ path: String) throws(FUSEError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let error = Errno(rawValue: Glibc.errno)
            switch error {
            case .noSuchFileOrDirectory:
                throw FUSEError("\(path): no such directory; create it with 'mkdir \(path)'", errno: error)
            default:
                throw FUSEError("\(path): \(error.description); choose a directory of your own", errno: error)
            }
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw FUSEError("\(path): not a directory; a mount point has to be one", errno: .notDirectory)
        }
    }

    private static func checkEmpty(_ path: String) throws(FUSEError) {
        guard let directory = opendir(path) else {
            let error = Errno(rawValue: Glibc.errno)
            throw FUSEError("\(path): \(error.description); choose a directory of your own", errno: error)
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name == "." || name == ".." else {
                throw FUSEError(
                    "\(path): not empty, and a mount would hide what is there; choose an empty directory",
                    errno: .directoryNotEmpty)
            }
        }
    }

    private static func failure(_ path: String, _ error: Errno) -> FUSEError {
        switch error {
        case .invalidArgument: FUSEError("\(path): nothing is mounted there", errno: error)
        case .resourceBusy:
            FUSEError("\(path): in use; see by whom with 'fuser -vm \(path)'", errno: error)
        default: FUSEError("\(path): cannot be unmounted: \(error.description)", errno: error)
        }
    }
}

/// Whether a mount is stale, asked by one thread for another.
private final class Question: Sendable {
    private let path: String
    private let told: [Int32]

    init(_ path: String) throws(FUSEError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw FUSEError("\(path): no pipe for looking at it", errno: Errno(rawValue: Glibc.errno))
        }
        self.path = path
        told = ends
    }

    deinit {
        for end in told { close(end) }
    }

    func ask() {
        // statvfs(3) always asks the daemon; what stat(2) tells the kernel may have kept.
        var status = statvfs()
        var isStale: UInt8 = statvfs(path, &status) != 0 && errno == ENOTCONN ? 1 : 0
        _ = write(told[1], &isStale, 1)
    }

    /// nil where there is none after so many seconds.
    func answer(within seconds: Int32) -> Bool? {
        var end = pollfd(fd: told[0], events: Int16(POLLIN), revents: 0)
        guard poll(&end, 1, seconds * 1000) == 1 else { return nil }
        var isStale: UInt8 = 0
        return read(told[0], &isStale, 1) == 1 ? isStale == 1 : nil
    }
}
