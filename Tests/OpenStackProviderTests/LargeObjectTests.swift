import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Objects that are kept in segments. Wherever they go, the segments go with them.
@Suite struct LargeObjectTests {
    private static let shelf = "assets+segments"
    private let rig: Rig
    private let store: any ObjectService
    private let large = [UInt8](repeating: 7, count: ObjectUploader.size(ofSegment: 0) + 5)

    init() throws {
        rig = try Rig()
        store = try #require(rig.provider.objects)
    }

    @discardableResult
    private func write(_ bytes: [UInt8], _ key: String, in bucket: String = "assets") async throws -> ObjectInfo {
        let upload = try await store.upload(
            key, in: bucket, contentType: "text/plain", modificationTime: 1_700_000_000, precondition: .none)
        try await upload.append(bytes)
        return try await upload.finish()
    }

    @Test func segmentsHaveAContainerThatIsNotListed() async throws {
        let made = try await write(large, "a/big")
        #expect(made.size == large.count && made.contentType == "text/plain")
        #expect(rig.cloud.object("a/big", in: "assets") == large)
        #expect(rig.cloud.keys(in: Self.shelf)?.count == 2)
        let buckets = try #require(rig.provider.buckets)
        let listed = try await buckets.list()
        #expect(listed.filter { !$0.isListed }.map(\.name) == [Self.shelf])
        #expect(listed.contains { $0.name == "assets" && $0.isListed })
    }

    @Test func whatIsReplacedOrDeletedLeavesNone() async throws {
        try await write(large, "a/big")
        let first = try #require(rig.cloud.keys(in: Self.shelf))
        try await write(large, "a/big")
        let second = try #require(rig.cloud.keys(in: Self.shelf))
        #expect(second.count == 2 && Set(first).isDisjoint(with: second))
        try await write([1], "a/big")
        #expect(rig.cloud.keys(in: Self.shelf) == [])
        try await write(large, "a/big")
        try await store.delete("a/big", in: "assets")
        #expect(rig.cloud.keys(in: Self.shelf) == [])
    }

    @Test func aCopyHasItsOwnAndTakesThoseOfWhatWasThere() async throws {
        try await write(large, "a/big")
        #expect(try await store.copy("a/big", in: "assets", to: "copy", in: "logs").size == large.count)
        try await store.delete("a/big", in: "assets")
        #expect(rig.cloud.object("copy", in: "logs") == large)
        #expect(rig.cloud.keys(in: "logs+segments")?.count == 2)
        try await write([1], "small", in: "logs")
        _ = try await store.copy("small", in: "logs", to: "copy", in: "logs")
        #expect(rig.cloud.object("copy", in: "logs") == [1])
        #expect(rig.cloud.keys(in: "logs+segments") == [])
    }

    @Test func anUploadThatIsGivenUpLeavesNone() async throws {
        let upload = try await store.upload("a/big", in: "assets", contentType: nil, precondition: .none)
        try await upload.append(large)
        // Its segments are sent while the writer goes on.
        for _ in 0..<2_000 where rig.cloud.keys(in: Self.shelf)?.isEmpty ?? true {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(rig.cloud.keys(in: Self.shelf)?.isEmpty == false)
        await upload.abort()
        #expect(rig.cloud.object("a/big", in: "assets") == nil && rig.cloud.keys(in: Self.shelf) == [])
        let hasty = try await store.upload("a/hasty", in: "assets", contentType: nil, precondition: .none)
        try await hasty.append(large)
        await hasty.abort()
        #expect(rig.cloud.object("a/hasty", in: "assets") == nil && rig.cloud.keys(in: Self.shelf) == [])
    }

    @Test func theirContainerHasTheSameReadersAndGoesWithTheOther() async throws {
        let buckets = try #require(rig.provider.buckets)
        let made = try await buckets.create(Specification(name: "open", values: ["public": .flag(true)]), rig.job)
        try await write(large, "big", in: "open")
        #expect(rig.cloud.isPublic("open+segments"))
        _ = try await buckets.apply(.publicRead(false), to: made.id, rig.job)
        #expect(!rig.cloud.isPublic("open") && !rig.cloud.isPublic("open+segments"))
        #expect(await rig.failure { try await buckets.delete(made.id, rig.job) }?.code == .notEmpty)
        #expect(rig.cloud.keys(in: "open+segments")?.count == 2)
        try await store.delete("big", in: "open")
        try await buckets.delete(made.id, rig.job)
        #expect(rig.cloud.keys(in: "open") == nil && rig.cloud.keys(in: "open+segments") == nil)
    }

    @Test func whatCannotBeDeletedIsSaid() async throws {
        try await write(large, "a/big")
        let reply = #"{"Response Status": "400 Bad Request", "Errors": [["/assets+segments/a", "403 Forbidden"]]}"#
        rig.server.on("DELETE", "/object/v1/AUTH_\(StubCloud.project)/assets/a/big", .json(200, reply))
        let failure = await rig.failure { try await store.delete("a/big", in: "assets") }
        #expect(failure?.code == .failed && failure?.cause?.contains("403") == true)
    }
}
