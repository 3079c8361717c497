import CFUSE
import Glibc
public import SystemPackage

extension Request {
    /// Answers that the call failed.
    public consuming func fail(_ error: Errno) {
        answer { raw, _ in fuse_reply_err(raw, error.rawValue) }
    }

    /// Answers that the call succeeded, where there is nothing else to say: unlink, rmdir, rename, flush, fsync,
    /// release, setxattr, removexattr, access.
    public consuming func succeed() {
        answer { raw, _ in fuse_reply_err(raw, 0) }
    }

    /// Answers a lookup, mkdir, mknod, symlink or link.
    ///
    /// Where the kernel has given up on the call meanwhile, the lookup is taken back through
    /// ``FileSystem/forget(_:count:)``.
    public consuming func reply(entry: Entry) {
        answer { raw, session in
            var parameters = entry.parameters
            if fuse_reply_entry(raw, &parameters) == -ENOENT, entry.inode != 0 {
                session.fileSystem.forget(entry.inode, count: 1)
            }
        }
    }

    /// Answers a getattr or setattr.
    ///
    /// - Parameter timeout: for how many seconds the kernel may answer stat(2) from these attributes.
    public consuming func reply(attributes: Attributes, timeout: Double) {
        answer { raw, _ in
            var stat = attributes.stat
            fuse_reply_attr(raw, &stat, timeout)
        }
    }

    /// Answers an open or opendir.
    ///
    /// Where the kernel has given up on the call meanwhile, the handle goes to ``FileSystem/abandon(_:)``.
    public consuming func reply(opened: OpenedFile) {
        answer { raw, session in
            if Self.answerOpening(opened, raw) == -ENOENT { session.fileSystem.abandon(opened.handle) }
        }
    }

    private static func answerOpening(_ opened: OpenedFile, _ raw: fuse_req_t) -> Int32 {
        if opened.isStream {
            return withUnsafeBytes(of: opened.streamReply) { bytes in
                fuse_reply_buf(raw, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
            }
        }
        var information = opened.information
        return fuse_reply_open(raw, &information)
    }

    /// Answers a create. Where the kernel has given up on the call meanwhile, lookup and handle are taken back.
    public consuming func reply(created: Entry, opened: OpenedFile) {
        answer { raw, session in
            var parameters = created.parameters
            var information = opened.information
            guard fuse_reply_create(raw, &parameters, &information) == -ENOENT else { return }
            session.fileSystem.abandon(opened.handle)
            session.fileSystem.forget(created.inode, count: 1)
        }
    }

    /// Answers a write: how many bytes were taken.
    public consuming func reply(written count: Int) {
        answer { raw, _ in fuse_reply_write(raw, count) }
    }

    /// Answers a read. Fewer bytes than asked for mean the end of the file.
    public consuming func reply(data: UnsafeRawBufferPointer) {
        answer { raw, _ in
            fuse_reply_buf(raw, data.baseAddress?.assumingMemoryBound(to: CChar.self), data.count)
        }
    }

    /// Answers a read. Fewer bytes than asked for mean the end of the file.
    public consuming func reply(data: ArraySlice<UInt8>) {
        answer { raw, _ in data.withUnsafeBytes { _ = send($0, to: raw) } }
    }

    /// Answers a read. Fewer bytes than asked for mean the end of the file.
    public consuming func reply(data: [UInt8]) {
        answer { raw, _ in data.withUnsafeBytes { _ = send($0, to: raw) } }
    }

    /// Answers a read of `count` bytes at `offset` from a file's whole content, without copying it.
    public consuming func reply(content: [UInt8], offset: Int, count: Int) {
        answer { raw, _ in
            let start = min(max(offset, 0), content.count)
            let end = start + min(max(count, 0), content.count - start)
            content.withUnsafeBytes { _ = send(UnsafeRawBufferPointer(rebasing: $0[start..<end]), to: raw) }
        }
    }

    /// Answers a readlink with what the link leads to.
    public consuming func reply(link: String) {
        answer { raw, _ in fuse_reply_readlink(raw, link) }
    }

    /// Answers a readdir; an empty buffer says that there is no more.
    ///
    /// Where the kernel has given up on the call meanwhile, the lookups of a `plus` are taken back through
    /// ``FileSystem/forget(_:count:)``.
    public consuming func reply(directory: consuming DirectoryBuffer) {
        let buffer = directory
        answer { raw, session in
            guard send(buffer.bytes, to: raw) == -ENOENT else { return }
            for inode in buffer.lookedUp { session.fileSystem.forget(inode, count: 1) }
        }
    }

    /// Answers a statfs.
    public consuming func reply(statistics: FileSystemStatistics) {
        answer { raw, _ in
            var statvfs = statistics.statvfs
            fuse_reply_statfs(raw, &statvfs)
        }
    }

    /// Answers a getxattr that asked for `capacity` bytes: the size alone if it asked for none, ERANGE if it asked for
    /// too few.
    public consuming func reply(extended value: [UInt8], capacity: Int) {
        answer { raw, _ in
            if capacity == 0 {
                fuse_reply_xattr(raw, value.count)
            } else if value.count > capacity {
                fuse_reply_err(raw, ERANGE)
            } else {
                value.withUnsafeBytes { _ = send($0, to: raw) }
            }
        }
    }

    /// Answers a listxattr that asked for `capacity` bytes: the size alone if it asked for none, ERANGE if it asked for
    /// too few.
    public consuming func reply(extendedNames names: [String], capacity: Int) {
        var list: [UInt8] = []
        for name in names {
            list.append(contentsOf: name.utf8)
            list.append(0)
        }
        reply(extended: list, capacity: capacity)
    }

    /// Answers an lseek with the offset found.
    public consuming func reply(offset: Int) {
        answer { raw, _ in fuse_reply_lseek(raw, offset) }
    }

    /// Answers a poll with the events that are ready now, as poll(2) numbers them.
    public consuming func reply(events: UInt32) {
        answer { raw, _ in fuse_reply_poll(raw, events) }
    }
}

/// Sends bytes as the answer; returns 0, or a negative errno.
private func send(_ bytes: UnsafeRawBufferPointer, to raw: fuse_req_t) -> Int32 {
    fuse_reply_buf(raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
}
