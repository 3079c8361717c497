import Inventory
import ProviderAPI
import Synchronization
import Tree

@testable import MountBridge

/// A tree made by hand, which keeps what is recorded in it.
final class TestTree: MountableTree {
    struct Failure: Sendable, Equatable {
        let code: ProviderError.Code
        let errno: String
        let operation: String
        let path: String
    }

    let top = TestDirectory("", inode: 77)
    private let failed = Mutex<[Failure]>([])
    private let observer = Mutex<(@Sendable ([TreeChange]) -> Void)?>(nil)

    var root: any DirectoryNode { top }
    var resourceCount: Int { 42 }
    var failures: [Failure] { failed.withLock { $0 } }

    func observe(_ observer: @escaping @Sendable ([TreeChange]) -> Void) {
        self.observer.withLock { $0 = observer }
    }

    func watch(_ watcher: @escaping @Sendable ([Happening]) -> Void) {}

    func tell(_ changes: TreeChange...) {
        observer.withLock { $0 }?(changes)
    }

    func record(_ error: ProviderError, errno: String, operation: String, path: String, isLook: Bool) -> Bool {
        let failure = Failure(code: error.code, errno: errno, operation: operation, path: path)
        failed.withLock { $0.append(failure) }
        return true
    }
}

/// A directory of nodes by name, in order of their making. A node that is moved here becomes what `adopted` makes of
/// it.
final class TestDirectory: DirectoryNode {
    struct State {
        var children: [(name: String, node: any Node)] = []
        var lookups = 0
        var modified: Int64 = 1_700_000_000_123_456_789
        var waits = false
        var adopted: @Sendable (any Node) -> any Node = { $0 }
    }

    let inode: UInt64
    let path: String
    let state = Mutex(State())
    private static let nextInode = Atomic<UInt64>(10_000)

    init(_ path: String, inode: UInt64) {
        self.path = path
        self.inode = inode
    }

    static func freshInode() -> UInt64 { nextInode.add(1, ordering: .relaxed).newValue }

    @discardableResult
    func add<Child: Node>(_ name: String, _ child: Child) -> Child {
        state.withLock { $0.children.append((name, child)) }
        return child
    }

    @discardableResult
    func remove(_ name: String) -> (any Node)? {
        state.withLock { state in
            guard let index = state.children.firstIndex(where: { $0.name == name }) else { return nil }
            return state.children.remove(at: index).node
        }
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(
            NodeStatus(
                .directory, isWritable: true, modified: state.withLock { $0.modified }, validity: .untilChanged))
    }

    func child(_ name: String, for caller: NodeCaller) throws(ProviderError) -> Answer<any Node> {
        let (child, waits) = state.withLock { state in
            state.lookups += 1
            return (state.children.first { $0.name == name }?.node, state.waits && name == "hung")
        }
        if waits {
            return .later { () async throws(ProviderError) in
                try? await Task.sleep(for: .seconds(30))
                throw ProviderError(.cancelled, "interrupted")
            }
        }
        guard let child else { throw ProviderError(.notFound, "\(path) has no \(name)") }
        return .now(child)
    }

    func reader(for caller: NodeCaller) throws(ProviderError) -> Answer<any DirectoryReader> {
        .now(TestReader(all: state.withLock { $0.children }.map { DirectoryEntry($0.name, $0.node) }))
    }

    func makeDirectory(_ name: String, by caller: NodeCaller) throws(ProviderError) -> Answer<any Node> {
        if name == "quota" { throw ProviderError(.quotaExceeded, "no more of \(path)") }
        return .now(add(name, TestDirectory("\(path)/\(name)", inode: Self.freshInode())))
    }

    func removeDirectory(_ name: String, by caller: NodeCaller) throws(ProviderError) -> Answer<Void> {
        remove(name)
        return .done
    }

    func removeFile(_ name: String, by caller: NodeCaller) throws(ProviderError) -> Answer<Void> {
        remove(name)
        return .done
    }

    func createFile(_ name: String, by caller: NodeCaller) throws(ProviderError) -> Answer<CreatedFile> {
        let file = add(name, StateFile("\(path)/\(name)", ""))
        return .now(CreatedFile(node: file, file: StateOpening(file)))
    }

    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: NodeCaller
    ) throws(ProviderError) -> Answer<Void> {
        guard let from = oldParent as? TestDirectory else { throw ProviderError(.notPermitted, "not from there") }
        if name == "refused" { throw ProviderError(.busy, "\(path)/\(name) is in use") }
        if state.withLock({ $0.children.contains { $0.name == name } }), !replacing {
            throw ProviderError(.alreadyExists, "\(path)/\(name) exists")
        }
        from.remove(oldName)
        remove(name)
        let adopted = state.withLock { $0.adopted }(node)
        state.withLock { $0.children.append((name, adopted)) }
        return .done
    }
}

/// A listing as it was.
struct TestReader: DirectoryReader {
    let all: [DirectoryEntry]

    func entries(from position: Int, limit: Int) throws(ProviderError) -> Answer<[DirectoryEntry]> {
        .now(Array(all[min(position, all.count)..<min(position + limit, all.count)]))
    }
}
