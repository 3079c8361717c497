import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider
@testable import ProviderTesting

/// Dynamic large objects that others made: listed as if they were empty, and never lost for it.
@Suite struct DynamicObjectTests {
    private let rig: Rig
    private let store: any ObjectService
    private let content: [UInt8] = [1, 2, 3, 4, 5]

    init() throws {
        rig = try Rig()
        store = try #require(rig.provider.objects)
        rig.cloud.makeDynamic("film", in: "assets", segments: [[1, 2, 3], [4, 5]], at: "backups/film/")
    }

    private func listed(_ key: String) async throws -> ObjectInfo {
        let page = try await store.page(of: "assets", prefix: "", after: nil)
        return try #require(page.objects.first { $0.key == key })
    }

    private func write(_ bytes: [UInt8], _ key: String, _ precondition: ObjectPrecondition) async throws -> ObjectInfo {
        let upload = try await store.upload(key, in: "assets", contentType: nil, precondition: precondition)
        try await upload.append(bytes)
        return try await upload.finish()
    }

    private var segments: [String]? { rig.cloud.keys(in: "backups") }

    @Test func oneIsReadAsWhatItStandsFor() async throws {
        let first = try await listed("film")
        #expect(first.size == 0 && !first.isContentKnown)
        #expect(try await listed("index.html").isContentKnown)
        let info = try #require(try await store.object("film", in: "assets"))
        #expect(info.size == 5 && info.isContentKnown && info.etag != first.etag)
        let read = try await store.read("film", in: "assets", offset: 1, count: 9, etag: info.etag)
        #expect(read == Array(content[1...]))
        // Its segments may become others without it: it is asked for each time.
        #expect(try await !listed("film").isContentKnown)
    }

    @Test func whatIsEmptyIsAskedForOnce() async throws {
        let made = try await write([], "nothing", .absent)
        #expect(made.size == 0 && made.isContentKnown)
        #expect(try await listed("nothing").isContentKnown)
        // By another, who knows nothing of it.
        let provider = try Rig.provider(of: rig.cloud)
        let other = try #require(provider.objects)
        func seen() async throws -> Bool? {
            try await other.page(of: "assets", prefix: "", after: nil).objects.first { $0.key == "nothing" }?
                .isContentKnown
        }
        #expect(try await seen() == false)
        #expect(try await other.object("nothing", in: "assets")?.size == 0)
        #expect(try await seen() == true)
        // Another version of it is another thing.
        rig.cloud.makeDynamic("nothing", in: "assets", segments: [[9]], at: "backups/nothing/")
        #expect(try await seen() == false)
    }

    @Test func aTimeLeavesTheManifestOne() async throws {
        let info = try #require(try await store.object("film", in: "assets"))
        let now = try await store.setModificationTime(1_600_000_000, "film", in: "assets", etag: info.etag)
        #expect(now.modificationTime == 1_600_000_000 && now.size == 5)
        #expect(rig.cloud.manifest(of: "film", in: "assets") == "backups/film/")
    }

    @Test func aCopyIsOfTheSameSegments() async throws {
        let copy = try await store.copy("film", in: "assets", to: "moved", in: "assets")
        try await store.delete("film", in: "assets")
        #expect(copy.size == 5 && rig.cloud.manifest(of: "moved", in: "assets") == "backups/film/")
        #expect(try await store.read("moved", in: "assets", offset: 0, count: 9, etag: copy.etag) == content)
        #expect(segments == ["film/0", "film/1"])
    }

    @Test func whatIsWrittenStandsAloneAndTheSegmentsStay() async throws {
        let info = try #require(try await store.object("film", in: "assets"))
        let made = try await write(content + [6], "film", .matches(etag: info.etag))
        #expect(made.size == 6 && rig.cloud.manifest(of: "film", in: "assets") == nil)
        #expect(rig.cloud.object("film", in: "assets") == content + [6])
        #expect(segments == ["film/0", "film/1"])
        try await store.delete("film", in: "assets")
        #expect(segments == ["film/0", "film/1"])
    }

    @Test func oneWhoseLengthIsNotToldIsNotSaidToBeEmpty() async throws {
        let path = "/object/v1/AUTH_\(StubCloud.project)/assets/film"
        rig.server.on(
            "HEAD", path, .raw(Array("HTTP/1.1 200 OK\r\nX-Object-Manifest: backups/film/\r\nETag: e\r\n\r\n".utf8)))
        let failure = await rig.failure { _ = try await store.object("film", in: "assets") }
        #expect(failure?.code == .unsupported)
    }
}
