import CFUSE
import SystemPackage

extension Operations {
    // An attribute whose name is not UTF-8 cannot exist here: ENODATA; it cannot be set either: EILSEQ.

    static func addExtendedAttributes(to table: inout fuse_lowlevel_ops) {
        table.getxattr = { raw, inode, name, capacity in
            Operations.serve(raw) { fileSystem, request in
                guard let name = Operations.name(name) else { return request.fail(.noData) }
                fileSystem.getxattr(inode, name: name, capacity: capacity, request)
            }
        }
        table.setxattr = { raw, inode, name, start, count, flags in
            Operations.serve(raw) { fileSystem, request in
                guard let name = Operations.name(name) else { return request.fail(.illegalByteSequence) }
                let value = UnsafeRawBufferPointer(start: start, count: count)
                fileSystem.setxattr(inode, name: name, value: value, flags: flags, request)
            }
        }
        table.listxattr = { raw, inode, capacity in
            Operations.serve(raw) { $0.listxattr(inode, capacity: capacity, $1) }
        }
        table.removexattr = { raw, inode, name in
            Operations.serve(raw) { fileSystem, request in
                guard let name = Operations.name(name) else { return request.fail(.noData) }
                fileSystem.removexattr(inode, name: name, request)
            }
        }
    }
}
