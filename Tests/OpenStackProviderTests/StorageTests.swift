import FoundationEssentials
import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider
@testable import ProviderTesting

/// Images, objects and what services say when they refuse.
@Suite struct StorageTests {
    private func images(_ rig: Rig) throws -> any BulkService<Image> {
        try #require(rig.provider.images as? any BulkService<Image>)
    }

    @Test func anImageIsSentAsItIsWritten() async throws {
        let rig = try Rig()
        let image = try await rig.images().create(
            Specification(name: "mine", values: ["format": .text("raw"), "min_disk": .number(3)]), rig.job)
        #expect(image.status == "queued")
        let content = try await images(rig).content(of: image.id, writable: true)
        try await content.truncate(to: 0)
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        try await content.write(Array(bytes[..<200_000]), offset: 0)
        #expect(await rig.failure { try await content.write([1], offset: 7) }?.code == .unsupported)
        try await content.write(Array(bytes[200_000...]), offset: 200_000)
        try await content.close()
        #expect(rig.cloud.content(ofImage: image.id.rawValue) == bytes)
        let whole = try #require(try await rig.images().items([image.id]).first)
        #expect(whole.size == 300_000 && whole.status == "available" && whole.format == "raw")
        let reader = try await images(rig).content(of: image.id, writable: false)
        #expect(try await reader.read(offset: 299_990, count: 100) == Array(bytes[299_990...]))
        #expect(try await reader.read(offset: 1000, count: 5) == Array(bytes[1000..<1005]))
        #expect(await rig.failure { _ = try await images(rig).content(of: image.id, writable: true) }?.code == .busy)
    }

    @Test func anImageWhoseWriterWasKilledStaysEmpty() async throws {
        let rig = try Rig()
        let image = try await rig.images().create(Specification(name: "cut"), rig.job)
        let content = try await images(rig).content(of: image.id, writable: true)
        try await content.write([UInt8](repeating: 1, count: 100_000), offset: 0)
        #expect(await rig.failure { try await content.abandon() }?.code == .failed)
        #expect(rig.cloud.content(ofImage: image.id.rawValue) == nil)
        #expect(try await rig.images().items([image.id]).first?.status == "queued")
        let again = try await images(rig).content(of: image.id, writable: true)
        try await again.write([1, 2, 3], offset: 0)
        try await again.close()
        #expect(rig.cloud.content(ofImage: image.id.rawValue) == [1, 2, 3])
    }

    /// A second attempt would send the rest as if that were all of it.
    @Test(arguments: [429, 401]) func anUploadIsNeverSentInPart(status: Int) async throws {
        let rig = try Rig()
        let image = try await rig.images().create(Specification(name: "twice"), rig.job)
        rig.server.on("PUT", "/image/v2/images/\(image.id)/file", .text(status, "again, please"))
        let content = try await images(rig).content(of: image.id, writable: true)
        let failure = await rig.failure {
            try await content.write([UInt8](repeating: 1, count: 1000), offset: 0)
            try await content.close()
        }
        #expect(failure != nil)
        #expect(rig.cloud.content(ofImage: image.id.rawValue) == nil)
    }

    @Test func anUploadThatArrivedInPartIsAFailure() async throws {
        let rig = try Rig()
        let image = try await rig.images().create(Specification(name: "short"), rig.job)
        rig.server.on("PUT", "/image/v2/images/\(image.id)/file", .answer(204))
        let content = try await images(rig).content(of: image.id, writable: true)
        let failure = await rig.failure {
            try await content.write([UInt8](repeating: 1, count: 1000), offset: 0)
            rig.cloud.change("images", named: "short") { $0["size"] = 999 }
            try await content.close()
        }
        #expect(failure?.code == .malformedReply && failure?.description.contains("999") == true)
    }

    @Test func anUploadThatIsRefusedIsReportedAtItsEnd() async throws {
        let rig = try Rig()
        let image = try await rig.images().create(Specification(name: "large"), rig.job)
        rig.server.on("PUT", "/image/v2/images/\(image.id)/file", .text(413, "Image exceeds the storage quota"))
        let content = try await images(rig).content(of: image.id, writable: true)
        let failure = await rig.failure {
            try await content.write([UInt8](repeating: 1, count: 1000), offset: 0)
            try await content.close()
        }
        #expect(failure?.code == .quotaExceeded)
    }

    @Test func anImageIsDownloadedByTheCloud() async throws {
        let rig = try Rig()
        let image = try await rig.images().create(
            Specification(name: "fetched", values: ["url": .text("https://images.example.org/a.qcow2")]), rig.job)
        #expect(image.status == "available" && rig.job.acceptances == 1)
        let method = try #require(rig.bodies("POST", "/import").first)["method"]
        #expect(method == ["name": "web-download", "uri": "https://images.example.org/a.qcow2"])
    }

    @Test func aListingWhosePlaceWasDeletedBeginsAgain() async throws {
        let rig = try Rig()
        let rows = rig.cloud.rows("images")
        func page(_ rows: [JSON], _ next: JSON) throws -> StubReply {
            let document = try JSONEncoder().encode(["images": .array(rows), "next": next])
            return .json(200, String(decoding: document, as: UTF8.self))
        }
        let first = try page(Array(rows.prefix(1)), "/v2/images?marker=gone")
        let lost = StubReply.json(404, #"{"itemNotFound": {"code": 404, "message": "gone could not be found"}}"#)
        rig.server.on("GET", "/image/v2/images", first, lost, first, lost, try page(rows, .null))
        #expect(try await rig.images().list().count == rows.count)
        // It does not go on for ever, and says what the service said.
        rig.server.on("GET", "/image/v2/images") { $0.query.contains("marker") ? lost : first }
        let before = rig.count("GET", "/image/v2/images")
        #expect(await rig.failure { _ = try await rig.images().list() }?.code == .notFound)
        #expect(rig.count("GET", "/image/v2/images") == before + 8)
    }

    @Test func objectsAreListedReadAndWritten() async throws {
        let rig = try Rig()
        let store = try #require(rig.provider.objects)
        let top = try await store.page(of: "assets", prefix: "", after: nil)
        #expect(top.objects.map(\.key) == ["index.html"] && top.prefixes == ["img/"] && top.next == nil)
        let first = try await store.page(of: "assets", prefix: "img/", after: nil, limit: 1)
        #expect(first.prefixes == ["img/icons/"] && first.next == "img/icons/")
        let second = try await store.page(of: "assets", prefix: "img/", after: first.next, limit: 2)
        #expect(second.objects.map(\.key) == ["img/logo.svg"] && second.next == nil)
        let upload = try await store.upload("a b/ö", in: "assets", contentType: "text/plain", precondition: .absent)
        try await upload.append(Array("hello".utf8))
        let made = try await upload.finish()
        #expect(made.size == 5 && made.contentType == "text/plain")
        #expect(rig.cloud.object("a b/ö", in: "assets") == Array("hello".utf8))
        #expect(try await store.read("a b/ö", in: "assets", offset: 1, count: 3, etag: made.etag) == Array("ell".utf8))
        #expect(try await store.read("a b/ö", in: "assets", offset: 9, count: 3, etag: nil).isEmpty)
        let other = await rig.failure {
            _ = try await store.read("a b/ö", in: "assets", offset: 0, count: 3, etag: "another")
        }
        #expect(other?.code == .replaced)
        let late = try await store.upload("a b/ö", in: "assets", contentType: nil, precondition: .absent)
        try await late.append([1])
        #expect(await rig.failure { _ = try await late.finish() }?.code == .replaced)
        #expect(try await store.copy("a b/ö", in: "assets", to: "copy", in: "logs").size == 5)
        try await store.delete("copy", in: "logs")
        try await store.delete("copy", in: "logs")
        #expect(rig.cloud.object("copy", in: "logs") == nil)
    }

    @Test(arguments: [
        (
            400,
            #"{"NeutronError": {"type": "HTTPBadRequest", "message": "Unrecognized attribute(s) 'dns_domain'", "detail": ""}}"#,
            ProviderError.Code.unsupported
        ),
        (
            403, #"{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 4"}}"#,
            .quotaExceeded
        ),
        (403, #"{"forbidden": {"code": 403, "message": "Policy doesn't allow it"}}"#, .forbidden),
        (
            413,
            #"{"overLimit": {"code": 413, "message": "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'."}}"#,
            .quotaExceeded
        ),
        (
            413,
            #"{"overLimit": {"code": 413, "message": "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota."}}"#,
            .quotaExceeded
        ),
        (409, #"{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded", "detail": ""}}"#, .quotaExceeded),
        (409, #"{"NeutronError": {"type": "SecurityGroupInUse", "message": "in use", "detail": ""}}"#, .busy),
        (409, #"{"conflictingRequest": {"code": 409, "message": "task_state"}}"#, .busy),
        (409, #"{"code": 409, "type": "duplicate_zone", "message": "Duplicate Zone"}"#, .alreadyExists),
        (413, #"{"code": 413, "type": "over_quota", "message": "Quota exceeded for zones."}"#, .quotaExceeded),
        (404, #"{"itemNotFound": {"code": 404, "message": "gone"}}"#, .notFound),
        (400, #"{"badRequest": {"code": 400, "message": "Invalid input"}}"#, .invalidValue),
        (503, "<html>down</html>", .unreachable), (500, "", .failed),
    ])
    func refusalsAreToldApart(_ status: Int, _ body: String, _ code: ProviderError.Code) async throws {
        let rig = try Rig()
        // Block Storage says when to come back, even for a quota.
        rig.server.on("POST", "/volume/v3/\(StubCloud.project)/volumes", .json(status, body, ["Retry-After": "0"]))
        let failure = await rig.failure {
            _ = try await rig.disks().create(Specification(name: "v", values: ["size": .number(1)]), rig.job)
        }
        #expect(failure?.code == code, "\(String(describing: failure))")
    }
}
