import ObjectStore
import ProviderAPI
import Synchronization
import Testing

@Suite("Look-up and listing") struct LookUpTests {
    let store = MemoryStore()

    var tree: ObjectTree { ObjectTree(bucket: "b", service: store) }

    func names(_ path: [String], in tree: ObjectTree) async throws -> [String] {
        let names = Mutex<[String]>([])
        try await tree.forEachPage(of: path) { children in
            names.withLock { $0 += children.map { if case .directory = $0.entry { $0.name + "/" } else { $0.name } } }
            return true
        }
        return names.withLock { $0 }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    @Test("A look-up is one HEAD and one listing of one key, in a directory of any size")
    func lookUpNeverLists() async throws {
        for index in 0..<500 { store.put("dir/k\(index)") }
        let tree = tree
        store.resetCounts()
        guard case .file(let info)? = try await tree.entry(at: ["dir", "k7"]) else {
            Issue.record("no file")
            return
        }
        #expect(info.size == 1)
        #expect(store.count(.object) == 1)
        #expect(store.count(.page) == 1)
        #expect(try await tree.entry(at: ["dir"]) == .directory(modificationTime: nil))
        #expect(try await tree.entry(at: ["dir", "none"]) == nil)
        #expect(try await tree.entry(at: ["di"]) == nil)
        #expect(store.count(.page) == 4)
        #expect(store.state.withLock { $0.limits.allSatisfy { $0 == 1 } })
    }

    @Test("The bucket itself is a directory, for no call")
    func root() async throws {
        #expect(try await tree.entry(at: []) == .directory(modificationTime: nil))
        #expect(store.count(.page) == 0)
        #expect(try await names([], in: tree) == [])
    }

    @Test("A directory that is not there is not an empty one")
    func missing() async {
        let tree = tree
        #expect(await code { () async throws(ProviderError) in _ = try await tree.list(["none"]) } == .notFound)
        store.put("empty/", [])
        #expect(await code { () async throws(ProviderError) in _ = try await tree.list(["empty"]) } == nil)
    }

    @Test("An outage is neither a missing file nor an empty directory")
    func outage() async {
        let tree = tree
        store.put("a")
        store.fail(.page)
        #expect(await code { () async throws(ProviderError) in _ = try await tree.entry(at: ["a"]) } == .unreachable)
        #expect(await code { () async throws(ProviderError) in _ = try await tree.list([]) } == .unreachable)
        store.fail(.object)
        #expect(await code { () async throws(ProviderError) in _ = try await tree.entry(at: ["a"]) } == .unreachable)
    }

    @Test("Keys that are not paths are all shown, each under one name", arguments: 1...6)
    func oddKeys(pageSize: Int) async throws {
        let store = MemoryStore(pageSize: pageSize)
        let tree = ObjectTree(bucket: "b", service: store)
        let long = String(repeating: "é", count: 400)
        let keys = [
            "a", "a!", "a-b", "a-b/c", "a-b.d", "a/b", "a/b/c", "a//b", "/lead", "trail/", "dot/.", "dot/..", "dot/./x",
            "ctl\n\u{1}", "pct%file", "pct%0A", long, long + "/x", long + "2", String(repeating: "k", count: 1024),
            "//",
        ]
        for key in keys { store.put(key) }
        store.put("marked/", [])
        var found: [String] = []
        var folders: [[String]] = [[]]
        while let folder = folders.popLast() {
            var here: Set<[UInt8]> = []
            let children = Mutex<[ObjectChild]>([])
            try await tree.forEachPage(of: folder) { page in
                children.withLock { $0 += page }
                return true
            }
            for child in children.withLock({ $0 }) {
                let path = folder + [child.name]
                #expect(here.insert(Array(child.name.utf8)).inserted, "\(path) is listed twice")
                let entry = try await tree.entry(at: path)
                switch child.entry {
                case .directory:
                    folders.append(path)
                    if case .directory? = entry {} else { Issue.record("\(path) is no directory") }
                case .file(let info):
                    found.append(info.key)
                    #expect(entry == child.entry)
                    #expect(ObjectTree.key(ofPath: path).map { Array($0.utf8) } == Array(info.key.utf8))
                }
            }
        }
        #expect(found.sorted() == keys.sorted())
    }

    @Test("A file beside a directory is readable by its own name and no other")
    func besideDirectory() async throws {
        store.put("a", pattern(10))
        store.put("a/b")
        store.put("c")
        let tree = tree
        #expect(try await names([], in: tree) == ["a%file", "a/", "c"])
        #expect(try await tree.open(["a%file"]).read(offset: 0, count: 20) == pattern(10))
        #expect(try await tree.entry(at: ["c%file"]) == nil)
        let writing = ObjectTree.OpenOptions(isWritable: true, creates: true)
        #expect(
            await code { () async throws(ProviderError) in _ = try await tree.open(["d%file"], writing) }
                == .invalidValue)
        try await tree.remove(["a%file"])
        #expect(store.keys == ["a/b", "c"])
    }

    @Test("Directory markers are directories with a time, never files")
    func markers() async throws {
        let info = store.put("dir/", [])
        store.put("dir/x")
        #expect(try await tree.entry(at: ["dir"]) == .directory(modificationTime: info.modificationTime))
        #expect(try await names(["dir"], in: tree) == ["x"])
        #expect(try await tree.entry(at: ["dir", "%2F"]) == nil)
    }

    @Test("A listing never holds more than a page, and one that is ended makes no more calls")
    func bounded() async throws {
        for index in 0..<1000 { store.put("k\(index)") }
        let largest = Mutex(0)
        let all = Mutex(0)
        let tree = tree
        try await tree.forEachPage(of: []) { page in
            largest.withLock { $0 = max($0, page.count) }
            all.withLock { $0 += page.count }
            return true
        }
        #expect(all.withLock { $0 } == 1000)
        // What is held back from the page before comes on top.
        #expect(largest.withLock { $0 } <= 8)
        store.resetCounts()
        try await tree.forEachPage(of: []) { _ in false }
        #expect(store.count(.page) == 1)
    }

    @Test("A store that lists late does not take back what was written or deleted here")
    func readYourWrites() async throws {
        let time = Mutex(Duration.zero)
        let tree = ObjectTree(bucket: "b", service: store, uptime: { time.withLock { $0 } })
        let old = store.put("old", [1])
        let file = try await tree.open(["d", "new"], ObjectTree.OpenOptions(isWritable: true, creates: true))
        try await file.write([1, 2, 3], offset: 0)
        try await file.close()
        store.state.withLock { $0.unlisted = [Array("d/new".utf8)] }
        #expect(try await names([], in: tree) == ["d/", "old"])
        #expect(try await names(["d"], in: tree) == ["new"])
        #expect(try await tree.entry(at: ["d"]) == .directory(modificationTime: nil))
        try await tree.remove(["old"])
        store.state.withLock { $0.objects[Array("old".utf8)] = MemoryStore.Stored(info: old, bytes: [1]) }
        #expect(try await names([], in: tree) == ["d/"])
        #expect(try await tree.entry(at: ["old"]) == nil)
        // The store's word counts again after a while.
        time.withLock { $0 = .seconds(60) }
        #expect(try await names([], in: tree) == ["old"])
    }

    @Test("What somebody else writes or deletes shows at once")
    func others() async throws {
        let time = Mutex(Duration.zero)
        let tree = ObjectTree(bucket: "b", service: store, uptime: { time.withLock { $0 } })
        let file = try await tree.open(["x"], ObjectTree.OpenOptions(isWritable: true, creates: true))
        try await file.write([1, 2, 3], offset: 0)
        try await file.close()
        time.withLock { $0 = .seconds(1) }
        let new = store.put("x", [9])
        #expect(try await tree.entry(at: ["x"]) == .file(new))
        store.state.withLock { $0.objects = [:] }
        #expect(try await tree.entry(at: ["x"]) == nil)
    }
}
