import Glibc
import ObjectStore
import ProviderAPI
import Synchronization
import Testing

@Suite("Writing") struct WriteTests {
    let store = MemoryStore()
    let tree: ObjectTree
    static let mebibyte = 1 << 20
    static let creating = ObjectTree.OpenOptions(isWritable: true, creates: true)
    static let replacing = ObjectTree.OpenOptions(isWritable: true, truncates: true, creates: true)
    static let editing = ObjectTree.OpenOptions(isWritable: true)

    init() { tree = ObjectTree(bucket: "b", service: store) }

    @Test("Who looks for a file and then makes it is told once that there is none")
    func lookAndMake() async throws {
        #expect(try await tree.entry(at: ["new"]) == nil)
        let asked = store.count(.object) + store.count(.page)
        let file = try await tree.open(["new"], .init(isWritable: true, creates: true, isExclusive: true))
        #expect(store.count(.object) + store.count(.page) == asked)
        try await file.write([1], offset: 0)
        // Somebody else was faster, and is not overwritten.
        #expect(try await tree.entry(at: ["other"]) == nil)
        let late = try await tree.open(["other"], .init(isWritable: true, creates: true))
        try await late.write([2], offset: 0)
        store.put("other", [3])
        #expect(await code { () async throws(ProviderError) in try await late.close() } == .replaced)
        #expect(store.content("other") == [3])
        try await file.close()
        #expect(store.content("new") == [1])
    }

    @Test("A file that was looked for is none where a directory came to be since")
    func lookAndMakeDirectory() async throws {
        #expect(try await tree.entry(at: ["d"]) == nil)
        try await tree.makeDirectory(["d"])
        #expect(
            await code { () async throws(ProviderError) in
                _ = try await tree.open(["d"], .init(isWritable: true, creates: true))
            } == .isDirectory)
    }

    @Test("A new file shows at once and is an object when it is closed")
    func create() async throws {
        let file = try await tree.open(["d", "page.html"], Self.creating)
        guard case .file(let empty)? = try await tree.entry(at: ["d", "page.html"]) else {
            Issue.record("not shown")
            return
        }
        #expect(empty.size == 0)
        try await file.flush()
        #expect(store.count(.upload) == 0)
        try await file.write(pattern(10), offset: 0)
        #expect(await file.size == 10)
        #expect(try await tree.list(["d"]).children.map(\.name) == ["page.html"])
        try await file.flush()
        #expect(store.content("d/page.html") == pattern(10))
        try await file.close()
        #expect(store.count(.upload) == 1)
        #expect(store.state.withLock { $0.objects[Array("d/page.html".utf8)]?.info.contentType } == "text/html")
    }

    @Test("A file that was only created or cut is stored when it is closed")
    func bare() async throws {
        try await tree.open(["new"], Self.creating).close()
        #expect(store.content("new") == [])
        store.put("old", [1, 2])
        let file = try await tree.open(["old"], Self.replacing)
        try await file.flush()
        #expect(store.content("old") == [1, 2])
        #expect(await file.size == 0)
        guard case .file(let info)? = try await tree.entry(at: ["old"]) else {
            Issue.record("not shown")
            return
        }
        #expect(info.size == 0)
        try await file.close()
        #expect(store.content("old") == [])
    }

    @Test("A reader or a writer of nothing makes no upload")
    func unchanged() async throws {
        store.put("old", [1, 2])
        let file = try await tree.open(["old"], Self.editing)
        try await file.truncate(to: 2)
        try await file.write([], offset: 1)
        try await file.flush()
        try await file.sync()
        try await file.close()
        #expect(store.count(.upload) == 0)
    }

    @Test("A file of any size is uploaded in parts, in bounded memory")
    func bounded() async throws {
        let file = try await tree.open(["big"], Self.creating)
        let block = pattern(Self.mebibyte)
        for index in 0..<100 { try await file.write(block, offset: index * Self.mebibyte) }
        // Uploaded while it was written, but for less than one part.
        #expect(store.count(.append) == 12)
        #expect(store.content("big") == nil)
        try await file.close()
        #expect(store.state.withLock { $0.largestAppend } <= 9 * Self.mebibyte)
        #expect(store.count(.upload) == 1)
        var whole: [UInt8] = []
        for _ in 0..<100 { whole += block }
        let isWhole = store.content("big") == whole
        #expect(isWhole)
    }

    @Test("Five gibibytes of hole are sent without being held")
    func sparse() async throws {
        let service = CountingStore()
        let tree = ObjectTree(bucket: "b", service: service)
        let before = residentBytes()
        let file = try await tree.open(["sparse"], Self.creating)
        try await file.truncate(to: 5 << 30)
        try await file.write([1, 2, 3], offset: 4 << 30)
        try await file.close()
        #expect(service.sent.withLock { $0 } == 5 << 30)
        #expect(service.largest.withLock { $0 } <= 4 << 20)
        // The other tests of the process count too: what matters is that it is not five.
        #expect(residentBytes() - before < 2 << 30)
    }

    @Test("Writes far apart are kept in bounded memory and sent in order", arguments: [false, true])
    func scattered(copiesRanges: Bool) async throws {
        let store = MemoryStore(copiesRanges: copiesRanges)
        let tree = ObjectTree(bucket: "b", service: store)
        var expected = pattern(60 * Self.mebibyte)
        store.put("big", expected)
        let file = try await tree.open(["big"], Self.editing)
        let block = pattern(Self.mebibyte + 7, seed: 5)
        for index in stride(from: 1, to: 58, by: 1) {
            let offset = index * (Self.mebibyte + 11)
            if offset + block.count > expected.count { break }
            try await file.write(block, offset: offset)
            expected.replaceSubrange(offset..<offset + block.count, with: block)
        }
        try await file.close()
        let isSame = store.content("big") == expected
        #expect(isSame)
        #expect(store.count(.upload) == 1)
        #expect((store.count(.copyRange) > 0) == copiesRanges)
        #expect((store.count(.read) > 0) == !copiesRanges)
    }

    @Test("Appending copies the old content inside the store where it can", arguments: [false, true])
    func append(copiesRanges: Bool) async throws {
        let store = MemoryStore(copiesRanges: copiesRanges)
        let tree = ObjectTree(bucket: "b", service: store)
        let old = pattern(3 * Self.mebibyte)
        store.put("log", old, contentType: "text/x-log")
        let options = ObjectTree.OpenOptions(isWritable: true, appends: true)
        let file = try await tree.open(["log"], options)
        // The offset is the caller's belief; appending goes to the end.
        try await file.write([1, 2], offset: 0)
        try await file.write([3], offset: 0)
        try await file.close()
        let isSame = store.content("log") == old + [1, 2, 3]
        #expect(isSame)
        #expect((store.count(.read) == 0) == copiesRanges)
        #expect(store.state.withLock { $0.objects[Array("log".utf8)]?.info.contentType } == "text/x-log")
    }

    @Test(
        "An upload that fails, at any step, leaves the old object and nothing else",
        arguments: [
            MemoryStore.Call.upload, .append, .finish,
        ])
    func failed(step: MemoryStore.Call) async throws {
        store.put("f", [7])
        for key in ["f", "new"] {
            let file = try await tree.open([key], Self.replacing)
            store.fail(step, with: .throttled)
            var seen: ProviderError.Code?
            for index in 0..<10 where seen == nil {
                seen = await code { () async throws(ProviderError) in
                    try await file.write(pattern(Self.mebibyte), offset: index * Self.mebibyte)
                }
            }
            if seen == nil { seen = await code { () async throws(ProviderError) in try await file.flush() } }
            #expect(seen == .throttled)
            store.onCall.withLock { $0 = { _, _ in } }
            // The error was told; what comes after it does not make the file after all.
            #expect(
                await code { () async throws(ProviderError) in try await file.write([1], offset: 0) } == .throttled)
            #expect(await code { () async throws(ProviderError) in try await file.close() } == .throttled)
        }
        #expect(store.keys == ["f"])
        #expect(store.content("f") == [7])
        #expect(store.state.withLock { $0.openUploads } == 0)
        guard case .file(let info)? = try await tree.entry(at: ["f"]) else {
            Issue.record("gone")
            return
        }
        #expect(info.size == 1)
        #expect(try await tree.entry(at: ["new"]) == nil)
        // And the name works again.
        let again = try await tree.open(["f"], Self.replacing)
        try await again.write([8, 9], offset: 0)
        try await again.close()
        #expect(store.content("f") == [8, 9])
    }

    @Test("A change by somebody else between open and close is an error, and is kept", arguments: [true, false])
    func conflict(truncates: Bool) async throws {
        store.put("f", [1, 2, 3])
        let file = try await tree.open(["f"], truncates ? Self.replacing : Self.editing)
        try await file.write([9], offset: 0)
        store.put("f", [4, 4, 4])
        #expect(await code { () async throws(ProviderError) in try await file.flush() } == .replaced)
        await file.abort()
        #expect(store.content("f") == [4, 4, 4])
        #expect(store.state.withLock { $0.openUploads } == 0)
    }

    @Test("Two that create the same name: an exclusive one learns that it exists, another that it changed")
    func creationConflict() async throws {
        for (isExclusive, expected) in [(true, ProviderError.Code.alreadyExists), (false, .replaced)] {
            var options = Self.creating
            options.isExclusive = isExclusive
            let key = "x\(isExclusive)"
            let file = try await tree.open([key], options)
            try await file.write([1], offset: 0)
            store.put(key, [5])
            #expect(await code { () async throws(ProviderError) in try await file.close() } == expected)
            #expect(store.content(key) == [5])
        }
        let exclusive = ObjectTree.OpenOptions(isWritable: true, creates: true, isExclusive: true)
        let tree = tree
        #expect(
            await code { () async throws(ProviderError) in _ = try await tree.open(["xtrue"], exclusive) }
                == .alreadyExists)
    }

    @Test("All openings of a file here see one content")
    func shared() async throws {
        store.put("f", [1, 2, 3])
        let writer = try await tree.open(["f"], Self.editing)
        let other = try await tree.open(["f"], Self.editing)
        let reader = try await tree.open(["f"])
        try await writer.write([9], offset: 1)
        #expect(try await reader.read(offset: 0, count: 10) == [1, 9, 3])
        try await other.write([8], offset: 2)
        try await writer.close()
        try await other.write([7, 7], offset: 3)
        try await other.close()
        #expect(store.content("f") == [1, 9, 8, 7, 7])
        #expect(try await reader.read(offset: 0, count: 10) == [1, 9, 8, 7, 7])
    }

    @Test("While a large change is on its way a reader has the old version, or is told that there is none")
    func readerOfUpload() async throws {
        store.put("old", [1, 2, 3])
        let block = pattern(9 * Self.mebibyte)
        for key in ["old", "new"] {
            let writer = try await tree.open([key], Self.replacing)
            try await writer.write(block, offset: 0)
            let reader = try await tree.open([key])
            let uploads = store.count(.finish)
            if key == "old" {
                #expect(try await reader.read(offset: 0, count: 10) == [1, 2, 3])
            } else {
                #expect(
                    await code { () async throws(ProviderError) in _ = try await reader.read(offset: 0, count: 1) }
                        == .busy)
            }
            #expect(store.count(.finish) == uploads)
            // The writer reads its own bytes back, for which they have to be stored.
            #expect(try await writer.read(offset: 100, count: 50) == Array(block[100..<150]))
            #expect(store.content(key)?.count == block.count)
            try await writer.write([1], offset: block.count)
            try await writer.close()
            #expect(store.content(key)?.count == block.count + 1)
        }
    }

    @Test("Giving up, or forgetting to close, leaves nothing half-made")
    func abandoned() async throws {
        let block = pattern(9 * Self.mebibyte)
        let file = try await tree.open(["a"], Self.creating)
        try await file.write(block, offset: 0)
        #expect(store.state.withLock { $0.openUploads } == 1)
        await file.abort()
        #expect(store.state.withLock { $0.openUploads } == 0)
        var forgotten: ObjectFile? = try await tree.open(["b"], Self.creating)
        try await forgotten?.write(block, offset: 0)
        forgotten = nil
        #expect(await eventually { store.state.withLock { $0.openUploads } == 0 })
        #expect(store.keys == [])
        #expect(try await tree.list([]).children.isEmpty)
    }

    @Test("A writer that is interrupted stops waiting, and the old object stays")
    func interrupted() async throws {
        store.put("f", [1])
        let file = try await tree.open(["f"], Self.replacing)
        store.before(.append) { () async throws(ProviderError) in
            do { try await Task.sleep(for: .seconds(100)) } catch { throw ProviderError(wrapping: error) }
        }
        let task = Task {
            await code { () async throws(ProviderError) in
                try await file.write(pattern(9 * Self.mebibyte), offset: 0)
            }
        }
        #expect(await eventually { store.count(.append) > 0 })
        let waiting = Task { await code { () async throws(ProviderError) in try await file.write([1], offset: 0) } }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await code { () async throws(ProviderError) in try await file.close() } == .cancelled)
        #expect(await eventually { store.state.withLock { $0.openUploads } == 0 })
        #expect(store.content("f") == [1])
    }

    @Test("A file opened for reading cannot be written to")
    func readOnly() async throws {
        store.put("f", [1])
        let file = try await tree.open(["f"])
        #expect(await code { () async throws(ProviderError) in try await file.write([1], offset: 0) } == .notPermitted)
        #expect(await code { () async throws(ProviderError) in try await file.truncate(to: 0) } == .notPermitted)
    }

    @Test("fsync means stored, and writing goes on from there")
    func sync() async throws {
        let file = try await tree.open(["f"], Self.creating)
        try await file.sync()
        #expect(store.content("f") == [])
        try await file.write([1, 2, 3], offset: 0)
        try await file.sync()
        #expect(store.content("f") == [1, 2, 3])
        try await file.write([4], offset: 3)
        try await file.close()
        #expect(store.content("f") == [1, 2, 3, 4])
    }

    @Test("truncate(2) without an open file")
    func truncatePath() async throws {
        store.put("f", [1, 2, 3])
        try await tree.truncate(["f"], to: 5)
        #expect(store.content("f") == [1, 2, 3, 0, 0])
        try await tree.truncate(["f"], to: 2)
        try await tree.truncate(["f"], to: 3)
        #expect(store.content("f") == [1, 2, 0])
        try await tree.truncate(["f"], to: 0)
        #expect(store.content("f") == [])
    }

    private func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return (Int(text.split(separator: " ").dropFirst().first ?? "0") ?? 0) * 4096
    }
}

/// A store that takes any amount and keeps the number of bytes only.
final class CountingStore: ObjectService, ObjectUpload {
    let sent = Mutex(0)
    let largest = Mutex(0)

    func page(of bucket: String, prefix: String, after token: String?) async throws(ProviderError) -> ObjectPage {
        ObjectPage(objects: [], prefixes: [])
    }
    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo? { nil }
    func read(_ key: String, in bucket: String, offset: Int, count: Int, etag: String?, into sink: any ByteSink)
        async throws(ProviderError)
    { throw ProviderError(.notFound, "nothing is kept") }
    func upload(_ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition)
        async throws(ProviderError) -> any ObjectUpload
    { self }
    func copy(_ key: String, in bucket: String, to newKey: String, in newBucket: String)
        async throws(ProviderError) -> ObjectInfo
    { throw ProviderError(.notFound, "nothing is kept") }
    func delete(_ key: String, in bucket: String) async throws(ProviderError) {}
    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError) {}
    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String? { nil }

    func append(_ bytes: [UInt8]) async throws(ProviderError) {
        sent.withLock { $0 += bytes.count }
        largest.withLock { $0 = max($0, bytes.count) }
    }
    func finish() async throws(ProviderError) -> ObjectInfo {
        ObjectInfo(key: "sparse", size: sent.withLock { $0 }, modificationTime: 1, etag: "1")
    }
    func abort() async {}
}
