import FUSEKit
import Glibc
import Synchronization
import SystemPackage

/// A small file system in memory, with a few files whose reads behave in a special way.
final class MemoryFileSystem: FileSystem {
    enum Kind {
        case directory([String: UInt64])
        case file([UInt8])
        case link(String)
        case special(Special)
    }

    /// How a read of a special file behaves.
    enum Special {
        /// Waits until it is interrupted.
        case hang
        /// Drops the request.
        case forget
        /// Answers from a task, soon.
        case later
        /// Drops the request within a task.
        case forgetLater
        /// Passes the request on to a second task, which waits until it is interrupted.
        case hangTwice
    }

    struct Node {
        var kind: Kind
        var permissions: UInt32
        var time = Timestamp(seconds: 1_700_000_000, nanoseconds: 5)
        var extended: [String: [UInt8]] = [:]
        var polls: [PollHandle] = []
        var lookups = 0
    }

    struct State {
        var nodes: [UInt64: Node] = [1: Node(kind: .directory([:]), permissions: 0o755)]
        var next: UInt64 = 2
        var timeout = 0.0
        var links: UInt32 = 1
        var keepCache = false
        /// What was asked, as `operation` or `operation detail`.
        var log: [String] = []
        var cancelled = 0
        var abandoned: [UInt64] = []
        var wanted: ConnectionInfo.Capabilities = []
        var maximumWrite: UInt32 = 0
    }

    let state = Mutex(State())

    func note(_ text: String) {
        state.withLock { $0.log.append(text) }
    }

    var log: [String] { state.withLock { $0.log } }

    /// Makes a file directly, behind the kernel's back; returns its inode.
    @discardableResult
    func add(_ name: String, _ kind: Kind, to parent: UInt64 = 1, permissions: UInt32 = 0o644) -> UInt64 {
        state.withLock { $0.add(name, kind, to: parent, permissions: permissions) }
    }

    func initialise(_ connection: inout ConnectionInfo) {
        state.withLock {
            $0.wanted = connection.wanted.intersection(connection.available)
            $0.maximumWrite = connection.maximumWrite
        }
    }

    func forget(_ inode: UInt64, count: UInt64) {
        state.withLock { $0.nodes[inode]?.lookups -= Int(count) }
    }

    func abandon(_ handle: UInt64) {
        state.withLock { $0.abandoned.append(handle) }
    }

    func getAttributes(of inode: UInt64, handle: UInt64?, _ request: consuming Request) {
        let found = state.withLock { state in
            state.log.append("getattr \(inode)")
            return state.attributes(inode).map { ($0, state.timeout) }
        }
        guard let found else { return request.fail(.staleNFSFileHandle) }
        request.reply(attributes: found.0, timeout: found.1)
    }

    func setAttributes(
        _ changes: AttributeChanges, of inode: UInt64, handle: UInt64?, _ request: consuming Request
    ) {
        let attributes = state.withLock { state -> Attributes? in
            if let size = changes.size, case .file(var content) = state.nodes[inode]?.kind {
                content = Array(content.prefix(size))
                content.append(contentsOf: repeatElement(0, count: size - content.count))
                state.nodes[inode]?.kind = .file(content)
            }
            if let mode = changes.mode { state.nodes[inode]?.permissions = mode & 0o7777 }
            if let time = changes.modificationTime { state.nodes[inode]?.time = time }
            return state.attributes(inode)
        }
        guard let attributes else { return request.fail(.staleNFSFileHandle) }
        request.reply(attributes: attributes, timeout: 0)
    }

    func readlink(_ inode: UInt64, _ request: consuming Request) {
        guard case .link(let target) = state.withLock({ $0.nodes[inode]?.kind }) else {
            return request.fail(.invalidArgument)
        }
        request.reply(link: target)
    }
}

extension MemoryFileSystem.State {
    mutating func add(
        _ name: String, _ kind: MemoryFileSystem.Kind, to parent: UInt64, permissions: UInt32
    ) -> UInt64 {
        let inode = next
        next += 1
        nodes[inode] = MemoryFileSystem.Node(kind: kind, permissions: permissions)
        setChild(name, of: parent, to: inode)
        return inode
    }

    func children(_ inode: UInt64) -> [String: UInt64]? {
        guard case .directory(let children) = nodes[inode]?.kind else { return nil }
        return children
    }

    mutating func setChild(_ name: String, of parent: UInt64, to inode: UInt64?) {
        guard var children = children(parent) else { return }
        children[name] = inode
        nodes[parent]?.kind = .directory(children)
    }

    func attributes(_ inode: UInt64) -> Attributes? {
        guard let node = nodes[inode] else { return nil }
        let (type, size): (mode_t, Int) =
            switch node.kind {
            case .directory: (S_IFDIR, 0)
            case .file(let content): (S_IFREG, content.count)
            case .link(let target): (S_IFLNK, target.utf8.count)
            case .special: (S_IFREG, 0)
            }
        return Attributes(
            inode: inode + 1000, mode: type | node.permissions, links: links, uid: geteuid(), gid: getegid(),
            size: size,
            modificationTime: node.time)
    }

    /// The entry of an inode, counted as looked up.
    mutating func lookedUp(_ inode: UInt64) -> Entry? {
        guard let attributes = attributes(inode) else { return nil }
        nodes[inode]?.lookups += 1
        return Entry(inode: inode, attributes: attributes, attributeTimeout: timeout, entryTimeout: timeout)
    }
}
