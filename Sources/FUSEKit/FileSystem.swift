/// What a file system answers to the kernel.
///
/// Every method that receives a ``Request`` has to answer it exactly once, at once or later. All are called on the
/// session's one thread: a method that cannot answer from memory hands its request to ``Request/later(_:)``.
///
/// A name is at least one byte of valid UTF-8 without `/`; other names never arrive. An inode is the root (1) or one
/// that the file system gave in an ``Entry`` and that the kernel has not forgotten. A handle is what the opening gave.
///
/// ENOSYS is not an ordinary error: for many operations the kernel takes it as "never ask again" for the whole mount.
/// Only the defaults below use it, where that is just what is meant.
public protocol FileSystem: Sendable {
    /// Says what it wants of the kernel, once, before the first request. The defaults are already set.
    func initialise(_ connection: inout ConnectionInfo)

    /// Finds a name in a directory; answer with an ``Entry``. Default: ENOENT.
    func lookup(_ name: String, in parent: UInt64, _ request: consuming Request)

    /// Hears that the kernel has dropped `count` of its lookups of an inode; at none left it will not ask for it again.
    ///
    /// When the file system is unmounted, what is left is dropped without a word.
    func forget(_ inode: UInt64, count: UInt64)

    /// Hears that an opening was answered too late: the kernel has given up on it and will not release the handle.
    func abandon(_ handle: UInt64)

    /// Tells what stat(2) says; answer with ``Attributes``. Default: ENOENT.
    func getAttributes(of inode: UInt64, handle: UInt64?, _ request: consuming Request)

    /// Changes attributes, the size among them; answer with all ``Attributes``. Default: EPERM.
    func setAttributes(
        _ changes: AttributeChanges, of inode: UInt64, handle: UInt64?, _ request: consuming Request)

    /// Tells what a symbolic link leads to. Default: EINVAL.
    func readlink(_ inode: UInt64, _ request: consuming Request)

    /// Makes a file that is not a directory or a link; answer with an ``Entry``. Default: EPERM.
    func mknod(_ name: String, in parent: UInt64, mode: UInt32, device: UInt64, _ request: consuming Request)

    /// Makes a directory; answer with an ``Entry``. Default: EPERM.
    func mkdir(_ name: String, in parent: UInt64, mode: UInt32, _ request: consuming Request)

    /// Removes a name that is not a directory's. Default: EPERM.
    func unlink(_ name: String, in parent: UInt64, _ request: consuming Request)

    /// Removes a directory. Default: EPERM.
    func rmdir(_ name: String, in parent: UInt64, _ request: consuming Request)

    /// Makes a symbolic link to `target`; answer with an ``Entry``. Default: EPERM.
    func symlink(_ name: String, in parent: UInt64, target: String, _ request: consuming Request)

    /// Gives a file another name, over a file that has it already. Default: EPERM.
    func rename(
        _ name: String, in parent: UInt64, to newName: String, in newParent: UInt64, flags: RenameFlags,
        _ request: consuming Request)

    /// Gives a file one more name; answer with an ``Entry``. Default: EPERM.
    func link(_ inode: UInt64, to newName: String, in newParent: UInt64, _ request: consuming Request)

    /// Opens a file; answer with an ``OpenedFile``. Default: success, with handle 0.
    func open(_ inode: UInt64, flags: OpenFlags, _ request: consuming Request)

    /// Makes a file and opens it; answer with an ``Entry`` and an ``OpenedFile``. Default: EPERM.
    func create(_ name: String, in parent: UInt64, mode: UInt32, flags: OpenFlags, _ request: consuming Request)

    /// Reads; answer with data: as many bytes as asked for, except at the end of the file or in direct I/O.
    /// Default: EINVAL.
    func read(_ inode: UInt64, handle: UInt64, offset: Int, count: Int, _ request: consuming Request)

    /// Writes; answer with the count. `bytes` is gone when the method returns. Default: EINVAL.
    func write(
        _ inode: UInt64, handle: UInt64, offset: Int, bytes: UnsafeRawBufferPointer, _ request: consuming Request)

    /// Hears of each close(2) of an opening, whose result this is. Default: success, and the kernel asks no more.
    func flush(_ inode: UInt64, handle: UInt64, _ request: consuming Request)

    /// Makes what was written safe. Default: success, and the kernel asks no more.
    func fsync(_ inode: UInt64, handle: UInt64, dataOnly: Bool, _ request: consuming Request)

    /// Ends an opening, once; nobody sees an error. Default: success.
    func release(_ inode: UInt64, handle: UInt64, flags: OpenFlags, _ request: consuming Request)

    /// Opens a directory; answer with an ``OpenedFile``. Default: success, with handle 0.
    func opendir(_ inode: UInt64, _ request: consuming Request)

    /// Lists a directory from `offset` on (0, or what an earlier name was given as its next offset); answer with a
    /// ``DirectoryBuffer`` made with this `count` and `plus`. Default: ENOTDIR.
    func readdir(
        _ inode: UInt64, handle: UInt64, offset: Int, count: Int, plus: Bool, _ request: consuming Request)

    /// Ends an opening of a directory, once. Default: success.
    func releasedir(_ inode: UInt64, handle: UInt64, _ request: consuming Request)

    /// Makes changes of a directory safe. Default: success, and the kernel asks no more.
    func fsyncdir(_ inode: UInt64, handle: UInt64, dataOnly: Bool, _ request: consuming Request)

    /// Tells the size of the file system; answer with ``FileSystemStatistics``. Default: 1 PiB, all free.
    func statfs(_ inode: UInt64, _ request: consuming Request)

    /// Sets an extended attribute; `flags` as setxattr(2) has them. Default: EOPNOTSUPP, and the kernel asks no more.
    func setxattr(
        _ inode: UInt64, name: String, value: UnsafeRawBufferPointer, flags: Int32, _ request: consuming Request)

    /// Tells an extended attribute; answer with `reply(extended:capacity:)`, or ENODATA where there is none.
    /// Default: EOPNOTSUPP, and the kernel asks no more.
    func getxattr(_ inode: UInt64, name: String, capacity: Int, _ request: consuming Request)

    /// Lists the extended attributes; answer with `reply(extendedNames:capacity:)`.
    /// Default: EOPNOTSUPP, and the kernel asks no more.
    func listxattr(_ inode: UInt64, capacity: Int, _ request: consuming Request)

    /// Removes an extended attribute. Default: EOPNOTSUPP, and the kernel asks no more.
    func removexattr(_ inode: UInt64, name: String, _ request: consuming Request)

    /// Checks for access(2) and chdir(2), as a mask of R_OK, W_OK and X_OK. Never called under `default_permissions`.
    /// Default: success, and the kernel asks no more.
    func access(_ inode: UInt64, mask: Int32, _ request: consuming Request)

    /// Tells which events are ready; answer with `reply(events:)`. With a `notify` handle, keep it and notify through
    /// it when that may have changed; it replaces an earlier one of the same opening.
    /// Default: always ready, and the kernel asks no more.
    func poll(_ inode: UInt64, handle: UInt64, events: UInt32, notify: PollHandle?, _ request: consuming Request)

    /// Finds data or a hole from an offset on; answer with `reply(offset:)`, or ENXIO past the end.
    /// Default: all is data, and the kernel asks no more.
    func lseek(_ inode: UInt64, handle: UInt64, offset: Int, whence: Whence, _ request: consuming Request)
}
