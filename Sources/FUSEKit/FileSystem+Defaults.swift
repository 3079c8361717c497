import SystemPackage

// What a file system that lacks an operation answers. Making and removing names fails with EPERM, which mkdir(2),
// mknod(2), unlink(2), rmdir(2), symlink(2) and link(2) give to a file system that does not support it. `noFunction`
// (ENOSYS) is answered only where fuse_lowlevel.h promises that the kernel then does by itself what a plain file system
// does, and asks no more.

extension FileSystem {
    /// Asks for nothing beyond the defaults.
    public func initialise(_ connection: inout ConnectionInfo) {}

    /// Keeps no count of lookups.
    public func forget(_ inode: UInt64, count: UInt64) {}

    /// Keeps no handles.
    public func abandon(_ handle: UInt64) {}

    /// Has no such name.
    public func lookup(_ name: String, in parent: UInt64, _ request: consuming Request) {
        request.fail(.noSuchFileOrDirectory)
    }

    /// Has no such file.
    public func getAttributes(of inode: UInt64, handle: UInt64?, _ request: consuming Request) {
        request.fail(.noSuchFileOrDirectory)
    }

    /// Changes no attributes.
    public func setAttributes(
        _ changes: AttributeChanges, of inode: UInt64, handle: UInt64?, _ request: consuming Request
    ) {
        request.fail(.notPermitted)
    }

    /// Has no symbolic links.
    public func readlink(_ inode: UInt64, _ request: consuming Request) {
        request.fail(.invalidArgument)
    }

    /// Tells 1 PiB, all free.
    public func statfs(_ inode: UInt64, _ request: consuming Request) {
        request.reply(statistics: FileSystemStatistics())
    }

    /// Lets the kernel allow it.
    public func access(_ inode: UInt64, mask: Int32, _ request: consuming Request) {
        request.fail(.noFunction)
    }
}

// MARK: Names

extension FileSystem {
    /// Makes no files.
    public func mknod(
        _ name: String, in parent: UInt64, mode: UInt32, device: UInt64, _ request: consuming Request
    ) {
        request.fail(.notPermitted)
    }

    /// Makes no directories.
    public func mkdir(_ name: String, in parent: UInt64, mode: UInt32, _ request: consuming Request) {
        request.fail(.notPermitted)
    }

    /// Removes no files.
    public func unlink(_ name: String, in parent: UInt64, _ request: consuming Request) {
        request.fail(.notPermitted)
    }

    /// Removes no directories.
    public func rmdir(_ name: String, in parent: UInt64, _ request: consuming Request) {
        request.fail(.notPermitted)
    }

    /// Makes no symbolic links.
    public func symlink(_ name: String, in parent: UInt64, target: String, _ request: consuming Request) {
        request.fail(.notPermitted)
    }

    /// Renames nothing.
    public func rename(
        _ name: String, in parent: UInt64, to newName: String, in newParent: UInt64, flags: RenameFlags,
        _ request: consuming Request
    ) {
        request.fail(.notPermitted)
    }

    /// Makes no links.
    public func link(_ inode: UInt64, to newName: String, in newParent: UInt64, _ request: consuming Request) {
        request.fail(.notPermitted)
    }

    /// Makes no files.
    public func create(
        _ name: String, in parent: UInt64, mode: UInt32, flags: OpenFlags, _ request: consuming Request
    ) {
        request.fail(.notPermitted)
    }
}

// MARK: Openings

extension FileSystem {
    /// Opens without a handle of its own.
    public func open(_ inode: UInt64, flags: OpenFlags, _ request: consuming Request) {
        request.reply(opened: OpenedFile())
    }

    /// Cannot be read, as read(2) says of an unsuitable object.
    public func read(_ inode: UInt64, handle: UInt64, offset: Int, count: Int, _ request: consuming Request) {
        request.fail(.invalidArgument)
    }

    /// Cannot be written, as write(2) says of an unsuitable object.
    public func write(
        _ inode: UInt64, handle: UInt64, offset: Int, bytes: UnsafeRawBufferPointer, _ request: consuming Request
    ) {
        request.fail(.invalidArgument)
    }

    /// Lets the kernel take every close for a success.
    public func flush(_ inode: UInt64, handle: UInt64, _ request: consuming Request) {
        request.fail(.noFunction)
    }

    /// Lets the kernel take every fsync for a success.
    public func fsync(_ inode: UInt64, handle: UInt64, dataOnly: Bool, _ request: consuming Request) {
        request.fail(.noFunction)
    }

    /// Has nothing to give up.
    public func release(_ inode: UInt64, handle: UInt64, flags: OpenFlags, _ request: consuming Request) {
        request.succeed()
    }

    /// Lets the kernel take every file for ready.
    public func poll(
        _ inode: UInt64, handle: UInt64, events: UInt32, notify: PollHandle?, _ request: consuming Request
    ) {
        request.fail(.noFunction)
    }

    /// Lets the kernel take every file for one piece of data.
    public func lseek(
        _ inode: UInt64, handle: UInt64, offset: Int, whence: Whence, _ request: consuming Request
    ) {
        request.fail(.noFunction)
    }
}

// MARK: Directories

extension FileSystem {
    /// Opens without a handle of its own.
    public func opendir(_ inode: UInt64, _ request: consuming Request) {
        request.reply(opened: OpenedFile())
    }

    /// Has no directories.
    public func readdir(
        _ inode: UInt64, handle: UInt64, offset: Int, count: Int, plus: Bool, _ request: consuming Request
    ) {
        request.fail(.notDirectory)
    }

    /// Has nothing to give up.
    public func releasedir(_ inode: UInt64, handle: UInt64, _ request: consuming Request) {
        request.succeed()
    }

    /// Lets the kernel take every fsync for a success.
    public func fsyncdir(_ inode: UInt64, handle: UInt64, dataOnly: Bool, _ request: consuming Request) {
        request.fail(.noFunction)
    }
}

// MARK: Extended attributes

extension FileSystem {
    /// Has no extended attributes.
    public func setxattr(
        _ inode: UInt64, name: String, value: UnsafeRawBufferPointer, flags: Int32, _ request: consuming Request
    ) {
        request.fail(.noFunction)
    }

    /// Has no extended attributes.
    public func getxattr(_ inode: UInt64, name: String, capacity: Int, _ request: consuming Request) {
        request.fail(.noFunction)
    }

    /// Has no extended attributes.
    public func listxattr(_ inode: UInt64, capacity: Int, _ request: consuming Request) {
        request.fail(.noFunction)
    }

    /// Has no extended attributes.
    public func removexattr(_ inode: UInt64, name: String, _ request: consuming Request) {
        request.fail(.noFunction)
    }
}
