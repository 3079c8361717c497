/// What the kernel asks, by the names of the FUSE protocol.
enum KernelOperation: Int, CaseIterable, Sendable {
    case lookup, forget, getattr, setattr, readlink, statfs
    case mkdir, unlink, rmdir, mknod, symlink, link, rename
    case open, create, read, write, flush, fsync, release, lseek, poll
    case opendir, readdir, releasedir, fsyncdir
    case getxattr, listxattr, setxattr, removexattr

    /// Whether it asks for no change.
    var isLook: Bool {
        switch self {
        case .lookup, .getattr, .readlink, .statfs, .open, .read, .lseek, .poll, .opendir, .readdir, .getxattr,
            .listxattr:
            true
        default: false
        }
    }
}
