/// What the kernel asks, by the names of the FUSE protocol.
enum KernelOperation: Int, CaseIterable, Sendable {
    case lookup, forget, getattr, setattr, readlink, statfs
    case mkdir, unlink, rmdir, mknod, symlink, link, rename
    case open, create, read, write, flush, fsync, release, lseek, poll
    case opendir, readdir, releasedir, fsyncdir
    case getxattr, listxattr, setxattr, removexattr
}
