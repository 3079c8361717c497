import Inventory
public import ProviderAPI
public import Tree

/// Something met on a walk.
public struct VisitedNode: Sendable {
    /// Its path below the mount point.
    public let path: String
    /// Its inode number.
    public let inode: UInt64
    /// Its `stat`.
    public let status: NodeStatus
    /// What a reader saw; nil for a directory, and for bulk content that is too large to be read whole.
    public let bytes: [UInt8]?
    /// The node itself.
    public let node: any Node
}

extension TreeDriver {
    /// `find`, with every file read: all that is listed below a path, depth first.
    public func walk(_ path: String) async throws(ProviderError) -> [VisitedNode] {
        var visited: [VisitedNode] = []
        try await walk(path, try await node(path), &visited)
        return visited
    }

    /// What is larger is not read whole on a walk.
    private static var wholeLimit: Int { 8 << 20 }

    private func walk(_ path: String, _ node: any Node, _ visited: inout [VisitedNode]) async throws(ProviderError) {
        if let directory = node as? any DirectoryNode {
            visited.append(
                VisitedNode(
                    path: path, inode: node.inode, status: try await node.status().value(), bytes: nil, node: node))
            for entry in try await entries(of: directory) {
                try await walk(path.isEmpty ? entry.name : "\(path)/\(entry.name)", entry.node, &visited)
            }
        } else if let file = node as? any FileNode {
            let (status, bytes) = try await snapshot(file)
            visited.append(VisitedNode(path: path, inode: node.inode, status: status, bytes: bytes, node: node))
        }
    }

    /// What one `open` sees: the status and the bytes of one moment, where the file has both.
    func snapshot(_ file: any FileNode) async throws(ProviderError) -> (NodeStatus, [UInt8]?) {
        if let content = try file.content() {
            let content = try await content.value()
            return (content.status, content.bytes)
        }
        let status = try await file.status().value()
        return (status, status.size > Self.wholeLimit ? nil : try await bytes(of: file))
    }

    /// `rm -r`: goes on after a refusal as rm does, and gives what was refused, by path.
    public func removeTree(_ path: String) async throws(ProviderError) -> [(path: String, error: ProviderError)] {
        var refused: [(path: String, error: ProviderError)] = []
        for entry in try await entries(path) {
            let inner = "\(path)/\(entry.name)"
            if entry.node is any DirectoryNode {
                refused += try await removeTree(inner)
            } else {
                do throws(ProviderError) { try await removeFile(inner) } catch { refused.append((inner, error)) }
            }
        }
        // rm removes a directory only when all in it went.
        guard refused.isEmpty else { return refused }
        do throws(ProviderError) { try await removeDirectory(path) } catch { refused.append((path, error)) }
        return refused
    }

    /// `cp -r`: makes the directories, writes the files, passes over what is empty of bytes as `cp` writes it.
    public func copyTree(_ path: String, to newPath: String) async throws(ProviderError) {
        try await makeDirectory(newPath)
        for entry in try await entries(path) {
            let (from, to) = ("\(path)/\(entry.name)", "\(newPath)/\(entry.name)")
            if entry.node is any DirectoryNode {
                try await copyTree(from, to: to)
            } else if let file = entry.node as? any FileNode {
                let bytes = try await bytes(of: file)
                if bytes.isEmpty { try await touch(to) } else { try await write(to, bytes) }
            }
        }
    }

    /// `touch` of a name that may not be there, or `: > PATH`.
    public func touch(_ path: String) async throws(ProviderError) {
        if try await exists(path) { return }
        let (parent, name) = Self.split(path)
        let created = try await directory(parent).createFile(name, by: caller).value()
        do throws(ProviderError) {
            try await created.file.flush(by: caller).value()
        } catch {
            await created.file.close()
            throw error
        }
        await created.file.close()
    }

    /// A new file at a path with this content, renamed over another: what `sed -i` and editors do.
    public func replace(_ path: String, with text: String, by temporary: String) async throws(ProviderError) {
        let (parent, _) = Self.split(path)
        try await write("\(parent)/\(temporary)", text)
        try await rename("\(parent)/\(temporary)", to: path)
    }
}
