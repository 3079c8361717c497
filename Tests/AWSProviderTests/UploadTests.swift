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

    /// A failure behind a success, or a condition that could not be judged: as often as it is answered so.
    @Test(arguments: [
        ("POST", 200, "InternalError"), ("POST", 200, "SlowDown"), ("PUT", 409, "ConditionalRequestConflict"),
    ])
    func whatMayPassIsSentAgain(method: String, status: Int, code: String) async throws {
        let failures = Mutex(0)
        let store = try Self.store { request in
            guard request.method == method, request.header("If-None-Match") != nil else { return nil }
            return failures.withLock { failures in
                failures += 1
                return failures < 3 ? StubStore.fault(status, code) : nil
            }
        }
        let pieces = method == "PUT" ? [[1, 2]] : [Self.part, [1]]
        store.server.on("HEAD", "/b/k", .answer(404), StubStore.head(17 << 20))
        _ = try await store.put("k", pieces, .absent)
        #expect(failures.withLock { $0 } == 3)
        #expect(!store.calls.contains { $0.hasPrefix("DELETE") })
    }

    @Test func aCompletionIsNotRepeatedAfterAConflict() async throws {
        let store = try Self.store { request in
            request.method == "POST" && request.query.hasPrefix("uploadId")
                ? StubStore.fault(409, "ConditionalRequestConflict") : nil
        }
        store.server.on("HEAD", "/b/k", .answer(404))
        let code = await StubStore.code { () async throws(ProviderError) in
            try await store.put("k", [Self.part, [1]], .absent)
        }
        #expect(code == .alreadyExists)
        #expect(store.calls.filter { $0.hasPrefix("POST /b/k?uploadId") }.count == 1)
    }

    /// A server that refuses conditions is asked before what is there.
    @Test func withoutConditionsIsAskedBefore() async throws {
        let isThere = Mutex(false)
        let store = try Self.store { request in
            if request.method == "HEAD" {
                return isThere.withLock { $0 } ? StubStore.head(5, etag: "new") : .answer(404)
            }
            let isConditional = request.header("If-Match") != nil || request.header("If-None-Match") != nil
            return isConditional ? StubStore.fault(501, "NotImplemented") : nil
        }
        _ = try await store.put("k", [[1]], .absent)
        #expect(store.calls == ["PUT /b/k", "HEAD /b/k", "PUT /b/k"])
        _ = try await store.put("k", [[1]], .absent)
        #expect(store.calls.dropFirst(3) == ["HEAD /b/k", "PUT /b/k"], "it is remembered")
        isThere.withLock { $0 = true }
        for (precondition, code) in [
            (ObjectPrecondition.absent, ProviderError.Code.alreadyExists), (.matches(etag: "old"), .replaced),
        ] {
            let found = await StubStore.code { () async throws(ProviderError) in
                try await store.put("k", [[1]], precondition)
            }
            #expect(found == code)
        }
        #expect(store.calls.filter { $0.hasPrefix("PUT") }.count == 3)
    }

    @Test func aBucketWithObjectLockGetsTheMD5OfParts() async throws {
        let store = try Self.store { request in
            request.query.hasPrefix("partNumber") && request.header("Content-MD5") == nil
                ? StubStore.fault(400, "InvalidRequest") : nil
        }
        _ = try await store.put("k", [Self.part, [1]])
        let parts = store.server.requests.filter { $0.query.hasPrefix("partNumber") }
        let digests = parts.compactMap { $0.header("Content-MD5") }
        #expect(Set(digests) == [Checksum.base64MD5(Self.part), Checksum.base64MD5([1])])
        let before = store.calls.count
        _ = try await store.put("k", [Self.part, [1]])
        #expect(store.calls.count == before + 5, "it is remembered: \(store.calls[before...])")
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

    private static let key = "arn:aws:kms:eu-west-3:1:key/k"

    @Test func tagsAndTheKeyOfEncryptionAreKept() async throws {
        let store = try Self.store { request in
            switch (request.method, request.query.prefix(while: { $0 != "=" })) {
            case ("HEAD", _):
                StubStore.head(
                    6 << 30, etag: "old",
                    [
                        "x-amz-tagging-count": "2", "x-amz-server-side-encryption": "aws:kms",
                        "x-amz-server-side-encryption-aws-kms-key-id": Self.key,
                    ])
            case ("GET", "tagging"):
                .xml(
                    200,
                    """
                    <Tagging><TagSet><Tag><Key>a b</Key><Value>c&amp;d</Value></Tag><Tag><Key>e</Key><Value></Value></Tag>
                    </TagSet></Tagging>
                    """)
            case ("PUT", _) where request.header("x-amz-copy-source") != nil:
                .xml(200, "<CopyPartResult><ETag>&quot;c1&quot;</ETag></CopyPartResult>")
            default: nil
            }
        }
        _ = try await store.put("k", [[1]], .matches(etag: "old"))
        _ = try await store.objects.copy("k", in: "b", to: "l", in: "b")
        let made = store.server.requests.filter { request in
            request.method == "PUT" && request.query.isEmpty || request.query.hasPrefix("uploads")
        }
        #expect(made.map(\.path) == ["/b/k", "/b/l"])
        for request in made {
            #expect(request.header("x-amz-tagging") == "a%20b=c%26d&e=")
            #expect(request.header("x-amz-server-side-encryption") == "aws:kms")
            #expect(request.header("x-amz-server-side-encryption-aws-kms-key-id") == Self.key)
        }
        let parts = store.server.requests.filter { $0.header("x-amz-copy-source-range") != nil }
        #expect(parts.count == 12)
        #expect(parts.allSatisfy { $0.header("x-amz-server-side-encryption") == nil }, "a part does not say it again")
    }

    @Test(arguments: [("aws:kms", true), ("AES256", false)]) func aCopyKeepsItsKey(algorithm: String, isKept: Bool)
        async throws
    {
        let store = try Self.store { request in
            let name = "x-amz-server-side-encryption"
            return request.method == "HEAD"
                ? StubStore.head(5, [name: algorithm, "\(name)-bucket-key-enabled": "true"]) : nil
        }
        _ = try await store.objects.copy("k", in: "b", to: "l", in: "b")
        let copy = try #require(store.server.requests.first { $0.method == "PUT" })
        #expect(copy.header("x-amz-server-side-encryption") == (isKept ? algorithm : nil))
        #expect(copy.header("x-amz-server-side-encryption-bucket-key-enabled") == (isKept ? "true" : nil))
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
        #expect((1...10_000).reduce(0) { $0 + MultipartUpload.size(ofCopy: $1) / 2 } >= 5 << 40, "two ends of a half")
        #expect(MultipartUpload.size(ofCopy: 10_000) <= 5 << 30)
    }
}
