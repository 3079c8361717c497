import CFUSE
import SystemPackage

/// The table of C functions through which libfuse calls a ``FileSystem``. Each makes values of its arguments, which are
/// gone when it returns, and passes them on with a ``Request``.
enum Operations {
    /// The whole table. What is missing (locks, ioctl, bmap, fallocate, copy_file_range) libfuse answers with ENOSYS, and
    /// the kernel does without.
    static var table: fuse_lowlevel_ops {
        var table = fuse_lowlevel_ops()
        addLifetime(to: &table)
        addAttributes(to: &table)
        addNames(to: &table)
        addOpenings(to: &table)
        addDirectories(to: &table)
        addExtendedAttributes(to: &table)
        return table
    }

    /// Runs `body` with the file system that owns the request, on the calling thread.
    static func serve(_ raw: fuse_req_t?, _ body: (any FileSystem, consuming Request) -> Void) {
        guard let raw, let context = fuse_req_userdata(raw) else { return }
        let session = SessionHandle.from(context)
        body(session.fileSystem, Request(raw, session: session))
    }

    /// A name as a string; nil if it is not valid UTF-8.
    static func name(_ pointer: UnsafePointer<CChar>?) -> String? {
        pointer.flatMap { String(validatingCString: $0) }
    }

    private static func addLifetime(to table: inout fuse_lowlevel_ops) {
        table.`init` = { context, connection in
            guard let context, let connection else { return }
            var wishes = ConnectionInfo(connection.pointee)
            wishes.setDefaults()
            SessionHandle.from(context).fileSystem.initialise(&wishes)
            wishes.apply(to: &connection.pointee)
        }
        table.forget = { raw, inode, count in
            guard let raw, let context = fuse_req_userdata(raw) else { return }
            SessionHandle.from(context).fileSystem.forget(inode, count: count)
            fuse_reply_none(raw)
        }
        table.forget_multi = { raw, count, forgets in
            guard let raw, let context = fuse_req_userdata(raw) else { return }
            let fileSystem = SessionHandle.from(context).fileSystem
            for item in UnsafeBufferPointer(start: forgets, count: count) {
                fileSystem.forget(item.ino, count: item.nlookup)
            }
            fuse_reply_none(raw)
        }
    }

    private static func addAttributes(to table: inout fuse_lowlevel_ops) {
        table.getattr = { raw, inode, file in
            Operations.serve(raw) { $0.getAttributes(of: inode, handle: file?.pointee.fh, $1) }
        }
        table.setattr = { raw, inode, stat, valid, file in
            Operations.serve(raw) { fileSystem, request in
                guard let stat else { return request.fail(.invalidArgument) }
                let changes = AttributeChanges(stat.pointee, valid: valid)
                fileSystem.setAttributes(changes, of: inode, handle: file?.pointee.fh, request)
            }
        }
        table.readlink = { raw, inode in
            Operations.serve(raw) { $0.readlink(inode, $1) }
        }
        table.statfs = { raw, inode in
            Operations.serve(raw) { $0.statfs(inode, $1) }
        }
        table.access = { raw, inode, mask in
            Operations.serve(raw) { $0.access(inode, mask: mask, $1) }
        }
    }
}
