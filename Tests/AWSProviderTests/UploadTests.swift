import AWSSigning
import HTTPTesting
import ProviderAPI
import Synchronization
import Testing

@testable import AWSProvider

@Suite struct UploadTests {
    private static let part = [UInt8](repeating: 7, count: 8 << 20)

    /// A store that takes parts; `fail` may answer for one.
    private static func store(failing fail: @escaping @Sendable (StubRequest) -> StubReply? = { _ in nil }) throws
        -> StubStore
    {
        let store = try StubStore()
        store.server.otherwise { request in
            if let reply = fail(request) { return reply }
            switch request.method {
            case "POST" where request.query == "uploads=" || request.query == "uploads":
                return .xml(
                    200, "<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId></InitiateMultipartUploadResult>")
            case "PUT":
                return .answer(
                    200,
                    ["ETag": "\"\(Checksum.md5(request.body))\"", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"])
            case "POST":
                return .xml(200, "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")
            case "HEAD": return StubStore.head(17 << 20)
            default: return .answer(204)
            }
        }
        return store
    }

    @Test func whatIsSmallIsOneCall() async throws {
        let store = try Self.store()
        let info = try await store.put("k", [Array("hel".utf8), Array("lo".utf8)], .absent)
        #expect(store.calls == ["PUT /b/k"])
        #expect(info.etag == Checksum.md5(Array("hello".utf8)))
        #expect(info.size == 5)
        #expect(info.contentType == "text/plain")
        #expect(!info.isTimeKnown, "it is that of the answer")
        let put = try #require(store.server.requests.first)
        #expect(put.text == "hello")
        #expect(put.header("Content-MD5") == Checksum.base64MD5(Array("hello".utf8)))
        #expect(put.header("x-amz-content-sha256") == Checksum.sha256("hello"))
        #expect(put.header("If-None-Match") == "*")
        #expect(put.header("Content-Type") == "text/plain")
    }

    @Test(arguments: [nil, 5]) func whatWasStoredIsListedWithItsTime(time: Int?) async throws {
        let store = try Self.store()
        let upload = try await store.objects.upload(
            "k", in: "b", contentType: "text/plain", modificationTime: time, precondition: .absent)
        try await upload.append(Array("hello".utf8))
        let made = try await upload.finish()
        #expect(made.modificationTime == time ?? 784_111_777)
        #expect(made.isTimeKnown == (time != nil))
        store.server.on(
            "GET", "/b",
            .xml(
                200,
                """
                <ListBucketResult><Contents><Key>k</Key><LastModified>1994-11-06T08:49:38.000Z</LastModified>
                <ETag>&quot;\(made.etag)&quot;</ETag><Size>5</Size></Contents></ListBucketResult>
                """))
        let listed = try #require(try await store.objects.page(of: "b", prefix: "", after: nil).objects.first)
        #expect(listed.modificationTime == time ?? 784_111_778)
        #expect(listed.contentType == "text/plain")
        #expect(listed.isTimeKnown)
    }

    @Test func anAnswerWithoutETagIsAskedFor() async throws {
        let store = try Self.store { $0.method == "PUT" ? .answer(200) : nil }
        #expect(try await store.put("k", [[1]], .absent).etag == "e1")
        #expect(store.calls == ["PUT /b/k", "HEAD /b/k"])
    }

    @Test func whatIsLargeGoesInParts() async throws {
        let store = try Self.store { $0.method == "HEAD" ? StubStore.head(16 << 20, etag: "old") : nil }
        _ = try await store.put("k", [Self.part, Self.part, [1, 2, 3]], .matches(etag: "old"))
        let parts = store.server.requests.filter { $0.method == "PUT" }
        #expect(parts.map(\.query).sorted() == (1...3).map { "partNumber=\($0)&uploadId=u%261" })
        #expect(parts.map(\.body.count).sorted() == [3, 8 << 20, 8 << 20])
        let complete = try #require(store.server.requests.last { $0.method == "POST" })
        #expect(complete.query == "uploadId=u%261")
        #expect(complete.header("If-Match") == "\"old\"")
        for number in 1...3 { #expect(complete.text.contains("<PartNumber>\(number)</PartNumber>")) }
        #expect(complete.text.contains("&quot;") || complete.text.contains("\"\(Checksum.md5(Self.part))\""))
    }

    @Test func aPartThatFailsForEverLeavesNothing() async throws {
        let store = try Self.store { request in
            request.query.hasPrefix("partNumber=2&") ? StubStore.fault(500, "InternalError") : nil
        }
        let code = await StubStore.code { () async throws(ProviderError) in
            try await store.put("k", [Self.part, Self.part, [1]])
        }
        #expect(code == .failed)
        #expect(store.server.requests.filter { $0.query.hasPrefix("partNumber=2&") }.count == 5)
        #expect(store.calls.filter { $0.hasPrefix("DELETE") } == ["DELETE /b/k?uploadId=u%261"])
        #expect(!store.server.requests.contains { $0.method == "POST" && $0.query.hasPrefix("uploadId") })
    }

    @Test func aPartIsSentAgain() async throws {
        let failures = Mutex(0)
        let store = try Self.store { request in
            guard request.query.hasPrefix("partNumber=1&") else { return nil }
            return failures.withLock { failures in
                failures += 1
                return failures == 1 ? .reset : failures == 2 ? StubStore.fault(503, "SlowDown") : nil
            }
        }
        _ = try await store.put("k", [Self.part, [1]])
        #expect(failures.withLock { $0 } >= 3)
        #expect(!store.calls.contains { $0.hasPrefix("DELETE") })
    }

    @Test func aFailureBehindASuccessIsOne() async throws {
        let store = try Self.store { request in
            request.method == "POST" && request.query.hasPrefix("uploadId")
                ? StubStore.fault(200, "InternalError") : nil
        }
        let code = await StubStore.code { () async throws(ProviderError) in try await store.put("k", [Self.part, [1]]) }
        #expect(code == .failed)
        #expect(store.calls.last == "DELETE /b/k?uploadId=u%261")
    }

    @Test(arguments: [
        (ObjectPrecondition.absent, ProviderError.Code.alreadyExists), (.matches(etag: "old"), .replaced),
    ])
    func aConcurrentChangeIsNotOverwritten(precondition: ObjectPrecondition, code: ProviderError.Code) async throws {
        for pieces in [[[1, 2]], [Self.part, [1]]] {
            let store = try Self.store { request in
                if request.method == "HEAD" { return StubStore.head(5, etag: "new") }
                let isLast = request.header("If-Match") != nil || request.header("If-None-Match") != nil
                return isLast ? StubStore.fault(412, "PreconditionFailed") : nil
            }
            let found = await StubStore.code { () async throws(ProviderError) in
                try await store.put("k", pieces, precondition)
            }
            #expect(found == code)
        }
    }

    @Test func aLostAnswerIsNoConflict() async throws {
        let isStored = Mutex(false)
        let store = try Self.store { request in
            switch request.method {
            case "PUT":
                return isStored.withLock { isStored in
                    defer { isStored = true }
                    return isStored ? StubStore.fault(412, "PreconditionFailed") : .close
                }
            case "HEAD": return StubStore.head(5, etag: Checksum.md5(Array("hello".utf8)))
            default: return nil
            }
        }
        #expect(try await store.put("k", [Array("hello".utf8)], .absent).size == 5)
    }

    @Test func whatAnObjectHasBesideItsContentIsKept() async throws {
        let store = try Self.store { request in
            request.method == "HEAD"
                ? StubStore.head(
                    5, etag: "old",
                    [
                        "x-amz-meta-owner": "me", "x-amz-meta-mtime": "5", "Cache-Control": "no-store",
                        "x-amz-storage-class": "STANDARD_IA",
                    ]) : nil
        }
        _ = try await store.put("k", [[1]], .matches(etag: "old"))
        let put = try #require(store.server.requests.first { $0.method == "PUT" })
        #expect(put.header("x-amz-meta-owner") == "me")
        #expect(put.header("Cache-Control") == "no-store")
        #expect(put.header("x-amz-storage-class") == "STANDARD_IA")
        #expect(put.header("x-amz-meta-mtime") == nil, "another content has another time")
    }

    @Test func partsAreCopiedInsideTheStore() async throws {
        let store = try Self.store { request in
            request.header("x-amz-copy-source") == nil
                ? nil : .xml(200, "<CopyPartResult><ETag>&quot;c1&quot;</ETag></CopyPartResult>")
        }
        let upload = try await store.objects.upload("k", in: "b", contentType: nil, precondition: .none)
        try await upload.append([1])
        #expect(try await upload.append(copying: "k", in: "b", offset: 1, count: 9 << 20, etag: "e1") == 0)
        try await upload.append([UInt8](repeating: 1, count: 5 << 20))
        #expect(try await upload.append(copying: "k", in: "b", offset: 1, count: 9 << 20, etag: "e1") == 9 << 20)
        #expect(try await upload.append(copying: "k", in: "b", offset: 1, count: 1 << 20, etag: "e1") == 0)
        _ = try await upload.finish()
        let copy = try #require(store.server.requests.first { $0.header("x-amz-copy-source") != nil })
        #expect(copy.header("x-amz-copy-source-range") == "bytes=1-\(9 << 20)")
        #expect(copy.query == "partNumber=2&uploadId=u%261")
    }

    @Test func theLargestObjectHasPartsEnough() {
        var (total, number) = (0, 0)
        while number < 10_000 {
            number += 1
            total += MultipartUpload.size(ofPart: number)
        }
        #expect(total >= 5 << 40)
        #expect(MultipartUpload.size(ofPart: 1) >= 5 << 20)
        #expect(MultipartUpload.size(ofPart: 10_000) <= 5 << 30)
    }
}
