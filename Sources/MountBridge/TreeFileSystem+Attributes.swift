import FUSEKit
import Inventory
import ProviderAPI
import Tree

/// A node with what `stat` says of it.
struct FoundNode: Sendable {
    let node: any Node
    let status: NodeStatus
}

extension TreeFileSystem {
    func lookup(_ name: String, in parent: UInt64, _ request: consuming Request) {
        switch answersClaim(request, on: name, in: parent) {
        case .absent?: return request.fail(ErrorNumber(.notFound).errno)
        case .entry(let entry)?: return request.reply(entry: entry)
        case nil: find(name, in: parent, request)
        }
    }

    /// Answers with what has a name.
    func find(_ name: String, in parent: UInt64, _ request: consuming Request) {
        let attempt = attempt(.lookup, parent, name, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            try self.child(name, of: try self.directory(parent), for: attempt.caller)
        } reply: { request, found in
            self.reply(request, found, attempt)
        }
    }

    func forget(_ inode: UInt64, count: UInt64) {
        counts.count(.forget)
        inodes.forget(inode, count: count)
    }

    func getAttributes(of inode: UInt64, handle: UInt64?, _ request: consuming Request) {
        let attempt = attempt(.getattr, inode, by: request.caller)
        answer(request, attempt) { () throws(ProviderError) in
            try self.status(of: try self.node(inode), inode, handle: handle)
        } reply: { request, status in
            self.reply(request, status, of: inode)
        }
    }

    func setAttributes(
        _ changes: AttributeChanges, of inode: UInt64, handle: UInt64?, _ request: consuming Request
    ) {
        let attempt = attempt(.setattr, inode, by: request.caller)
        answer(request, attempt, patience: patience(inode)) { () throws(ProviderError) in
            let node = try self.node(inode)
            return try self.truncate(node, to: changes.size, handle: handle, for: attempt.caller)
                .then { () throws(ProviderError) in try self.publish(node, changes.mode, for: attempt.caller) }
                .then { () throws(ProviderError) in
                    guard let time = changes.modificationTime, changes.size == nil else { return .done }
                    return try node.setModificationTime(Int(time.seconds), by: attempt.caller)
                }
                .then { () throws(ProviderError) in try self.status(of: node, inode, handle: handle) }
        } reply: { request, status in
            self.reply(request, status, of: inode)
        }
    }

    func readlink(_ inode: UInt64, _ request: consuming Request) {
        answer(request, attempt(.readlink, inode, by: request.caller)) { () throws(ProviderError) in
            let node = try self.node(inode)
            guard let link = node as? any LinkNode else {
                throw ProviderError(.invalidValue, "\(node.path) is not a symbolic link")
            }
            return try link.target()
        } reply: { request, target in
            request.reply(link: target)
        }
    }

    func statfs(_ inode: UInt64, _ request: consuming Request) {
        counts.count(.statfs)
        // Of no known size, so 1 PiB, all free: a file system without blocks is hidden by df(1).
        request.reply(statistics: FileSystemStatistics(files: tree.resourceCount, freeFiles: 0))
    }

    // MARK: Changes

    /// What `>` and truncate(1) send; never changes a resource.
    private func truncate(
        _ node: any Node, to size: Int?, handle: UInt64?, for caller: NodeCaller
    ) throws(ProviderError) -> Answer<Void> {
        guard let size else { return .done }
        if let file = handle.flatMap({ handles.file($0) })?.file { return try file.truncate(to: size, by: caller) }
        guard let file = node.asFile else {
            throw ProviderError(.isDirectory, "\(node.path) is a directory")
        }
        return try file.truncate(to: size, by: caller)
    }

    /// `chmod o+r` and `chmod o-r` and nothing else: a mode that differs in other bits too is what cp -p, tar and rsync
    /// carry over from another file system, and must not make anything public.
    private func publish(_ node: any Node, _ mode: UInt32?, for caller: NodeCaller) throws(ProviderError) -> Answer<
        Void
    > {
        guard let mode else { return .done }
        return try node.status().then { (status) throws(ProviderError) in
            // Who may read it is not asked for where it cannot matter.
            guard self.differences(mode, status) & ~0o004 == 0 else { return .done }
            return try node.statusForPublishing().then { (status) throws(ProviderError) in
                guard self.differences(mode, status) == 0o004 else { return .done }
                return try node.setPublic(mode & 0o004 != 0, by: caller)
            }
        }
    }

    /// The bits in which a mode is another than the one that is shown.
    private func differences(_ mode: UInt32, _ status: NodeStatus) -> UInt32 {
        (mode ^ Attributes(status, inode: 1, options: options).mode) & 0o777
    }

    // MARK: Status

    /// A name of a directory, with its status.
    func child(
        _ name: String, of directory: any DirectoryNode, for caller: NodeCaller
    ) throws(ProviderError) -> Answer<FoundNode> {
        guard name.utf8.count <= 255 else {
            throw ProviderError(.nameTooLong, "the name \(name.prefix(32))... is longer than 255 bytes")
        }
        return try directory.child(name, for: caller).then { (node) throws(ProviderError) in
            try self.status(of: node, self.inodes.id(of: node.inode), handle: nil)
                .map { FoundNode(node: node, status: $0) }
        }
    }

    /// The status of a node. While a file is open for cached reading its content and its status go together: the kernel
    /// cuts the pages at the size. The size of a file that is being written is what its opening says.
    func status(of node: any Node, _ id: UInt64, handle: UInt64?) throws(ProviderError) -> Answer<NodeStatus> {
        // The kernel names the opening when a read asks, and none for stat(2).
        if handle == 0, var status = inodes.statusBeingRead(id) {
            status.validity = .none
            return .now(status)
        }
        if inodes.isServing(id), let content = try node.asFile?.content() {
            return try content.map { content in
                if self.inodes.refresh(id, content) { self.invalidator.drop(nodes: [id]) }
                return content.status
            }
        }
        guard let size = handle.flatMap({ handles.file($0) })?.file.size else { return try node.status() }
        return try node.status().map { status in
            var status = status
            status.size = size
            status.validity = .none
            return status
        }
    }

    /// What was just made, even where its status cannot be told yet: it exists, and to say otherwise would be worse.
    func made(_ node: any Node) -> Answer<FoundNode> {
        let kind: NodeStatus.Kind = node.asDirectory != nil ? .directory : .file
        let unknown = NodeStatus(kind, isWritable: true, modified: 0, validity: .none)
        guard case .success(let status) = Result(catching: { () throws(ProviderError) in try node.status() }) else {
            return .now(FoundNode(node: node, status: unknown))
        }
        switch status {
        case .now(let status): return .now(FoundNode(node: node, status: status))
        case .later:
            return .later { () async throws(ProviderError) in
                let status = await status.outcome()
                return FoundNode(node: node, status: (try? status.get()) ?? unknown)
            }
        }
    }

    // MARK: Replies

    /// Counts a node that is about to be told, and makes its entry.
    func entry(for found: FoundNode) -> Entry {
        let id = inodes.id(of: found.node.inode)
        let timeout = found.status.validity.timeout
        let agrees = inodes.retain(id, found.node, found.status)
        return Entry(
            inode: id, attributes: Attributes(found.status, inode: id, options: options),
            attributeTimeout: agrees ? timeout : 0, entryTimeout: timeout)
    }

    /// Tells a node. What changed while the answer was made, the kernel could not drop yet, so it is told once more.
    func reply(_ request: consuming Request, _ found: FoundNode, _ attempt: Attempt) {
        let entry = entry(for: found)
        request.reply(entry: entry)
        recheck([entry.inode], attempt)
    }

    /// Drops again what may have been answered from before a change.
    func recheck(_ ids: [UInt64], _ attempt: Attempt) {
        guard isLate(attempt) else { return }
        let names = attempt.name.map { [Invalidator.Name(parent: attempt.id, name: $0, removed: nil)] } ?? []
        invalidator.drop(nodes: ids, names: names)
    }

    private func reply(_ request: consuming Request, _ status: NodeStatus, of id: UInt64) {
        inodes.told(id, status)
        request.reply(
            attributes: Attributes(status, inode: id, options: options), timeout: status.validity.timeout)
    }
}
