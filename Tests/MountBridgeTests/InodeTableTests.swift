import Inventory
import ProviderAPI
import Testing
import Tree

@testable import MountBridge

@Suite("The table of nodes")
struct InodeTableTests {
    /// A directory that stands for a resource of a name.
    private final class Resource: DirectoryNode {
        let inode: UInt64
        let path: String
        let resourceName: String?
        var asDirectory: (any DirectoryNode)? { self }

        init(_ inode: UInt64, _ name: String?) {
            (self.inode, path, resourceName) = (inode, "vms/\(name ?? "")", name)
        }

        func status() throws(ProviderError) -> Answer<NodeStatus> { .now(InodeTableTests.status) }

        func child(_ name: String, for caller: NodeCaller) throws(ProviderError) -> Answer<any Node> {
            throw ProviderError(.notFound, "there is no \(name)")
        }

        func reader(for caller: NodeCaller) throws(ProviderError) -> Answer<any DirectoryReader> {
            throw ProviderError(.unsupported, "it is not listed")
        }
    }

    private static let status = NodeStatus(.directory, isWritable: true, modified: 1, validity: .untilChanged)

    private func isKept(_ first: Resource, _ second: Resource) -> Bool {
        let table = InodeTable(root: Resource(9, nil))
        _ = table.retain(first.inode, first, Self.status)
        _ = table.retain(first.inode, second, Self.status)
        return (table.node(first.inode) as? Resource) === first
    }

    @Test("A resource that is looked up again is the one that is known, under another name another one")
    func interchangeable() {
        #expect(isKept(Resource(5, "web1"), Resource(5, "web1")))
        #expect(!isKept(Resource(5, "web1"), Resource(5, "web2")))
        #expect(!isKept(Resource(5, nil), Resource(5, nil)))
    }

    @Test("More nodes than a page of places holds, some forgotten and made again, each its own")
    func pages() {
        let table = InodeTable(root: Resource(9, nil))
        let ids = UInt64(100)..<3_100
        for id in ids { _ = table.retain(id, Resource(id, "n\(id)"), Self.status) }
        for id in ids where id % 3 == 0 { table.forget(id, count: 1) }
        #expect(table.count == 2_001)
        for id in ids where id % 3 == 0 { _ = table.retain(id, Resource(id, "m\(id)"), Self.status) }
        #expect(table.count == 3_001)
        #expect(ids.allSatisfy { table.node($0)?.resourceName == ($0 % 3 == 0 ? "m" : "n") + "\($0)" })
    }
}
