import CFUSE
import SystemPackage

extension Operations {
    static func addOpenings(to table: inout fuse_lowlevel_ops) {
        table.open = { raw, inode, file in
            let flags = OpenFlags(rawValue: file?.pointee.flags ?? 0)
            Operations.serve(raw) { $0.open(inode, flags: flags, $1) }
        }
        table.read = { raw, inode, count, offset, file in
            Operations.serve(raw) { $0.read(inode, handle: Operations.handle(file), offset: offset, count: count, $1) }
        }
        table.write = { raw, inode, start, count, offset, file in
            let bytes = UnsafeRawBufferPointer(start: start, count: count)
            Operations.serve(raw) { $0.write(inode, handle: Operations.handle(file), offset: offset, bytes: bytes, $1) }
        }
        table.flush = { raw, inode, file in
            Operations.serve(raw) { $0.flush(inode, handle: Operations.handle(file), $1) }
        }
        table.fsync = { raw, inode, dataOnly, file in
            Operations.serve(raw) { $0.fsync(inode, handle: Operations.handle(file), dataOnly: dataOnly != 0, $1) }
        }
        table.release = { raw, inode, file in
            let flags = OpenFlags(rawValue: file?.pointee.flags ?? 0)
            Operations.serve(raw) { $0.release(inode, handle: Operations.handle(file), flags: flags, $1) }
        }
        table.lseek = { raw, inode, offset, whence, file in
            // SEEK_DATA is 3 and SEEK_HOLE 4 (lseek(2)); the Glibc module lacks both.
            let whence = whence == 3 ? Whence.data : .hole
            Operations.serve(raw) {
                $0.lseek(inode, handle: Operations.handle(file), offset: offset, whence: whence, $1)
            }
        }
        table.poll = { raw, inode, file, notify in
            Operations.serve(raw) { fileSystem, request in
                let notify = notify.map { PollHandle($0, session: request.holder) }
                let events = file?.pointee.poll_events ?? 0
                fileSystem.poll(inode, handle: Operations.handle(file), events: events, notify: notify, request)
            }
        }
    }

    static func addDirectories(to table: inout fuse_lowlevel_ops) {
        table.opendir = { raw, inode, _ in
            Operations.serve(raw) { $0.opendir(inode, $1) }
        }
        table.readdir = { raw, inode, count, offset, file in
            Operations.serve(raw) {
                $0.readdir(inode, handle: Operations.handle(file), offset: offset, count: count, plus: false, $1)
            }
        }
        table.readdirplus = { raw, inode, count, offset, file in
            Operations.serve(raw) {
                $0.readdir(inode, handle: Operations.handle(file), offset: offset, count: count, plus: true, $1)
            }
        }
        table.releasedir = { raw, inode, file in
            Operations.serve(raw) { $0.releasedir(inode, handle: Operations.handle(file), $1) }
        }
        table.fsyncdir = { raw, inode, dataOnly, file in
            Operations.serve(raw) { $0.fsyncdir(inode, handle: Operations.handle(file), dataOnly: dataOnly != 0, $1) }
        }
    }

    private static func handle(_ file: UnsafeMutablePointer<fuse_file_info>?) -> UInt64 {
        file?.pointee.fh ?? 0
    }
}
