import FUSEKit
import Glibc
import Synchronization
import SystemPackage

extension MemoryFileSystem {
    func open(_ inode: UInt64, flags: OpenFlags, _ request: consuming Request) {
        let opened = state.withLock { state in
            state.log.append("open \(flags.accessMode) truncate=\(flags.contains(.truncate))")
            guard case .file = state.nodes[inode]?.kind else { return OpenedFile(handle: inode, directIO: true) }
            if flags.contains(.truncate) { state.nodes[inode]?.kind = .file([]) }
            return OpenedFile(handle: inode, keepCache: state.keepCache, noFlush: state.keepCache)
        }
        request.reply(opened: opened)
    }

    func read(_ inode: UInt64, handle: UInt64, offset: Int, count: Int, _ request: consuming Request) {
        note("read \(offset) \(count)")
        switch state.withLock({ $0.nodes[inode]?.kind }) {
        case .file(let content): request.reply(content: content, offset: offset, count: count)
        case .special(let special): serve(special, offset: offset, request)
        default: request.fail(.isDirectory)
        }
    }

    private func serve(_ special: Special, offset: Int, _ request: consuming Request) {
        switch special {
        case .forget: break
        case .later:
            request.later { request in
                let text = offset == 0 ? "late\n" : ""
                request.reply(data: Array(text.utf8))
            }
        case .forgetLater: request.later { _ in }
        case .hang: request.later { await self.hang($0) }
        case .hangTwice:
            request.later { request in
                request.later { await self.hang($0) }
            }
        }
    }

    /// Waits for longer than any test, unless cancelled.
    private func hang(_ request: consuming Request) async {
        do {
            try await Task.sleep(for: .seconds(60))
            request.fail(.timedOut)
        } catch {
            state.withLock { $0.cancelled += 1 }
            request.fail(.interrupted)
        }
    }

    func write(
        _ inode: UInt64, handle: UInt64, offset: Int, bytes: UnsafeRawBufferPointer, _ request: consuming Request
    ) {
        state.withLock { state in
            state.log.append("write \(offset) \(bytes.count)")
            guard case .file(var content) = state.nodes[inode]?.kind else { return }
            let end = offset + bytes.count
            if content.count < end { content.append(contentsOf: repeatElement(0, count: end - content.count)) }
            content.replaceSubrange(offset..<end, with: bytes)
            state.nodes[inode]?.kind = .file(content)
        }
        request.reply(written: bytes.count)
    }

    func flush(_ inode: UInt64, handle: UInt64, _ request: consuming Request) {
        note("flush \(handle)")
        request.succeed()
    }

    func release(_ inode: UInt64, handle: UInt64, flags: OpenFlags, _ request: consuming Request) {
        note("release \(handle)")
        request.succeed()
    }

    func lseek(_ inode: UInt64, handle: UInt64, offset: Int, whence: Whence, _ request: consuming Request) {
        // Bytes of zero are the hole.
        guard case .file(let content) = state.withLock({ $0.nodes[inode]?.kind }), offset < content.count else {
            return request.fail(.noSuchAddressOrDevice)
        }
        let rest = content[offset...]
        if whence == .data {
            guard let found = rest.firstIndex(where: { $0 != 0 }) else { return request.fail(.noSuchAddressOrDevice) }
            request.reply(offset: found)
        } else {
            request.reply(offset: rest.firstIndex(of: 0) ?? content.count)
        }
    }

    func poll(
        _ inode: UInt64, handle: UInt64, events: UInt32, notify: PollHandle?, _ request: consuming Request
    ) {
        let isReady = state.withLock { state in
            if let notify { state.nodes[inode]?.polls.append(notify) }
            guard case .file(let content) = state.nodes[inode]?.kind else { return false }
            return !content.isEmpty
        }
        request.reply(events: isReady ? UInt32(POLLIN) : 0)
    }

    func getxattr(_ inode: UInt64, name: String, capacity: Int, _ request: consuming Request) {
        guard let value = state.withLock({ $0.nodes[inode]?.extended[name] }) else { return request.fail(.noData) }
        request.reply(extended: value, capacity: capacity)
    }

    func listxattr(_ inode: UInt64, capacity: Int, _ request: consuming Request) {
        let names = state.withLock { $0.nodes[inode]?.extended.keys.sorted() ?? [] }
        request.reply(extendedNames: names, capacity: capacity)
    }

    func setxattr(
        _ inode: UInt64, name: String, value: UnsafeRawBufferPointer, flags: Int32, _ request: consuming Request
    ) {
        state.withLock { $0.nodes[inode]?.extended[name] = Array(value) }
        request.succeed()
    }

    func removexattr(_ inode: UInt64, name: String, _ request: consuming Request) {
        let removed = state.withLock { $0.nodes[inode]?.extended.removeValue(forKey: name) }
        guard removed != nil else { return request.fail(.noData) }
        request.succeed()
    }
}
