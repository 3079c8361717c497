import CFUSE
import SystemPackage

extension Operations {
    // A name that is not UTF-8 cannot exist here: finding it fails with ENOENT, making it with EILSEQ.

    static func addNames(to table: inout fuse_lowlevel_ops) {
        table.lookup = { raw, parent, name in
            Operations.withExisting(name, raw) { $0.lookup($1, in: parent, $2) }
        }
        table.unlink = { raw, parent, name in
            Operations.withExisting(name, raw) { $0.unlink($1, in: parent, $2) }
        }
        table.rmdir = { raw, parent, name in
            Operations.withExisting(name, raw) { $0.rmdir($1, in: parent, $2) }
        }
        table.mknod = { raw, parent, name, mode, device in
            Operations.withNew(name, raw) { $0.mknod($1, in: parent, mode: mode, device: UInt64(device), $2) }
        }
        table.mkdir = { raw, parent, name, mode in
            Operations.withNew(name, raw) { $0.mkdir($1, in: parent, mode: mode, $2) }
        }
        table.link = { raw, inode, parent, name in
            Operations.withNew(name, raw) { $0.link(inode, to: $1, in: parent, $2) }
        }
        table.create = { raw, parent, name, mode, file in
            let flags = OpenFlags(rawValue: file?.pointee.flags ?? 0)
            Operations.withNew(name, raw) { $0.create($1, in: parent, mode: mode, flags: flags, $2) }
        }
        table.symlink = { raw, target, parent, name in
            Operations.withNew(name, raw) { fileSystem, name, request in
                guard let target = Operations.name(target) else { return request.fail(.illegalByteSequence) }
                fileSystem.symlink(name, in: parent, target: target, request)
            }
        }
        table.rename = { raw, parent, name, newParent, newName, flags in
            Operations.withExisting(name, raw) { fileSystem, name, request in
                guard let newName = Operations.name(newName) else { return request.fail(.illegalByteSequence) }
                fileSystem.rename(
                    name, in: parent, to: newName, in: newParent, flags: RenameFlags(rawValue: flags), request)
            }
        }
    }

    private static func withExisting(
        _ name: UnsafePointer<CChar>?, _ raw: fuse_req_t?, _ body: (any FileSystem, String, consuming Request) -> Void
    ) {
        Operations.serve(raw) { fileSystem, request in
            guard let name = Operations.name(name) else { return request.fail(.noSuchFileOrDirectory) }
            body(fileSystem, name, request)
        }
    }

    private static func withNew(
        _ name: UnsafePointer<CChar>?, _ raw: fuse_req_t?, _ body: (any FileSystem, String, consuming Request) -> Void
    ) {
        Operations.serve(raw) { fileSystem, request in
            guard let name = Operations.name(name) else { return request.fail(.illegalByteSequence) }
            body(fileSystem, name, request)
        }
    }
}
