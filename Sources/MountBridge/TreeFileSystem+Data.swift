import FUSEKit
import Glibc
import Inventory
import ProviderAPI
import Tree

extension TreeFileSystem {
    func read(_ inode: UInt64, handle: UInt64, offset: Int, count: Int, _ request: consuming Request) {
        if handle == 0, let content = inodes.content(inode) {
            counts.count(.read)
            return request.reply(content: content, offset: offset, count: count)
        }
        let attempt = attempt(.read, inode, by: request.caller)
        guard let opened = handles.file(handle) else { return fail(request, Self.notOpen, attempt) }
        if opened.isNonBlocking, opened.file.isStream, opened.file.poll(nil) == false {
            return request.fail(ErrorNumber.wouldBlock.errno)
        }
        // Bulk data that is at hand goes without the task that another read needs, and without a copy.
        if let bytes = opened.file.readNow(offset: offset, count: count) { return request.reply(data: bytes) }
        answer(request, attempt, patience: patience(opened.file)) { () throws(ProviderError) in
            try opened.file.read(offset: offset, count: count, by: attempt.caller)
        } reply: { request, bytes in
            request.reply(content: bytes, offset: 0, count: count)
        }
    }

    func write(
        _ inode: UInt64, handle: UInt64, offset: Int, bytes: UnsafeRawBufferPointer, _ request: consuming Request
    ) {
        let attempt = attempt(.write, inode, by: request.caller)
        guard let opened = handles.file(handle) else { return fail(request, Self.notOpen, attempt) }
        answer(request, attempt, patience: patience(opened.file)) { () throws(ProviderError) in
            try opened.file.write(Array(bytes), offset: offset, by: attempt.caller)
        } reply: { request, count in
            request.reply(written: count)
        }
    }

    func flush(_ inode: UInt64, handle: UInt64, _ request: consuming Request) {
        let attempt = attempt(.flush, inode, by: request.caller)
        guard let opened = handles.file(handle), opened.file.wantsFlush else { return request.succeed() }
        answer(request, attempt, patience: patience(opened.file)) { () throws(ProviderError) in
            var caller = attempt.caller
            caller.isKilled = ProcessEnd.isKilled(caller.pid)
            return try opened.file.flush(by: caller)
        } reply: { request, _ in
            request.succeed()
        }
    }

    func fsync(_ inode: UInt64, handle: UInt64, dataOnly: Bool, _ request: consuming Request) {
        let attempt = attempt(.fsync, inode, by: request.caller)
        guard let opened = handles.file(handle) else { return request.succeed() }
        answer(request, attempt, patience: patience(opened.file)) { () throws(ProviderError) in
            try opened.file.sync(by: attempt.caller)
        } reply: { request, _ in
            request.succeed()
        }
    }

    func lseek(_ inode: UInt64, handle: UInt64, offset: Int, whence: Whence, _ request: consuming Request) {
        let attempt = attempt(.lseek, inode, by: request.caller)
        let wantsHole = whence == .hole
        answer(request, attempt) { () throws(ProviderError) -> Answer<Int?> in
            if let opened = self.handles.file(handle) { return try opened.file.seek(offset: offset, hole: wantsHole) }
            let size = self.inodes.content(inode)?.count ?? 0
            return .now(offset < size ? (wantsHole ? size : offset) : nil)
        } reply: { request, position in
            guard let position else { return request.fail(ErrorNumber.pastTheEnd.errno) }
            request.reply(offset: position)
        }
    }

    func poll(_ inode: UInt64, handle: UInt64, events: UInt32, notify: PollHandle?, _ request: consuming Request) {
        counts.count(.poll)
        let always = UInt32(POLLOUT | POLLWRNORM)
        let readable = UInt32(POLLIN | POLLRDNORM)
        let isReadable =
            handles.file(handle)?.file.poll(notify.map { handle in { @Sendable in handle.notify() } }) ?? true
        request.reply(events: (isReadable ? always | readable : always) & events)
    }

    /// SEEK_HOLE of lseek(2), which the C library shows only to those who ask for GNU extensions.
    private static let seekHole: Int32 = 4

    /// A stream waits for what may never come, and bulk data as long as its own deadline allows.
    private func patience(_ file: any NodeFile) -> Duration? {
        file.isStream || file.isBulk ? nil : options.deadline
    }

    private static var notOpen: ProviderError {
        ProviderError(.replaced, "this file is not open; open its path again")
    }
}
