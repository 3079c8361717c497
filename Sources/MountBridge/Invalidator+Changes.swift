import Tree

extension Invalidator {
    /// Drops what the kernel has of what the tree says has changed.
    ///
    /// A name leads the kernel to a node only while the table has that node, and absent names are never kept; so what
    /// the table does not know needs no word.
    func drop(_ changes: [TreeChange], known inodes: InodeTable) {
        var nodes: [UInt64] = []
        var directories: [UInt64] = []
        var names: [Name] = []
        for change in changes {
            switch change {
            case .node(let inode):
                let id = inodes.id(of: inode)
                if inodes.knows(id) { nodes.append(id) }
            case .entry(let parent, let name, let removed):
                let id = inodes.id(of: parent)
                guard inodes.knows(id) else { continue }
                directories.append(id)
                let removed = removed.map(inodes.id(of:))
                if let removed, !inodes.knows(removed) { continue }
                names.append(Name(parent: id, name: name, removed: removed))
            case .subtree(let path):
                nodes += inodes.ids(below: path)
            }
        }
        guard !nodes.isEmpty || !directories.isEmpty else { return }
        drop(nodes: nodes, directories: directories, names: names)
    }
}
