import CFUSE
public import SystemPackage

/// Tells the kernel that what it has cached is no longer so.
///
/// Every method may be called from any thread but waits for locks of the kernel that an unanswered request may hold. So
/// it must be called neither on the session's thread nor by a task on which the answer to such a request depends: give
/// it a task or thread of its own. Each returns nil if it was done, `noSuchFileOrDirectory` if the kernel had nothing
/// cached (which is normal), and another error if the mount is gone.
public struct Notifier: Sendable {
    let session: SessionHandle

    /// Drops what the kernel has of a file: always its attributes, and its content from `offset` on.
    ///
    /// - Parameters:
    ///   - offset: where the changed content begins; negative: attributes only.
    ///   - length: how much changed, in bytes; 0: all the rest.
    @discardableResult
    public func invalidate(inode: UInt64, offset: Int = 0, length: Int = 0) -> Errno? {
        result(of: fuse_lowlevel_notify_inval_inode(session.pointer, inode, offset, length))
    }

    /// Drops the attributes that the kernel has of a file, and leaves its content.
    @discardableResult
    public func invalidateAttributes(of inode: UInt64) -> Errno? {
        invalidate(inode: inode, offset: -1)
    }

    /// Drops a name from the kernel's cache, present or absent, with the attributes of its directory.
    @discardableResult
    public func invalidate(entry name: String, parent: UInt64) -> Errno? {
        let count = name.utf8.count
        return result(of: fuse_lowlevel_notify_inval_entry(session.pointer, parent, name, count))
    }

    /// Makes the kernel look a name up again when it is next used, and leaves what is mounted below it.
    ///
    /// Fails with `noFunction` on a kernel before 6.2.
    @discardableResult
    public func expire(entry name: String, parent: UInt64) -> Errno? {
        let count = name.utf8.count
        return result(
            of: fuse_lowlevel_notify_expire_entry(session.pointer, parent, name, count, FUSE_LL_EXPIRE_ONLY))
    }

    /// Says that a name is gone from its directory, so that inotify(7) reports it too.
    @discardableResult
    public func delete(entry name: String, child: UInt64, parent: UInt64) -> Errno? {
        let count = name.utf8.count
        return result(of: fuse_lowlevel_notify_delete(session.pointer, parent, child, name, count))
    }

    private func result(of code: Int32) -> Errno? {
        code == 0 ? nil : Errno(rawValue: -code)
    }
}
