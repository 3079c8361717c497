import Synchronization
import Tree

/// The nodes that the kernel knows, by the numbers it knows them by.
///
/// A node's number is its own stable inode, except that the root is 1; should another node be 1, it has the root's.
/// 64 bytes a node and an index beside them, because a walk of a large fleet makes the kernel know all of it.
final class InodeTable: Sendable {
    /// The number by which the kernel asks for the root.
    static let rootID: UInt64 = 1

    private let rootInode: UInt64
    let state: Mutex<State>

    struct Record {
        var node: any Node
        /// How many entries of it the kernel has taken and not forgotten.
        var lookups: UInt64
        /// The stamp of the attributes that the kernel was told last; 0: none.
        var stamp: UInt64 = 0
        /// The version of the content that the kernel's page cache holds; 0: none.
        var pages: UInt64 = 0

        /// The node was looked up again. One that is interchangeable with it is kept: it shares what it has with the nodes
        /// below it that the kernel knows.
        mutating func meet(_ found: any Node) {
            if let name = found.resourceName, name == node.resourceName { return }
            node = found
        }
    }

    /// The content of a file that is open for cached reading. All such openings share one, because they share pages.
    struct Served {
        var content: Content
        var openings: Int
        /// When the last of them was made.
        var lastOpened: ContinuousClock.Instant
    }

    /// The content that a file was last seen to have changed to.
    struct Changed {
        var version: UInt64
        var since: ContinuousClock.Instant
    }

    struct State {
        var slots = RecordPages()
        var free: [UInt32] = []
        var index: [UInt64: UInt32] = [:]
        var served: [UInt64: Served] = [:]
        var changed: [UInt64: Changed] = [:]

        func slot(_ id: UInt64) -> Int? { index[id].map(Int.init) }

        mutating func insert(_ id: UInt64, _ record: Record) {
            if let slot = free.popLast() {
                slots[Int(slot)] = record
                index[id] = slot
            } else {
                index[id] = UInt32(slots.count)
                slots.append(record)
            }
        }

        mutating func remove(_ id: UInt64) {
            served[id] = nil
            changed[id] = nil
            guard let slot = index.removeValue(forKey: id) else { return }
            slots[Int(slot)] = nil
            free.append(slot)
        }
    }

    /// A table that knows the root, for ever.
    init(root: any DirectoryNode) {
        rootInode = root.inode
        var state = State()
        state.insert(Self.rootID, Record(node: root, lookups: 1))
        self.state = Mutex(state)
    }

    /// The kernel's number for a node's inode. Its own inverse.
    func id(of inode: UInt64) -> UInt64 {
        switch inode {
        case rootInode: Self.rootID
        case Self.rootID: rootInode
        default: inode
        }
    }

    /// The node of that number, if the kernel knows it.
    func node(_ id: UInt64) -> (any Node)? {
        state.withLock { state in state.slot(id).flatMap { state.slots[$0]?.node } }
    }

    /// Whether the kernel may have something of this node.
    func knows(_ id: UInt64) -> Bool {
        state.withLock { $0.index[id] != nil }
    }

    /// The numbers of the nodes at a path and below it.
    func ids(below path: String) -> [UInt64] {
        let prefix = path + "/"
        let nodes = state.withLock { state in
            state.index.compactMap { id, slot in state.slots[Int(slot)].map { (id, $0.node) } }
        }
        return nodes.filter { $0.1.path == path || $0.1.path.hasPrefix(prefix) }.map(\.0)
    }

    /// The nodes of those of these numbers that the kernel knows.
    func nodes(of ids: Set<UInt64>) -> [UInt64: any Node] {
        guard !ids.isEmpty else { return [:] }
        return state.withLock { state in
            var nodes: [UInt64: any Node] = [:]
            for id in ids {
                guard let slot = state.slot(id), let record = state.slots[slot] else { continue }
                nodes[id] = record.node
            }
            return nodes
        }
    }

    /// How many nodes the kernel knows.
    var count: Int { state.withLock { $0.index.count } }

    // MARK: Lookups

    /// Counts an entry that is about to be told, with the attributes in it.
    ///
    /// - Returns: whether the attributes agree with the content that is being served; else they must not be kept.
    func retain(_ id: UInt64, _ node: any Node, _ status: NodeStatus) -> Bool {
        let stamp = status.stamp
        return state.withLock { state in
            let agrees = state.served[id].map { $0.content.status.stamp == stamp } ?? true
            if let slot = state.slot(id), var record = state.slots[slot] {
                record.meet(node)
                record.lookups += 1
                record.stamp = agrees ? stamp : 0
                state.slots[slot] = record
            } else {
                state.insert(id, Record(node: node, lookups: 1, stamp: stamp))
            }
            return agrees
        }
    }

    /// Takes back lookups that the kernel has dropped or never took. At none left, the node is let go of.
    func forget(_ id: UInt64, count: UInt64) {
        guard id != Self.rootID else { return }
        state.withLock { state in
            guard let slot = state.slot(id), let lookups = state.slots[slot]?.lookups else { return }
            if lookups > count {
                state.slots[slot]?.lookups = lookups - count
            } else {
                state.remove(id)
            }
        }
    }

    /// Makes a number stand for another node: the name that leads to it now does.
    func replace(_ id: UInt64, with node: any Node) {
        state.withLock { state in
            guard id != Self.rootID, let slot = state.slot(id) else { return }
            state.slots[slot]?.node = node
            state.slots[slot]?.stamp = 0
        }
    }

    /// Notes the attributes that the kernel is about to be told.
    func told(_ id: UInt64, _ status: NodeStatus) {
        let stamp = status.stamp
        state.withLock { state in
            guard let slot = state.slot(id) else { return }
            state.slots[slot]?.stamp = stamp
        }
    }
}
