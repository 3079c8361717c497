import ProviderAPI
import Synchronization
import Testing

@testable import ObjectStore

@Suite("Files read ahead") struct FilesAheadTests {
    let store = MemoryStore(pageSize: 25)

    private func tree(memory: ObjectMemory = ObjectMemory()) -> ObjectTree {
        // By a clock that stands: on a busy machine what was read ahead would be too old.
        ObjectTree(bucket: "b", service: store, memory: memory, uptime: { .zero })
    }

    private func name(_ index: Int) -> String { "f\(1000 + index)" }

    private func fill(_ count: Int) {
        for index in 0..<count { store.put("d/" + name(index), pattern(4096 + index)) }
    }

    /// Lists the directory, as `cp -r` does first.
    private func list(_ tree: ObjectTree) async throws {
        try await tree.forEachPage(of: ["d"]) { _ in true }
    }

    private func read(_ index: Int, of tree: ObjectTree) async throws -> [UInt8] {
        guard case .file(let info)? = try await tree.lookUp(["d", name(index)]) else { return [] }
        let file = try await tree.open(["d", name(index)], known: info)
        let bytes = try await file.read(offset: 0, count: 128 << 10)
        try await file.close()
        return bytes
    }

    @Test("Who reads a directory in order waits for a few files only, and none is asked for twice")
    func inOrder() async throws {
        fill(80)
        let tree = tree()
        try await list(tree)
        store.before(.read) { try? await Task.sleep(for: .milliseconds(2)) }
        for index in 0..<80 { #expect(try await read(index, of: tree) == pattern(4096 + index)) }
        #expect(store.count(.read) == 80)
        #expect(store.state.withLock { $0.mostReadsUnderWay } >= 8)
    }

    @Test("So does who sorts them by their inode numbers first, as cp does")
    func byNumber() async throws {
        fill(60)
        let number: @Sendable ([String]) -> UInt64 = { path in
            path.joined(separator: "/").utf8.reduce(7) { ($0 ^ UInt64($1)) &* 0x9e37_79b9_7f4a_7c15 }
        }
        let tree = ObjectTree(bucket: "b", service: store, inode: number, uptime: { .zero })
        try await list(tree)
        store.before(.read) { try? await Task.sleep(for: .milliseconds(2)) }
        for index in (0..<60).sorted(by: { number(["d", name($0)]) < number(["d", name($1)]) }) {
            #expect(try await read(index, of: tree) == pattern(4096 + index))
        }
        #expect(store.count(.read) == 60)
        #expect(store.state.withLock { $0.mostReadsUnderWay } >= 8)
    }

    @Test("A file by itself, or a few here and there, are read alone")
    func alone() async throws {
        fill(80)
        let tree = tree()
        try await list(tree)
        for index in [3, 40, 20, 70, 55, 31] { #expect(try await read(index, of: tree) == pattern(4096 + index)) }
        #expect(store.count(.read) == 6)
    }

    @Test("A reader that ends early leaves little behind, which is given back")
    func endsEarly() async throws {
        fill(80)
        let memory = ObjectMemory(limit: 1 << 20)
        do {
            let tree = tree(memory: memory)
            try await list(tree)
            for index in 0..<3 { _ = try await read(index, of: tree) }
            #expect(store.count(.read) <= 3 + 4)
        }
        #expect(memory.take(1 << 20))
    }

    @Test("What was replaced since it was fetched is read as it is now")
    func replaced() async throws {
        fill(40)
        let tree = tree()
        try await list(tree)
        for index in 0..<5 { _ = try await read(index, of: tree) }
        store.put("d/" + name(6), pattern(77))
        let file = try await tree.open(["d", name(6)])
        #expect(try await file.read(offset: 0, count: 4096) == pattern(77))
        try await file.close()
        let other = try await tree.open(["d", name(7)], OpenTree.writing)
        try await other.write(pattern(99), offset: 0)
        try await other.close()
        #expect(try await read(7, of: tree) == pattern(99))
    }

    @Test("One that could not be fetched ahead is asked for by its reader")
    func failed() async throws {
        fill(40)
        let tree = tree()
        try await list(tree)
        store.fail(.read, on: 3)
        // The third read is one ahead: both that were asked for are answered. It fails before its reader comes.
        for index in 0..<2 { #expect(try await read(index, of: tree) == pattern(4096 + index)) }
        while store.count(.read) < 4 { try await Task.sleep(for: .milliseconds(1)) }
        try await Task.sleep(for: .milliseconds(50))
        for index in 2..<40 { #expect(try await read(index, of: tree) == pattern(4096 + index)) }
        #expect(store.count(.read) == 41)
    }

    @Test("Large objects and empty ones are left to their readers")
    func sizes() async throws {
        for index in 0..<20 {
            store.put("d/" + name(index), pattern(index % 4 == 3 ? 600 << 10 : index % 4 == 2 ? 0 : 10))
        }
        let tree = tree()
        try await list(tree)
        for index in 0..<20 where index % 4 < 2 { #expect(try await read(index, of: tree) == pattern(10)) }
        #expect(store.count(.read) == 10)
    }
}

private enum OpenTree {
    static let writing = ObjectTree.OpenOptions(isWritable: true, truncates: true)
}
