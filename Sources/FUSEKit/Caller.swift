import CFUSE

/// The process on whose behalf the kernel asks. All are 0 where it has no number in the daemon's namespace.
public struct Caller: Sendable, Hashable {
    /// The user, as the file system sees it (`fsuid`).
    public var uid: UInt32
    /// The group (`fsgid`).
    public var gid: UInt32
    /// The thread that made the system call.
    public var pid: Int32
    /// The permission bits that the process takes off what it creates. The kernel has applied it already.
    public var umask: UInt32

    /// A caller with these numbers.
    public init(uid: UInt32, gid: UInt32, pid: Int32, umask: UInt32) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.umask = umask
    }

    init(_ context: fuse_ctx) {
        self.init(uid: context.uid, gid: context.gid, pid: context.pid, umask: context.umask)
    }
}
