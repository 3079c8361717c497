import FoundationEssentials
import ObjectStore
import ProviderAPI
import Synchronization
import Testing

/// Random writes, reads, cuts, flushes and reopenings against an array of bytes.
@Suite("Random operations") struct ModelTests {
    /// Fewer where everything takes ten times as long.
    private static let isBrief = ProcessInfo.processInfo.environment["INFRAFS_TEST_BRIEF"] == "1"

    @Test("A file behaves as an array of bytes does", arguments: [false, true])
    func small(copiesRanges: Bool) async throws {
        for _ in 0..<(Self.isBrief ? 2 : 20) {
            let store = MemoryStore(copiesRanges: copiesRanges)
            try await run(store, seed: .random(in: 0 ... .max), operations: 500, largest: 200_000, longest: 30_000)
        }
    }

    @Test("Also where it is larger than memory is for", arguments: [false, true])
    func large(copiesRanges: Bool) async throws {
        let store = MemoryStore(copiesRanges: copiesRanges)
        let (operations, largest) = Self.isBrief ? (15, 20 << 20) : (60, 50 << 20)
        try await run(store, seed: .random(in: 0 ... .max), operations: operations, largest: largest, longest: 12 << 20)
    }

    private func run(_ store: MemoryStore, seed: UInt64, operations: Int, largest: Int, longest: Int) async throws {
        print("seed \(seed)")
        var random = Seeded(seed)
        var model: [UInt8] = []
        let tree = ObjectTree(bucket: "b", service: store)
        let options = ObjectTree.OpenOptions(isWritable: true, creates: true)
        var file = try await tree.open(["f"], options)
        var isSame = true
        for step in 0..<operations where isSame {
            let offset = Int.random(in: 0...max(1, min(model.count + longest / 2, largest - 1)), using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<9:
                let count = Int.random(in: 1...min(longest, largest - offset), using: &random)
                // A sequential writer is the common case.
                let place = Int.random(in: 0..<3, using: &random) == 0 ? min(model.count, largest - count) : offset
                let bytes = pattern(count, seed: step * 7919)
                try await file.write(bytes, offset: place)
                if model.count < place + count { model += [UInt8](repeating: 0, count: place + count - model.count) }
                model.replaceSubrange(place..<place + count, with: bytes)
            case 9..<14:
                let count = Int.random(in: 1...longest, using: &random)
                let bytes = try await file.read(offset: offset, count: count)
                isSame = bytes == Array(model.dropFirst(offset).prefix(count))
            case 14, 15:
                try await file.truncate(to: offset)
                if offset < model.count { model.removeLast(model.count - offset) }
                model += [UInt8](repeating: 0, count: offset - model.count)
            case 16:
                try await file.flush()
            case 17:
                try await file.sync()
                isSame = store.content("f") == model
            case 18:
                try await file.close()
                isSame = store.content("f") == model
                file = try await tree.open(["f"], options)
            default:
                let newPath = ["g"]
                try await tree.rename(["f"], to: newPath, replace: true)
                try await tree.rename(newPath, to: ["f"], replace: true)
            }
            let size = await file.size
            isSame = isSame && size == model.count
            #expect(isSame, "seed \(seed), step \(step): size \(size) for \(model.count)")
        }
        try await file.close()
        isSame = store.content("f") == model
        #expect(isSame, "seed \(seed)")
        #expect(store.keys == ["f"])
        #expect(store.state.withLock { $0.openUploads } == 0)
    }
}
