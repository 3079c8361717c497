import ObjectStore
import ProviderAPI
import Synchronization
import Testing

@Suite("Reading") struct ReadTests {
    let store = MemoryStore()
    static let mebibyte = 1 << 20

    @Test("A sequential reader gets the bytes in few, large, parallel ranges, and never twice")
    func sequential() async throws {
        let content = pattern(48 * Self.mebibyte)
        store.put("big", content)
        let file = try await ObjectTree(bucket: "b", service: store).open(["big"])
        store.before(.read) { try? await Task.sleep(for: .milliseconds(1)) }
        var offset = 0
        var isSame = true
        while offset < content.count {
            let bytes = try await file.read(offset: offset, count: 128 << 10)
            isSame = isSame && bytes == Array(content[offset..<offset + bytes.count]) && !bytes.isEmpty
            if !isSame { break }
            offset += bytes.count
        }
        #expect(isSame)
        // Of half a MiB at least, also where the machine is as slow as a slow line.
        #expect(store.count(.read) <= 96)
        let reads = store.state.withLock { $0.reads }
        #expect(reads.reduce(0) { $0 + $1.count } == content.count)
        #expect(reads.allSatisfy { $0.count <= 8 * Self.mebibyte })
        #expect(store.state.withLock { $0.mostReadsUnderWay } >= 2)
        try await file.close()
    }

    @Test("Reads that a kernel sends side by side and out of order fetch nothing twice")
    func outOfOrder() async throws {
        let content = pattern(8 * Self.mebibyte)
        store.put("big", content)
        let file = try await ObjectTree(bucket: "b", service: store).open(["big"])
        let step = 128 << 10
        for block in stride(from: 0, to: content.count, by: 4 * step) {
            await withTaskGroup(of: Bool.self) { group in
                for index in [0, 2, 1, 3] {
                    let offset = block + index * step
                    group.addTask {
                        (try? await file.read(offset: offset, count: step)) == Array(content[offset..<offset + step])
                    }
                }
                for await isSame in group { #expect(isSame) }
            }
        }
        #expect(store.state.withLock { $0.reads.reduce(0) { $0 + $1.count } } <= content.count + 4 * step)
    }

    @Test("A random reader fetches what it asks for")
    func random() async throws {
        let content = pattern(64 * Self.mebibyte)
        store.put("big", content)
        let file = try await ObjectTree(bucket: "b", service: store).open(["big"])
        var random = Seeded(1)
        for _ in 0..<50 {
            let offset = Int.random(in: 1..<63, using: &random) * Self.mebibyte + 4096
            #expect(try await file.read(offset: offset, count: 4096) == Array(content[offset..<offset + 4096]))
        }
        #expect(store.state.withLock { $0.reads.reduce(0) { $0 + $1.count } } <= 50 * 4096 + 4 * Self.mebibyte)
    }

    @Test("A small file is one read; the end and what is behind it are none")
    func small() async throws {
        store.put("s", pattern(1000))
        let file = try await ObjectTree(bucket: "b", service: store).open(["s"])
        #expect(try await file.read(offset: 0, count: 4096) == pattern(1000))
        #expect(try await file.read(offset: 1000, count: 4096) == [])
        #expect(try await file.read(offset: 5000, count: 1) == [])
        #expect(try await file.read(offset: 999, count: 4096) == Array(pattern(1000)[999...]))
        #expect(store.count(.read) == 1)
    }

    @Test("An object that somebody else replaced or deleted is an error, never a mixture")
    func replaced() async throws {
        store.put("big", pattern(4 * Self.mebibyte))
        let tree = ObjectTree(bucket: "b", service: store)
        let file = try await tree.open(["big"])
        _ = try await file.read(offset: 0, count: 1)
        store.put("big", pattern(4 * Self.mebibyte, seed: 1))
        #expect(
            await code { () async throws(ProviderError) in
                _ = try await file.read(offset: 3 * Self.mebibyte, count: 10)
            } == .replaced)
        store.state.withLock { $0.objects = [:] }
        #expect(
            await code { () async throws(ProviderError) in
                _ = try await file.read(offset: 2 * Self.mebibyte, count: 10)
            } == .notFound)
    }

    @Test("A reader never gets two versions, also where another opening learns of the new one")
    func oneVersion() async throws {
        let (old, new) = (pattern(2 * Self.mebibyte), pattern(2 * Self.mebibyte, seed: 1))
        store.put("s", old)
        let tree = ObjectTree(bucket: "b", service: store)
        let file = try await tree.open(["s"])
        #expect(try await file.read(offset: 0, count: 10) == Array(old[..<10]))
        store.put("s", new)
        let other = try await tree.open(["s"])
        #expect(try await other.read(offset: 0, count: new.count) == new)
        #expect(
            await code { () async throws(ProviderError) in
                _ = try await file.read(offset: Self.mebibyte, count: 10)
            } == .replaced)
        #expect(file.readNow(offset: 0, count: 10) == nil)
        for file in [file, other] { try await file.close() }
    }

    @Test("What a look-up told is looked up again where it is no longer so")
    func oldKnowledge() async throws {
        let old = store.put("s", pattern(1000))
        store.put("s", pattern(2000, seed: 1))
        let tree = ObjectTree(bucket: "b", service: store)
        let file = try await tree.open(["s"], known: old)
        #expect(store.count(.object) == 0)
        #expect(try await file.read(offset: 0, count: 4000) == pattern(2000, seed: 1))
        try await file.close()
        store.state.withLock { $0.objects = [:] }
        let gone = try await tree.open(["s"], known: old)
        #expect(
            await code { () async throws(ProviderError) in _ = try await gone.read(offset: 0, count: 10) } != nil)
        await gone.abort()
    }

    @Test("What is in memory is read without waiting, and what a writer changed is not")
    func withoutWaiting() async throws {
        let content = pattern(Self.mebibyte)
        store.put("s", content)
        let tree = ObjectTree(bucket: "b", service: store)
        let file = try await tree.open(["s"])
        #expect(file.readNow(offset: 0, count: 10) == nil)
        _ = try await file.read(offset: 0, count: 10)
        #expect(file.readNow(offset: 100, count: 10).map(Array.init) == Array(content[100..<110]))
        let writer = try await tree.open(["s"], .init(isWritable: true))
        try await writer.write([1, 2, 3], offset: 100)
        #expect(file.readNow(offset: 100, count: 10) == nil)
        #expect(try await file.read(offset: 100, count: 3) == [1, 2, 3])
        for file in [file, writer] { try await file.close() }
        #expect(store.content("s")?.prefix(103).suffix(3) == [1, 2, 3])
    }

    @Test("A slow line is asked for less at a time")
    func slowLine() async throws {
        store.put("big", pattern(24 * Self.mebibyte))
        // 512 KiB in half a second are 2 MiB in the two that a range may take.
        store.before(.read) { try? await Task.sleep(for: .milliseconds(500)) }
        let file = try await ObjectTree(bucket: "b", service: store).open(["big"])
        for offset in stride(from: 0, to: 2 * Self.mebibyte, by: Self.mebibyte / 2) {
            _ = try await file.read(offset: offset, count: Self.mebibyte / 2)
        }
        #expect(store.state.withLock { $0.reads }.allSatisfy { $0.count <= 2 * Self.mebibyte })
        await file.abort()
    }

    @Test("A range that failed is asked for again by the next read")
    func retry() async throws {
        store.put("s", pattern(1000))
        let file = try await ObjectTree(bucket: "b", service: store).open(["s"])
        store.fail(.read, on: 1, with: .timedOut)
        #expect(
            await code { () async throws(ProviderError) in _ = try await file.read(offset: 0, count: 10) } == .timedOut)
        #expect(try await file.read(offset: 0, count: 10) == Array(pattern(10)))
    }

    @Test("Half an answer is an error, not a short file")
    func short() async throws {
        let info = store.put("s", pattern(1000))
        store.state.withLock { $0.objects[Array("s".utf8)]?.bytes = pattern(500) }
        let file = try await ObjectTree(bucket: "b", service: store).open(["s"], known: info)
        #expect(
            await code { () async throws(ProviderError) in _ = try await file.read(offset: 0, count: 1000) }
                == .malformedReply)
    }

    @Test("A reader that is interrupted stops waiting for a store that hangs")
    func interrupted() async throws {
        store.put("s", pattern(1000))
        let file = try await ObjectTree(bucket: "b", service: store).open(["s"])
        store.before(.read) { try? await Task.sleep(for: .seconds(100)) }
        let task = Task {
            await code { () async throws(ProviderError) in _ = try await file.read(offset: 0, count: 10) }
        }
        #expect(await eventually { store.count(.read) > 0 })
        task.cancel()
        #expect(await task.value == .cancelled)
        await file.abort()
        #expect(store.content("s") == pattern(1000))
    }

    @Test("Readers together stay inside the budget for what nobody asked for")
    func budget() async throws {
        let content = pattern(33 * Self.mebibyte)
        store.put("big", content)
        let memory = ObjectMemory(limit: 128 * Self.mebibyte)
        var files: [ObjectFile] = []
        for _ in 0..<8 {
            // Buckets of one mount share it.
            let file = try await ObjectTree(bucket: "b", service: store, memory: memory).open(["big"])
            for offset in stride(from: 0, to: 17 * Self.mebibyte, by: Self.mebibyte) {
                _ = try await file.read(offset: offset, count: Self.mebibyte)
            }
            files.append(file)
        }
        // 8 readers at 32 MiB each would be 256 MiB ahead of what they have read.
        let ahead = store.state.withLock { $0.reads.reduce(0) { $0 + $1.count } } - 8 * 17 * Self.mebibyte
        #expect(ahead <= 128 * Self.mebibyte)
        #expect(store.count(.read) > 0)
        for file in files { try await file.close() }
    }
}
