import FakeProvider
import ProviderAPI
import Testing

@Suite(.timeLimit(.minutes(1))) struct BulkTests {
    private func open(_ rig: Rig, _ name: String, writable: Bool) async throws -> any BulkContent {
        let service = try #require(rig.provider.disks as? any BulkService<Disk>)
        let id = try #require(try await service.list().first { $0.name == name }).id
        return try await service.content(of: id, writable: writable)
    }

    @Test func holesAreFoundAndZeros() async throws {
        let rig = Rig()
        let content = try await open(rig, "scratch1", writable: true)
        #expect(content.size == 20 << 30)
        #expect(try await content.seek(offset: 0, hole: false) == 0)
        let hole = try #require(try await content.seek(offset: 0, hole: true))
        #expect(try await content.read(offset: hole, count: 64) == [UInt8](repeating: 0, count: 64))
        let data = try #require(try await content.seek(offset: hole, hole: false))
        #expect(data > hole)
        #expect(try await content.seek(offset: content.size, hole: true) == nil)
        #expect(try await content.seek(offset: content.size - 1, hole: true) == content.size - 1)
        #expect(try await content.seek(offset: content.size - 1, hole: false) == nil)
    }

    @Test func whatIsWrittenIsReadAcrossPages() async throws {
        let rig = Rig()
        let content = try await open(rig, "scratch1", writable: true)
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 | 1) }
        let place = (5 << 30) + 1000
        try await content.write(bytes, offset: place)
        #expect(try await content.read(offset: place, count: bytes.count) == bytes)
        #expect(try await content.read(offset: place - 1, count: 2) == [0, 1])
        #expect(try await content.seek(offset: (5 << 30) - 1, hole: false) == 5 << 30)
        try await content.write([UInt8](repeating: 0, count: 100_000), offset: 6 << 30)
        #expect(try await content.seek(offset: 6 << 30, hole: true) == 6 << 30)
        #expect(await code { try await content.write([1, 2], offset: content.size - 1) } == .noSpace)
    }

    @Test func aRunningMachineKeepsItsDisks() async throws {
        let rig = Rig()
        #expect(await code { _ = try await open(rig, "web1-disk0", writable: true) } == .busy)
        let content = try await open(rig, "web3-disk0", writable: true)
        try await content.write([9], offset: 0)
        try await rig.apply(.power(.up), "web3")
        #expect(await code { try await content.write([9], offset: 0) } == .busy)
        #expect(try await content.read(offset: 0, count: 1) == [9])
    }

    @Test func aSnapshotHoldsContent() async throws {
        let rig = Rig()
        let content = try await open(rig, "web3-disk0", writable: true)
        let old = try await content.read(offset: 0, count: 8)
        try await rig.apply(.createSnapshot(Specification(name: "s")), "web3")
        try await content.write([UInt8](repeating: 7, count: 8), offset: 0)
        try await rig.apply(.revertSnapshot("s"), "web3")
        #expect(try await content.read(offset: 0, count: 8) == old)
    }

    @Test func anImageGrowsAsItIsWritten() async throws {
        let rig = Rig()
        let images = try #require(rig.provider.images as? any BulkService<Image>)
        let image = try await images.create(Specification(name: "mine", values: ["format": .text("raw")]), rig.job)
        #expect(image.size == 0)
        let content = try await images.content(of: image.id, writable: true)
        try await content.write([1, 2, 3], offset: 70_000)
        #expect(content.size == 70_003)
        #expect(try await images.items([image.id]).first?.size == 70_003)
        #expect(try await content.read(offset: 69_999, count: 9) == [0, 1, 2, 3])
    }

    @Test func poolsAddUp() async throws {
        let rig = Rig()
        _ = try await rig.disks.create(Specification(name: "thick", values: ["thin": .flag(false)]), rig.job)
        let pools = try #require(rig.provider.pools)
        let pool = try #require(try await pools.list().first { $0.name == "default" })
        #expect(pool.available == (pool.capacity ?? 0) - (pool.allocation ?? 0))
        #expect(await code { try await pools.delete(pool.id, rig.job) } == .notEmpty)
        let empty = try await pools.create(Specification(name: "empty"), rig.job)
        try await pools.delete(empty.id, rig.job)
        let thick = try #require(try await rig.disks.list().first { $0.name == "thick" })
        #expect(await code { _ = try await rig.disks.apply(.grow(size: 1), to: thick.id, rig.job) } == .invalidValue)
        #expect(try await rig.disks.apply(.grow(size: 12), to: thick.id, rig.job).capacity == 12 << 30)
        let grown = try #require(try await pools.items([pool.id]).first)
        #expect((grown.allocation ?? 0) - (pool.allocation ?? 0) == 2 << 30)
    }
}
