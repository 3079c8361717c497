import ObjectStore
import ProviderAPI
import Synchronization
import Testing

@Suite("Bytes on their way") struct ArrivalTests {
    let store = MemoryStore()
    static let mebibyte = 1 << 20

    /// What a read of the store does with the bytes: the sink, those of the range, how many reads there were before.
    private func onRead(
        _ body: @escaping @Sendable (any ByteSink, [UInt8], Int) async throws(ProviderError) -> Void
    ) {
        let count = Mutex(0)
        store.onArrival.withLock { hook in
            hook = { sink, bytes throws(ProviderError) in
                let before = count.withLock { count in
                    defer { count += 1 }
                    return count
                }
                try await body(sink, bytes, before)
                return true
            }
        }
    }

    private func code(reading file: ObjectFile, _ offset: Int, _ count: Int) async -> ProviderError.Code? {
        await ObjectStoreTests.code { () async throws(ProviderError) in
            _ = try await file.read(offset: offset, count: count)
        }
    }

    @Test("A reader gets the first bytes of a range before its end")
    func firstBytes() async throws {
        let content = pattern(4 * Self.mebibyte)
        store.put("big", content)
        let isOpen = Mutex(false)
        onRead { sink, bytes, _ in
            sink.begin()
            #expect(sink.take(bytes[..<100_000]))
            while !isOpen.withLock({ $0 }), !Task.isCancelled { await Task.yield() }
            #expect(sink.take(bytes[100_000...]))
        }
        let file = try await ObjectTree(bucket: "b", service: store).open(["big"])
        #expect(try await file.read(offset: 0, count: 1000) == Array(content[..<1000]))
        #expect(file.readNow(offset: 50_000, count: 50_000).map(Array.init) == Array(content[50_000..<100_000]))
        #expect(file.readNow(offset: 50_000, count: 50_001) == nil)
        isOpen.withLock { $0 = true }
        #expect(try await file.read(offset: 99_999, count: 1000) == Array(content[99_999..<100_999]))
        #expect(store.state.withLock { $0.reads.count { $0.contains(99_999) } } == 1)
        try await file.close()
    }

    @Test("A range that breaks off and comes again is the same bytes, once")
    func again() async throws {
        let content = pattern(5 * Self.mebibyte + 77)
        store.put("big", content)
        onRead { sink, bytes, _ in
            for part in [100_000, 70_001, 1_500_000] {
                sink.begin()
                #expect(sink.take(bytes.prefix(part)))
            }
            sink.begin()
            for start in stride(from: 0, to: bytes.count, by: 70_001) {
                #expect(sink.take(bytes[start..<min(start + 70_001, bytes.count)]))
            }
            #expect(!sink.take([1]), "more than was asked for")
        }
        let file = try await ObjectTree(bucket: "b", service: store).open(["big"])
        for (step, offset) in [(333_333, 0), (1 << 20, 0), (128 << 10, 1), (3 << 20, 5)] {
            for start in stride(from: offset, to: content.count, by: step) {
                let bytes = try await file.read(offset: start, count: step)
                #expect(bytes == Array(content[start..<min(start + step, content.count)]))
            }
        }
        try await file.close()
    }

    @Test("Of a range that breaks off for good, what came is read, and the rest is asked for again")
    func brokenOff() async throws {
        let content = pattern(400_000)
        store.put("s", content)
        onRead { sink, bytes, before throws(ProviderError) in
            sink.begin()
            guard before == 0 else { return sink.take(whole: bytes) }
            _ = sink.take(bytes[..<100_000])
            throw ProviderError(.unreachable, "as the test asked")
        }
        let file = try await ObjectTree(bucket: "b", service: store).open(["s"])
        #expect(try await file.read(offset: 0, count: 50_000) == Array(content[..<50_000]))
        #expect(await code(reading: file, 60_000, 100_000) == nil, "the read after a failure asks again")
        #expect(try await file.read(offset: 50_000, count: 350_000) == Array(content[50_000...]))
        try await file.close()
    }

    @Test("An object that is replaced while a range of it comes is an error, never a mixture")
    func replacedMeanwhile() async throws {
        let old = pattern(400_000)
        store.put("s", old)
        let isReplaced = Mutex(false)
        onRead { [store] sink, bytes, before throws(ProviderError) in
            sink.begin()
            _ = sink.take(bytes[..<100_000])
            while !isReplaced.withLock({ $0 }), !Task.isCancelled { await Task.yield() }
            guard before == 0 else { return sink.take(whole: bytes) }
            // The second attempt for the same range, on the condition that the version is the same.
            _ = try store.slice("s", 0, bytes.count, "1")
            throw ProviderError(.failed, "the store did not look at the condition")
        }
        let file = try await ObjectTree(bucket: "b", service: store).open(["s"])
        #expect(try await file.read(offset: 0, count: 1000) == Array(old[..<1000]))
        let rest = Task { await code(reading: file, 90_000, 100_000) }
        store.put("s", pattern(400_000, seed: 1))
        isReplaced.withLock { $0 = true }
        #expect(await rest.value == .replaced)
        #expect(await code(reading: file, 1000, 10) == .replaced)
        await file.abort()
    }
}

extension ByteSink {
    fileprivate func take(_ bytes: some Sequence<UInt8>) -> Bool { Array(bytes).withUnsafeBytes { take($0) } }
}
