import CFUSE
import Glibc

/// Sets the times of files as touch(1) does.
public enum FileTimes: Sendable {
    /// Both times are now.
    case bothNow
    /// The time of the last change is now, that of the last access stays.
    case changeNow

    // utimensat(2): what the C library shows only to those who ask for more than POSIX.
    private static let now = (1 << 30) - 1
    private static let kept = (1 << 30) - 2

    /// Sets them for a file, which is not followed where it is a symbolic link (utimensat(2)).
    ///
    /// - Parameters:
    ///   - path: the file, from the directory.
    ///   - directory: an open directory.
    /// - Returns: whether the kernel did.
    @discardableResult public func set(_ path: String, in directory: Int32) -> Bool {
        let access = self == .bothNow ? Self.now : Self.kept
        let times = [
            Timestamp(seconds: 0, nanoseconds: access).timespec,
            Timestamp(seconds: 0, nanoseconds: Self.now).timespec,
        ]
        return utimensat(directory, path, times, AT_SYMLINK_NOFOLLOW) == 0
    }
}
