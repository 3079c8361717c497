import Inventory
public import ProviderAPI
public import Tree

/// Uses a tree as the kernel does for a program, without a mount: it looks names up first, and what it is told is what
/// the program would see.
public struct TreeDriver: Sendable {
    /// The mount point.
    public let root: any DirectoryNode
    /// The process that it plays.
    public var caller: Caller

    /// A driver of a tree, in the name of a process.
    public init(_ root: any DirectoryNode, caller: Caller = Caller(uid: 1000, gid: 1000, pid: 4242)) {
        self.root = root
        self.caller = caller
    }

    /// The same tree, used by another process.
    public func process(_ pid: Int32) -> TreeDriver {
        TreeDriver(root, caller: Caller(uid: caller.uid, gid: caller.gid, pid: pid))
    }

    // MARK: Looking

    /// The node of a path.
    public func node(_ path: String) async throws(ProviderError) -> any Node {
        var node: any Node = root
        for name in path.split(separator: "/") {
            guard let directory = node as? any DirectoryNode else {
                throw ProviderError(.notDirectory, "\(node.path) is not a directory")
            }
            node = try await directory.child(String(name), for: caller).value()
        }
        return node
    }

    /// The directory of a path.
    public func directory(_ path: String) async throws(ProviderError) -> any DirectoryNode {
        guard let directory = try await node(path) as? any DirectoryNode else {
            throw ProviderError(.notDirectory, "\(path) is not a directory")
        }
        return directory
    }

    /// The file of a path.
    public func file(_ path: String) async throws(ProviderError) -> any FileNode {
        guard let file = try await node(path) as? any FileNode else {
            throw ProviderError(.isDirectory, "\(path) is no file")
        }
        return file
    }

    /// Whether there is something at a path. Any error but `notFound` is thrown.
    public func exists(_ path: String) async throws(ProviderError) -> Bool {
        do throws(ProviderError) {
            _ = try await status(path)
            return true
        } catch  where error.code == .notFound {
            return false
        }
    }

    /// `stat`.
    public func status(_ path: String) async throws(ProviderError) -> NodeStatus {
        try await node(path).status().value()
    }

    /// `ls`: the names of a directory in its order, without those that went while it was read.
    public func names(_ path: String) async throws(ProviderError) -> [String] {
        try await entries(path).map(\.name)
    }

    /// The entries of a directory, read in small pieces as the kernel does.
    public func entries(_ path: String) async throws(ProviderError) -> [DirectoryEntry] {
        try await entries(of: directory(path))
    }

    func entries(of directory: any DirectoryNode) async throws(ProviderError) -> [DirectoryEntry] {
        let reader = try await directory.reader(for: caller).value()
        var entries: [DirectoryEntry] = []
        while true {
            let page = try await reader.entries(from: entries.count, limit: 7).value()
            if page.isEmpty { return entries }
            entries += page
        }
    }

    // MARK: Reading

    /// `cat`: all bytes of a file.
    public func bytes(_ path: String) async throws(ProviderError) -> [UInt8] {
        try await bytes(of: file(path))
    }

    /// All bytes of a file, as text.
    public func text(_ path: String) async throws(ProviderError) -> String {
        String(decoding: try await bytes(path), as: UTF8.self)
    }

    /// A file's one line, without its newline.
    public func line(_ path: String) async throws(ProviderError) -> String {
        let text = try await text(path)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func bytes(of file: any FileNode) async throws(ProviderError) -> [UInt8] {
        if let content = try file.content() { return try await content.value().bytes }
        let opened = try await file.open(OpenMode(), by: caller).value()
        let result = await Self.outcome { () async throws(ProviderError) in try await self.drain(opened) }
        await opened.close()
        return try result.get()
    }

    private func drain(_ file: any OpenedFile) async throws(ProviderError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let page = try await file.read(offset: bytes.count, count: 1 << 17, by: caller).value()
            if page.isEmpty { return bytes }
            bytes += page
        }
    }

    // MARK: Writing

    /// `printf TEXT > PATH`, or `>>`: creates a name that is not there.
    public func write(_ path: String, _ text: String, appending: Bool = false) async throws(ProviderError) {
        try await write(path, Array(text.utf8), appending: appending)
    }

    /// `echo TEXT > PATH`.
    public func echo(_ text: String, to path: String) async throws(ProviderError) {
        try await write(path, text + "\n")
    }

    /// Writes bytes as one write(2) and closes; the first error counts, as for a shell.
    public func write(_ path: String, _ bytes: [UInt8], appending: Bool = false) async throws(ProviderError) {
        let (opened, start) = try await opening(path, appending: appending)
        let caller = caller
        let result = await Self.outcome { () async throws(ProviderError) in
            let taken = try await opened.write(bytes, offset: start, by: caller).value()
            guard taken == bytes.count else { throw ProviderError(.failed, "\(path): only \(taken) bytes were taken") }
            try await opened.flush(by: caller).value()
        }
        await opened.close()
        try result.get()
    }

    private func opening(_ path: String, appending: Bool) async throws(ProviderError) -> (any OpenedFile, Int) {
        let mode = OpenMode(reading: false, writing: true, truncating: !appending, appending: appending)
        guard try await exists(path) else {
            let (parent, name) = Self.split(path)
            return (try await directory(parent).createFile(name, by: caller).value().file, 0)
        }
        let file = try await file(path)
        let size = appending ? try await file.status().value().size : 0
        return (try await file.open(mode, by: caller).value(), size)
    }

    /// `mkdir`.
    public func makeDirectory(_ path: String) async throws(ProviderError) {
        if try await exists(path) { throw ProviderError(.alreadyExists, "\(path) exists") }
        let (parent, name) = Self.split(path)
        _ = try await directory(parent).makeDirectory(name, by: caller).value()
    }

    /// `rmdir`.
    public func removeDirectory(_ path: String) async throws(ProviderError) {
        guard try await node(path) is any DirectoryNode else {
            throw ProviderError(.notDirectory, "\(path) is not a directory")
        }
        let (parent, name) = Self.split(path)
        try await directory(parent).removeDirectory(name, by: caller).value()
    }

    /// `unlink`.
    public func removeFile(_ path: String) async throws(ProviderError) {
        if try await node(path) is any DirectoryNode { throw ProviderError(.isDirectory, "\(path) is a directory") }
        let (parent, name) = Self.split(path)
        try await directory(parent).removeFile(name, by: caller).value()
    }

    /// `rename(2)`.
    public func rename(_ path: String, to newPath: String) async throws(ProviderError) {
        let node = try await node(path)
        let (oldParent, oldName) = Self.split(path)
        let (newParent, newName) = Self.split(newPath)
        let from = try await directory(oldParent)
        try await directory(newParent).adopt(
            node, named: oldName, from: from, as: newName, replacing: true, by: caller
        ).value()
    }

    /// The directory part of a path, and the name in it.
    static func split(_ path: String) -> (parent: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private static func outcome<Value>(
        _ body: () async throws(ProviderError) -> Value
    ) async -> Result<Value, ProviderError> {
        do throws(ProviderError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
