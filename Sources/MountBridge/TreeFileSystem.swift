import FUSEKit
import Glibc
import Logging
import ProviderAPI
import Synchronization
import Tree

/// A tree as FUSEKit serves it: numbers become nodes, answers become replies. One extension for each group of
/// operations.
final class TreeFileSystem: FileSystem {
    let tree: any MountableTree
    let options: MountBridgeOptions
    let logger: Logger
    let inodes: InodeTable
    let handles = HandleTable()
    let invalidator = Invalidator()
    let counts: RequestStatistics
    /// How many times the tree has told changes.
    private let changes = Atomic<UInt64>(0)
    /// Tells watchers of what came about elsewhere; nil where the mount is not to.
    let announcer: Announcer?

    init(
        _ tree: any MountableTree, options: MountBridgeOptions, statistics: RequestStatistics, logger: Logger
    ) {
        self.tree = tree
        self.options = options
        self.logger = logger
        inodes = InodeTable(root: tree.root)
        announcer =
            options.announces
            ? Announcer(
                inodes: inodes, invalidator: invalidator, othersMayEnter: options.allowOther && getuid() != 0,
                logger: logger) : nil
        counts = statistics
        let (inodes, handles) = (inodes, handles)
        statistics.show([
            .init(name: "infrafs_known_nodes", help: "Files and directories that the kernel knows.") { inodes.count },
            .init(name: "infrafs_open_handles", help: "Handles that processes have open.") { handles.count },
        ])
    }

    /// Begins to pass changes on to the kernel.
    func start(_ notifier: Notifier) {
        invalidator.start(notifier)
        tree.observe { [weak self] changes in
            guard let self else { return }
            // Counted first: a request that is being answered from what was before must see that it is late.
            self.changes.add(1, ordering: .sequentiallyConsistent)
            self.invalidator.drop(changes, known: self.inodes)
        }
        if let announcer { tree.watch { announcer.announce($0) } }
    }

    // MARK: Nodes

    /// The node of a number that the kernel has.
    func node(_ id: UInt64) throws(ProviderError) -> any Node {
        guard let node = inodes.node(id) else {
            throw ProviderError(.replaced, "this file is gone; open its path again")
        }
        return node
    }

    /// How long a change of a node may take: bulk data has deadlines of its own.
    func patience(_ id: UInt64) -> Duration? {
        inodes.node(id)?.isBulk == true ? nil : options.deadline
    }

    /// The directory of that number.
    func directory(_ id: UInt64) throws(ProviderError) -> any DirectoryNode {
        let node = try node(id)
        guard let directory = node.asDirectory else {
            throw ProviderError(.notDirectory, "\(node.path) is not a directory")
        }
        return directory
    }

    /// The file of that number.
    func file(_ id: UInt64) throws(ProviderError) -> any FileNode {
        let node = try node(id)
        guard let file = node.asFile else {
            throw ProviderError(.isDirectory, "\(node.path) is a directory")
        }
        return file
    }

    // MARK: Attempts

    /// Names what the kernel asks, for the moment it asks.
    func attempt(
        _ operation: KernelOperation, _ id: UInt64, _ name: String? = nil, other: UInt64? = nil,
        by caller: FUSEKit.Caller
    ) -> Attempt {
        counts.count(operation)
        return Attempt(
            operation: operation, id: id, name: name, other: other, caller: NodeCaller(caller),
            changes: changes.load(ordering: .acquiring), isOwn: announcer?.touching.isOwn(caller) ?? false)
    }

    /// Whether the tree has told of a change since the attempt began: what was answered may be from before it.
    func isLate(_ attempt: Attempt) -> Bool {
        changes.load(ordering: .acquiring) != attempt.changes
    }
}
