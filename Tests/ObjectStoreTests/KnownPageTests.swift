import ObjectStore
import ProviderAPI
import Synchronization
import Testing

@Suite("Many names of one directory") final class KnownPageTests: Sendable {
    private let time = Mutex(Duration.zero)

    private func tree(_ store: MemoryStore) -> ObjectTree {
        let tests = self
        return ObjectTree(bucket: "b", service: store, uptime: { tests.now })
    }

    private var now: Duration { time.withLock { $0 } }
    private func wait(_ seconds: Int) { time.withLock { $0 += .seconds(seconds) } }

    /// The calls that look: for one object, and for pages of any size.
    private func looks(_ store: MemoryStore) -> [Int] { [store.count(.object), store.count(.page)] }

    private func isFile(_ entry: ObjectEntry?) -> Bool { if case .file? = entry { true } else { false } }

    @Test("A look-up by itself is asked for, whatever a listing told before")
    func single() async throws {
        let store = MemoryStore(pageSize: 1000)
        let tree = tree(store)
        #expect(try await tree.list([]).children.isEmpty)
        let new = store.put("new")
        #expect(try await tree.lookUp(["new"]) == .file(new))
        store.state.withLock { $0.objects = [:] }
        #expect(try await tree.lookUp(["new"]) == nil)
    }

    @Test("Look-ups of many names cost one page a second")
    func many() async throws {
        let store = MemoryStore(pageSize: 1000)
        for index in 0..<50 { store.put("d/k\(index)") }
        store.put("d/sub/x")
        let tree = tree(store)
        for index in 0..<50 { #expect(isFile(try await tree.lookUp(["d", "k\(index)"]))) }
        #expect(looks(store) == [3, 4])
        #expect(try await tree.lookUp(["d", "none"]) == nil)
        #expect(looks(store) == [3, 4])
        #expect(try await tree.lookUp(["d", "sub"]) == .directory(modificationTime: nil))
        // What others do shows when the page is a second old.
        store.state.withLock { $0.objects[Array("d/k7".utf8)] = nil }
        let new = store.put("d/new")
        wait(1)
        for index in 0..<5 { #expect(isFile(try await tree.lookUp(["d", "k\(index)"]))) }
        #expect(try await tree.lookUp(["d", "k7"]) == nil)
        #expect(try await tree.lookUp(["d", "new"]) == .file(new))
    }

    @Test("An object that listings tell the wrong size of is asked for by itself, and opened as what it is")
    func hollow() async throws {
        let store = MemoryStore(pageSize: 1000)
        for index in 0..<20 { store.put("d/k\(index)") }
        let film = store.put("d/film", [1, 2, 3])
        store.state.withLock { _ = $0.hollow.insert(Array("d/film".utf8)) }
        let tree = tree(store)
        for index in 0..<20 { #expect(isFile(try await tree.lookUp(["d", "k\(index)"]))) }
        #expect(try await tree.lookUp(["d", "film"]) == .file(film))
        let children = try await tree.list(["d"]).children
        guard case .file(let listed)? = children.first(where: { $0.name == "film" })?.entry else {
            Issue.record("it is not listed")
            return
        }
        #expect(!listed.isContentKnown)
        let file = try await tree.open(["d", "film"], known: listed)
        #expect(await file.size == 3)
        #expect(try await file.read(offset: 0, count: 10) == [1, 2, 3])
        try await file.close()
    }

    @Test("A name that is made, replaced and removed over and over is what was done last, whatever a page told before")
    func repeated() async throws {
        let store = MemoryStore(pageSize: 1000)
        let tree = tree(store)
        let options = ObjectTree.OpenOptions(isWritable: true, truncates: true, creates: true)
        for round in 0..<8 {
            for content in 0..<2 {
                let file = try await tree.open(["f"], options)
                try await file.write([UInt8(round), UInt8(content)], offset: 0)
                try await file.close()
                // The fourth is of a page, which is good for a second.
                for _ in 0..<4 { #expect(isFile(try await tree.lookUp(["f"]))) }
                time.withLock { $0 += .milliseconds(10) }
            }
            try await tree.remove(["f"])
            #expect(try await tree.lookUp(["f"]) == nil)
            #expect(try await tree.list([]).children.isEmpty)
            time.withLock { $0 += .milliseconds(10) }
            #expect(try await tree.lookUp(["f"]) == nil)
        }
    }

    @Test("A directory that was just made is filled and emptied without a look")
    func filling() async throws {
        let store = MemoryStore(pageSize: 1000)
        let tree = tree(store)
        #expect(try await tree.lookUp(["d"]) == nil)
        try await tree.makeDirectory(["d"])
        let options = ObjectTree.OpenOptions(isWritable: true, creates: true, isExclusive: true)
        for index in 0..<20 {
            let path = ["d", "k\(index)"]
            #expect(try await tree.lookUp(path) == nil)
            let file = try await tree.open(path, options)
            try await file.write([1, 2, 3], offset: 0)
            #expect(isFile(try await tree.lookUp(path)))
            try await file.close()
            #expect(isFile(try await tree.lookUp(path)))
        }
        for index in 0..<20 {
            try await tree.remove(["d", "k\(index)"])
            #expect(try await tree.lookUp(["d", "k\(index)"]) == nil)
        }
        // For the directory itself and for the first look-ups in it.
        #expect(looks(store) == [3, 4])
        #expect(store.count(.finish) == 21)
        #expect(store.count(.delete) == 20)
        #expect(store.keys == ["d/"])
    }

    @Test("What was listed is looked up, opened and removed for no more calls, and changes made here show in it")
    func listed() async throws {
        let store = MemoryStore(pageSize: 1000)
        for index in 0..<10 { store.put("k\(index)", [UInt8(index)]) }
        let tree = tree(store)
        _ = try await tree.list([])
        for index in 7..<10 { #expect(isFile(try await tree.lookUp(["k\(index)"]))) }
        store.resetCounts()
        guard case .file(let info)? = try await tree.lookUp(["k3"]) else {
            Issue.record("no file")
            return
        }
        let file = try await tree.open(["k3"], known: info)
        #expect(try await file.read(offset: 0, count: 10) == [3])
        try await file.close()
        try await tree.remove(["k3"])
        #expect(try await tree.lookUp(["k3"]) == nil)
        #expect(looks(store) == [0, 0])
        try await tree.rename(["k4"], to: ["k3"], replace: false)
        #expect(isFile(try await tree.lookUp(["k3"])))
        #expect(try await tree.lookUp(["k4"]) == nil)
        // Changed here: the size is that of the change.
        let writer = try await tree.open(["k5"], .init(isWritable: true))
        try await writer.write([1, 2, 3], offset: 0)
        try await writer.close()
        guard case .file(let changed)? = try await tree.lookUp(["k5"]) else {
            Issue.record("no file")
            return
        }
        #expect(changed.size == 3)
    }

    @Test("A directory that came to be or went here is not taken from a page")
    func directories() async throws {
        let store = MemoryStore(pageSize: 1000)
        for key in ["a/x", "b", "c/y"] { store.put(key) }
        let tree = tree(store)
        _ = try await tree.list([])
        for index in 0..<4 { #expect(try await tree.lookUp(["none\(index)"]) == nil) }
        try await tree.makeDirectory(["new"])
        #expect(try await tree.lookUp(["new"]) != nil)
        try await tree.rename(["a"], to: ["moved"], replace: false)
        #expect(try await tree.lookUp(["a"]) == nil)
        #expect(try await tree.lookUp(["moved"]) == .directory(modificationTime: nil))
        _ = try await tree.list([])
        try await tree.remove(["c", "y"])
        #expect(try await tree.lookUp(["c"]) == .directory(modificationTime: nil))
        try await tree.removeDirectory(["c"])
        #expect(try await tree.lookUp(["c"]) == nil)
    }

    @Test("A page that ends before a name is not read for it again and again")
    func beyond() async throws {
        let store = MemoryStore(pageSize: 10)
        for index in 10..<60 { store.put("k\(index)") }
        let tree = tree(store)
        for index in 30..<50 { #expect(isFile(try await tree.lookUp(["k\(index)"]))) }
        // One HEAD and one key below it each, and one page.
        #expect(store.state.withLock { $0.limits.filter { $0 > 1 }.count } == 1)
        #expect(try await tree.lookUp(["zzz"]) == nil)
        // Walked through page by page, each page tells of its own.
        store.resetCounts()
        try await tree.forEachPage(of: []) { _ in true }
        let pages = store.count(.page)
        for index in 10..<60 where index % 10 != 9 { #expect(isFile(try await tree.lookUp(["k\(index)"]))) }
        #expect(looks(store) == [0, pages])
    }

    @Test("The time of what was stored is asked for when somebody wants it, and not before")
    func timeAfterUpload() async throws {
        let store = MemoryStore(pageSize: 1000)
        store.state.withLock { $0.uploadsTellTime = false }
        let tree = tree(store)
        let file = try await tree.open(["k"], .init(isWritable: true, creates: true))
        try await file.write([1], offset: 0)
        store.resetCounts()
        try await file.close()
        #expect(looks(store) == [0, 0])
        let stored = store.state.withLock { $0.objects[Array("k".utf8)]?.info }
        #expect(try await tree.lookUp(["k"]) == stored.map { .file($0) })
        #expect(try await tree.list([]).children.first?.entry == stored.map { .file($0) })
        #expect(looks(store) == [1, 2])
    }
}
