import ObjectStore
import ProviderAPI
import Synchronization
import Testing

@Suite("Directories, removal and renaming") struct ChangeTests {
    let store = MemoryStore()
    let tree: ObjectTree

    init() { tree = ObjectTree(bucket: "b", service: store) }

    @Test("mkdir and rmdir")
    func directories() async throws {
        let tree = tree
        try await tree.makeDirectory(["d"])
        #expect(store.keys == ["d/"])
        guard case .directory? = try await tree.entry(at: ["d"]) else {
            Issue.record("no directory")
            return
        }
        #expect(try await tree.list(["d"]).children.isEmpty)
        #expect(await code { () async throws(ProviderError) in try await tree.makeDirectory(["d"]) } == .alreadyExists)
        store.put("d/x")
        #expect(await code { () async throws(ProviderError) in try await tree.removeDirectory(["d"]) } == .notEmpty)
        #expect(
            await code { () async throws(ProviderError) in try await tree.removeDirectory(["d", "x"]) }
                == .notDirectory)
        #expect(await code { () async throws(ProviderError) in try await tree.remove(["d"]) } == .isDirectory)
        try await tree.remove(["d", "x"])
        try await tree.removeDirectory(["d"])
        #expect(store.keys == [])
        #expect(try await tree.entry(at: ["d"]) == nil)
        #expect(await code { () async throws(ProviderError) in try await tree.removeDirectory(["d"]) } == .notFound)
        #expect(await code { () async throws(ProviderError) in try await tree.remove(["d"]) } == .notFound)
        #expect(
            await code { () async throws(ProviderError) in
                try await tree.makeDirectory([String](repeating: "directory", count: 120))
            } == .nameTooLong)
    }

    @Test("rm -r of directories that have no object of their own")
    func impliedDirectories() async throws {
        let tree = tree
        store.put("a/b/c")
        try await tree.remove(["a", "b", "c"])
        #expect(try await tree.list(["a"]).children.map(\.name) == ["b"])
        #expect(await code { () async throws(ProviderError) in try await tree.removeDirectory(["a"]) } == .notEmpty)
        try await tree.removeDirectory(["a", "b"])
        try await tree.removeDirectory(["a"])
        #expect(try await tree.entry(at: ["a"]) == nil)
        #expect(try await tree.list([]).children.isEmpty)
    }

    @Test("rm -r of an object whose name goes on in directories")
    func longNames() async throws {
        let tree = tree
        let key = String(repeating: "n", count: 600)
        store.put(key)
        let path = ObjectTree.path(ofKey: key)
        #expect(path.count == 3)
        let first = Array(path.prefix(1))
        #expect(await code { () async throws(ProviderError) in try await tree.removeDirectory(first) } == .notEmpty)
        try await tree.remove(path)
        try await tree.removeDirectory(Array(path.prefix(2)))
        try await tree.removeDirectory(first)
        #expect(try await tree.list([]).children.isEmpty)
        #expect(await code { () async throws(ProviderError) in try await tree.removeDirectory([]) } == .busy)
    }

    @Test("A file is renamed, over another only when asked")
    func renameFile() async throws {
        let tree = tree
        store.put("x", [1], contentType: "text/x")
        store.put("y", [2])
        #expect(
            await code { () async throws(ProviderError) in try await tree.rename(["x"], to: ["y"], replace: false) }
                == .alreadyExists)
        try await tree.rename(["x"], to: ["y"], replace: true)
        #expect(store.keys == ["y"])
        #expect(store.content("y") == [1])
        #expect(
            await code { () async throws(ProviderError) in try await tree.rename(["x"], to: ["z"], replace: true) }
                == .notFound)
        try await tree.rename(["y"], to: ["y"], replace: true)
        #expect(store.keys == ["y"])
        store.fail(.copy)
        #expect(
            await code { () async throws(ProviderError) in try await tree.rename(["y"], to: ["z"], replace: true) }
                == .unreachable)
        store.fail(.delete)
        #expect(
            await code { () async throws(ProviderError) in try await tree.rename(["y"], to: ["z"], replace: true) }
                == .unreachable)
        #expect(store.content("y") == [1])
    }

    @Test("A file that is open keeps its content under its new name; one it replaces loses its name")
    func renameOpen() async throws {
        store.put("old", [1, 2, 3])
        let replaced = try await tree.open(["old"], ObjectTree.OpenOptions(isWritable: true))
        try await replaced.write([9], offset: 0)
        let file = try await tree.open(["new"], ObjectTree.OpenOptions(isWritable: true, creates: true))
        try await file.write([5, 6], offset: 0)
        try await tree.rename(["new"], to: ["old"], replace: true)
        #expect(store.content("old") == [5, 6])
        try await file.write([7], offset: 2)
        try await file.close()
        try await replaced.close()
        #expect(store.content("old") == [5, 6, 7])
        #expect(store.keys == ["old"])
    }

    @Test("A file that is removed while it is open does not come back")
    func removeOpen() async throws {
        let file = try await tree.open(["f"], ObjectTree.OpenOptions(isWritable: true, creates: true))
        try await file.write(pattern(9 << 20), offset: 0)
        try await tree.remove(["f"])
        try await file.write([1], offset: 9 << 20)
        #expect(try await tree.entry(at: ["f"]) == nil)
        let second = try await tree.open(["f"], ObjectTree.OpenOptions(isWritable: true, creates: true))
        try await second.write([2], offset: 0)
        try await file.close()
        try await second.close()
        #expect(store.content("f") == [2])
        #expect(store.state.withLock { $0.openUploads } == 0)
    }

    @Test("A directory is renamed with all that is in it")
    func renameDirectory() async throws {
        let tree = tree
        try await tree.makeDirectory(["d"])
        for index in 0..<40 { store.put("d/k\(index)", [UInt8(index)]) }
        store.put("d/sub//odd")
        store.put("d/sub", [3])
        store.put("dx")
        let open = try await tree.open(["d", "k1"], ObjectTree.OpenOptions(isWritable: true))
        try await open.write([77], offset: 1)
        #expect(
            await code { () async throws(ProviderError) in
                try await tree.rename(["d"], to: ["d", "inside"], replace: true)
            } == .invalidValue)
        try await tree.makeDirectory(["e"])
        try await tree.rename(["d"], to: ["e"], replace: true)
        try await open.write([78], offset: 2)
        try await open.close()
        #expect(store.keys.count == 44)
        #expect(store.keys.allSatisfy { $0.hasPrefix("e/") || $0 == "dx" })
        #expect(store.content("e/k39") == [39])
        #expect(store.content("e/k1") == [1, 77, 78])
        #expect(store.content("e/sub//odd") == [1])
        #expect(try await tree.entry(at: ["d"]) == nil)
        store.put("f/x")
        #expect(
            await code { () async throws(ProviderError) in try await tree.rename(["e"], to: ["f"], replace: true) }
                == .notEmpty)
        #expect(
            await code { () async throws(ProviderError) in try await tree.rename(["e"], to: ["dx"], replace: true) }
                == .notDirectory)
    }

    @Test("A directory whose copy fails is as it was, and half a copy is taken back")
    func renameFails() async throws {
        let tree = tree
        for index in 0..<40 { store.put("d/k\(index)") }
        let keys = store.keys
        store.fail(.copy, on: 25)
        #expect(
            await code { () async throws(ProviderError) in try await tree.rename(["d"], to: ["e"], replace: true) }
                == .unreachable)
        #expect(store.keys == keys)
    }

    @Test("What comes to a directory while it is renamed is not lost")
    func renameRace() async throws {
        store.put("d/a")
        let store = store
        store.before(.delete) { store.put("d/late", [4]) }
        try await tree.rename(["d"], to: ["e"], replace: true)
        #expect(store.content("d/late") == [4])
        #expect(store.content("e/a") == [1])
    }

    @Test("Copies, times, access and URLs of an object are those of its key")
    func attributes() async throws {
        let tree = tree
        store.put("x/a%file", [1, 2])
        let path = ObjectTree.path(ofKey: "x/a%file")
        try await tree.copy(path, to: ["c"])
        #expect(store.content("c") == [1, 2])
        try await tree.setModificationTime(1234, path)
        guard case .file(let info)? = try await tree.entry(at: path) else {
            Issue.record("no file")
            return
        }
        #expect(info.modificationTime == 1234)
        try await tree.setPublic(true, path)
        #expect(store.state.withLock { $0.publicKeys } == ["x/a%file"])
        #expect(try await tree.isPublic(path) == true)
        #expect(try await tree.isPublic(["c"]) == false)
        let new = try await tree.open(["new"], .init(isWritable: true, creates: true))
        #expect(try await tree.isPublic(["new"]) == false)
        #expect(store.count(.isPublic) == 2, "what is not stored yet is asked for from nobody")
        try await new.close()
        #expect(try await tree.presignedURL(path)?.contains("x/a%file") == true)
        #expect(await code { () async throws(ProviderError) in _ = try await tree.presignedURL(["x"]) } == .isDirectory)
        #expect(await code { () async throws(ProviderError) in _ = try await tree.copy(["n"], to: ["m"]) } == .notFound)
    }

    @Test("Offsets and sizes that no store has room for are refused, and the object is as it was")
    func farAway() async throws {
        store.put("f", [1, 2, 3])
        let file = try await tree.open(["f"], ObjectTree.OpenOptions(isWritable: true))
        for offset in [1 << 46, 1 << 62, Int.max - 1, Int.max] {
            #expect(
                await code { () async throws(ProviderError) in try await file.write([9, 9], offset: offset) }
                    == .tooLarge)
            #expect(
                await code { () async throws(ProviderError) in try await file.truncate(to: max(offset, (1 << 46) + 1)) }
                    == .tooLarge)
            #expect(try await file.read(offset: offset, count: 4096).isEmpty)
        }
        try await file.close()
        #expect(store.content("f") == [1, 2, 3])
        #expect(store.count(.upload) == 0)
    }
}
