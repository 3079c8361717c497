import Dispatch
import FUSEKit
import Synchronization
import SystemPackage
import Tree

/// Tells the kernel what it may not keep any longer, from threads of its own.
///
/// The kernel takes locks for it that unanswered requests may hold, so it never happens inside a request. Numbers and
/// names go separate ways: a name waits for its directory's lock, which a slow mkdir holds until it is answered, and
/// nothing else may wait with it. What is asked for again while it waits is done once, so what waits is bounded by what
/// the kernel knows.
final class Invalidator: Sendable {
    /// A name of a directory, by the numbers that the kernel has.
    struct Name: Hashable {
        let parent: UInt64
        let name: String
        /// What had the name, if it is gone for good.
        let removed: UInt64?
    }

    private struct State {
        var notifier: Notifier?
        var nodes: Set<UInt64> = []
        var directories: Set<UInt64> = []
        var names: Set<Name> = []
        /// Directories with requests that are waiting, and how many.
        var held: [UInt64: Int] = [:]
        var servesNodes = false
        var servesNames = false
    }

    /// So many that telling the kernel takes no noticeable time.
    private static let few = 64

    private let state = Mutex(State())
    private let nodeQueue = DispatchQueue(label: "infrafs.invalidate.nodes")
    private let nameQueue = DispatchQueue(label: "infrafs.invalidate.names")

    /// Begins; before, there is nothing that the kernel could have.
    func start(_ notifier: Notifier) {
        state.withLock { $0.notifier = notifier }
    }

    /// Ends: the kernel has let go of everything.
    func stop() {
        state.withLock { state in
            state.notifier = nil
            state.nodes = []
            state.directories = []
            state.names = []
        }
    }

    /// Drops attributes on the calling thread. Takes no lock that a request could hold, neither of the file nor of its
    /// pages (fuse_reverse_inval_inode of the kernel, for a negative offset), so an open may do it before it answers.
    func dropAttributesNow(_ id: UInt64) {
        state.withLock { $0.notifier }?.invalidateAttributes(of: id)
    }

    /// Drops attributes and pages of files, attributes of directories, and names, soon. The attributes of a few, as one
    /// write changes, at once: who has written one file may look at another as soon as the write has returned.
    func drop(nodes: [UInt64] = [], directories: [UInt64] = [], names: [Name] = []) {
        if nodes.count + directories.count <= Self.few {
            for id in nodes + directories { dropAttributesNow(id) }
        }
        let (startsNodes, startsNames) = state.withLock { state in
            guard state.notifier != nil else { return (false, false) }
            state.nodes.formUnion(nodes)
            state.directories.formUnion(directories)
            state.names.formUnion(names)
            let starts = (
                !state.servesNodes && !(nodes.isEmpty && directories.isEmpty), !state.servesNames && !names.isEmpty
            )
            state.servesNodes = state.servesNodes || starts.0
            state.servesNames = state.servesNames || starts.1
            return starts
        }
        if startsNodes { nodeQueue.async { self.serveNodes() } }
        if startsNames { nameQueue.async { self.serveNames() } }
    }

    // MARK: Requests that wait

    /// Puts off the names of these directories: a request that holds their locks waits.
    func hold(_ directories: [UInt64]) {
        state.withLock { state in
            for id in directories { state.held[id, default: 0] += 1 }
        }
    }

    /// Ends one ``hold(_:)``.
    func release(_ directories: [UInt64]) {
        let starts = state.withLock { state in
            for id in directories {
                guard let count = state.held[id] else { continue }
                state.held[id] = count > 1 ? count - 1 : nil
            }
            guard !state.servesNames, !state.names.isEmpty else { return false }
            state.servesNames = true
            return true
        }
        if starts { nameQueue.async { self.serveNames() } }
    }

    /// Whether a request that holds the lock of a directory waits.
    func isHeld(_ directory: UInt64) -> Bool {
        state.withLock { $0.held[directory] != nil }
    }

    /// Makes the kernel look a name up again when it is next used, on the calling thread.
    func expireNow(_ name: Name) {
        guard let notifier = state.withLock({ $0.notifier }) else { return }
        drop(Name(parent: name.parent, name: name.name, removed: nil), notifier)
    }

    // MARK: On the queues

    private func serveNodes() {
        while let work = nextNodes() {
            for id in work.directories { work.notifier.invalidateAttributes(of: id) }
            for id in work.nodes { work.notifier.invalidate(inode: id) }
        }
    }

    private func nextNodes() -> (notifier: Notifier, nodes: Set<UInt64>, directories: Set<UInt64>)? {
        state.withLock { state in
            guard let notifier = state.notifier, !(state.nodes.isEmpty && state.directories.isEmpty) else {
                state.servesNodes = false
                return nil
            }
            defer {
                state.nodes = []
                state.directories = []
            }
            return (notifier, state.nodes, state.directories)
        }
    }

    private func serveNames() {
        while let work = nextNames() {
            for name in work.names { drop(name, work.notifier) }
        }
    }

    private func nextNames() -> (notifier: Notifier, names: [Name])? {
        state.withLock { state in
            let names = state.names.filter { state.held[$0.parent] == nil }
            guard let notifier = state.notifier, !names.isEmpty else {
                state.servesNames = false
                return nil
            }
            state.names.subtract(names)
            return (notifier, Array(names))
        }
    }

    /// A name that is gone is said to be deleted, which those who watch with inotify(7) hear. Any other is only looked
    /// up again when it is next used: dropping the name of a directory takes getcwd(3) from those who stand in it.
    private func drop(_ name: Name, _ notifier: Notifier) {
        if let removed = name.removed, notifier.delete(entry: name.name, child: removed, parent: name.parent) == nil {
            return
        }
        if notifier.expire(entry: name.name, parent: name.parent) == .noFunction {
            notifier.invalidate(entry: name.name, parent: name.parent)
        }
    }
}
