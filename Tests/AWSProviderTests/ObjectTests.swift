import HTTPKit
import HTTPProvider
import HTTPTesting
import ProviderAPI
import Testing

@testable import AWSProvider
@testable import ProviderTesting

@Suite struct ObjectTests {
    @Test func aListingIsAskedForAndReadAsItIsWritten() async throws {
        let store = try StubStore()
        store.server.on(
            "GET", "/b",
            .xml(
                200,
                """
                <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
                <NextContinuationToken>t/1+=</NextContinuationToken>
                <Contents><Key>d/a+b%2Bc%25</Key><LastModified>1994-11-06T08:49:37.000Z</LastModified>
                <ETag>&quot;e1&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents>
                <CommonPrefixes><Prefix>d/x%20y/</Prefix></CommonPrefixes></ListBucketResult>
                """),
            .xml(200, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"))
        let page = try await store.objects.page(of: "b", prefix: "d/", after: nil)
        #expect(page.objects.map(\.key) == ["d/a b+c%"])
        #expect(page.objects.first?.etag == "e1")
        #expect(page.objects.first?.modificationTime == 784_111_777)
        #expect(page.prefixes == ["d/x y/"])
        #expect(page.next == "t/1+=")
        #expect(try await store.objects.page(of: "b", prefix: "d/", after: page.next, limit: 5000).next == nil)
        let query = "list-type=2&delimiter=%2F&encoding-type=url&max-keys=1000&prefix=d%2F"
        #expect(store.calls == ["GET /b?\(query)", "GET /b?\(query)&continuation-token=t%2F1%2B%3D"])
    }

    @Test(arguments: [
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "<ListBucketResult><Contents>",
        "<html><body>welcome</body></html>",
        "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
    ])
    func whatIsNoListingIsNone(document: String) async throws {
        let store = try StubStore()
        store.server.on("GET", "/b", .xml(200, document))
        #expect(
            await StubStore.code { () async throws(ProviderError) in
                try await store.objects.page(of: "b", prefix: "", after: nil)
            } == .malformedReply)
    }

    @Test(arguments: [
        ("ExpiredToken", 400, ProviderError.Code.credentialsExpired), ("AccessDenied", 403, .forbidden),
        ("RequestTimeTooSkewed", 403, .credentialsRejected), ("SignatureDoesNotMatch", 403, .credentialsRejected),
        ("NoSuchBucket", 404, .notFound), ("NoSuchKey", 404, .notFound), ("InternalError", 500, .failed),
        ("SlowDown", 503, .throttled), ("InvalidObjectState", 403, .busy), ("NotImplemented", 501, .unsupported),
    ])
    func codesHaveOneMeaning(word: String, status: Int, code: ProviderError.Code) async throws {
        let store = try StubStore()
        store.server.on("GET", "/b", StubStore.fault(status, word))
        let error = await #expect(throws: ProviderError.self) {
            _ = try await store.objects.page(of: "b", prefix: "", after: nil)
        }
        #expect(error?.code == code)
        #expect(error?.cause?.contains("\(word): why") == true)
        #expect(error?.cause?.contains("(request R1)") == true)
    }

    @Test func aLookUpSaysWhyItIsRefused() async throws {
        let store = try StubStore()
        store.server.on("HEAD", "/b/k", .answer(400))
        store.server.on("GET", "/b/k", StubStore.fault(400, "ExpiredToken"))
        let objects = store.objects
        #expect(
            await StubStore.code { () async throws(ProviderError) in try await objects.object("k", in: "b") }
                == .credentialsExpired)
        store.server.on("HEAD", "/b/k", .answer(404))
        #expect(try await objects.object("k", in: "b") == nil)
    }

    @Test func aKeyIsNoPath() async throws {
        let store = try StubStore()
        store.server.otherwise { _ in StubStore.head(1) }
        for key in ["a/../b", "//x", "a b+c%2F", "é/"] { _ = try await store.objects.object(key, in: "b") }
        #expect(
            store.calls == ["HEAD /b/a/../b", "HEAD /b///x", "HEAD /b/a%20b%2Bc%252F", "HEAD /b/%C3%A9/"])
    }

    @Test func aBucketElsewhereIsAskedThere() async throws {
        let store = try StubStore()
        store.server.on("HEAD", "/b/k", .answer(301, ["x-amz-bucket-region": "eu-west-3"]), StubStore.head(3))
        #expect(try await store.objects.object("k", in: "b")?.size == 3)
        let signed = store.server.requests.compactMap { $0.header("Authorization") }
        #expect(signed.map { $0.contains("/us-east-1/s3/") } == [true, false])
        #expect(signed.map { $0.contains("/eu-west-3/s3/") } == [false, true])
        store.server.on(
            "GET", "/c", StubStore.fault(400, "AuthorizationHeaderMalformed", "<Region>eu-north-1</Region>"),
            .xml(200, "<ListBucketResult></ListBucketResult>"))
        _ = try await store.objects.page(of: "c", prefix: "", after: nil)
        #expect(store.server.requests.last?.header("Authorization")?.contains("/eu-north-1/s3/") == true)
    }

    @Test func aLookUpFindsTheRegionToo() async throws {
        let store = try StubStore()
        store.server.on("HEAD", "/b/k", .answer(400, ["x-amz-bucket-region": "eu-west-3"]), StubStore.head(3))
        #expect(try await store.objects.object("k", in: "b")?.size == 3)
        store.server.on("HEAD", "/c/k", .answer(400), StubStore.head(4))
        store.server.on(
            "GET", "/c/k", StubStore.fault(400, "AuthorizationHeaderMalformed", "<Region>eu-north-1</Region>"),
            .text(206, "x"))
        #expect(try await store.objects.object("k", in: "c")?.size == 4)
        #expect(store.server.requests.last?.header("Authorization")?.contains("/eu-north-1/s3/") == true)
        store.server.on("HEAD", "/d/k", .answer(403))
        store.server.on("GET", "/d/k", .text(206, "x"))
        let objects = store.objects
        #expect(
            await StubStore.code { () async throws(ProviderError) in try await objects.object("k", in: "d") }
                == .forbidden)
    }

    @Test func badRequestsMayBeWorthAnotherAttempt() async throws {
        let store = try StubStore(renews: true)
        let listing = StubReply.xml(200, "<ListBucketResult></ListBucketResult>")
        for code in ["RequestTimeout", "ExpiredToken"] {
            store.server.on("GET", "/b", StubStore.fault(400, code), listing)
            #expect(try await store.objects.page(of: "b", prefix: "", after: nil).objects.isEmpty, "\(code)")
        }
        #expect(store.calls.count == 4)
    }

    @Test func aRangeIsOfOneVersion() async throws {
        let store = try StubStore()
        store.server.on(
            "GET", "/b/k", .half(206, [:], Array("abcd".utf8)), .text(206, "abcd"), .answer(412), .answer(416))
        let objects = store.objects
        let read = { @Sendable () async throws(ProviderError) in
            try await objects.read("k", in: "b", offset: 4, count: 4, etag: "e1")
        }
        #expect(try await read() == Array("abcd".utf8), "again after half an answer")
        let request = try #require(store.server.requests.first)
        #expect(request.header("Range") == "bytes=4-7")
        #expect(request.header("If-Match") == "\"e1\"")
        #expect(await StubStore.code(read) == .replaced)
        #expect(try await read().isEmpty)
        store.server.on("GET", "/b/k", .text(200, "the whole object"))
        #expect(await StubStore.code(read) == .malformedReply, "not taken for the range")
        store.server.on("GET", "/b/k", .answer(206, ["Content-Range": "bytes 0-3/9"], Array("abcd".utf8)))
        #expect(await StubStore.code(read) == .malformedReply, "another range")
        store.server.on("GET", "/b/k", .answer(206, ["ETag": "\"e2\""], Array("abcd".utf8)))
        #expect(await StubStore.code(read) == .replaced, "the condition was not looked at")
        store.server.on("GET", "/b/k", .answer(206, ["ETag": "\"e1\""], Array("abcde".utf8)))
        #expect(await StubStore.code(read) == .malformedReply, "more than was asked for")
    }

    @Test func theTimeOfAFileIsKept() async throws {
        let store = try StubStore()
        store.server.on(
            "HEAD", "/b/k", StubStore.head(3, ["x-amz-meta-owner": "me", "x-amz-meta-mtime": "1000.5"]),
            StubStore.head(3, ["x-amz-meta-mtime": "2000"]))
        store.server.on("PUT", "/b/k", .xml(200, "<CopyObjectResult><ETag>e1</ETag></CopyObjectResult>"))
        let info = try await store.objects.setModificationTime(2000, "k", in: "b", etag: "e1")
        #expect(info.modificationTime == 2000)
        let copy = try #require(store.server.requests.first { $0.method == "PUT" })
        #expect(copy.header("x-amz-copy-source") == "/b/k")
        #expect(copy.header("x-amz-copy-source-if-match") == "\"e1\"")
        #expect(copy.header("x-amz-metadata-directive") == "REPLACE")
        #expect(copy.header("x-amz-meta-mtime") == "2000")
        #expect(copy.header("x-amz-meta-owner") == "me")
        #expect(copy.header("Content-Type") == "text/plain")
    }

    @Test func aTimeThatIsTheSameByChanceIsKeptToo() async throws {
        let store = try StubStore()
        store.server.on(
            "HEAD", "/b/k", StubStore.head(3), StubStore.head(3, ["x-amz-meta-mtime": "784111777"]))
        store.server.on("PUT", "/b/k", .xml(200, "<CopyObjectResult><ETag>e1</ETag></CopyObjectResult>"))
        for _ in 0..<2 {
            let info = try await store.objects.setModificationTime(784_111_777, "k", in: "b", etag: "e1")
            #expect(info.modificationTime == 784_111_777)
        }
        let copies = store.server.requests.filter { $0.method == "PUT" }
        #expect(copies.map { $0.header("x-amz-meta-mtime") } == ["784111777"])
    }

    /// A name in the host, where a certificate holds for it; a key is sent as it is, its dots and slashes too.
    @Test(arguments: [
        ("https", "bucket-1", "k", "https://bucket-1.s3.us-east-1.amazonaws.com/k"),
        ("https", "bucket", "a b//c/../é+%/", "https://bucket.s3.us-east-1.amazonaws.com/a%20b//c/../%C3%A9%2B%25/"),
        ("https", "bucket", "/k", "https://bucket.s3.us-east-1.amazonaws.com//k"),
        ("https", "my.bucket", "k", "https://s3.us-east-1.amazonaws.com/my.bucket/k"),
        ("http", "my.bucket", "k", "http://my.bucket.s3.us-east-1.amazonaws.com/k"),
        ("https", "Old_Bucket", "k", "https://s3.us-east-1.amazonaws.com/Old_Bucket/k"),
    ])
    func addressesAreThoseOfAWS(scheme: String, bucket: String, key: String, address: String) throws {
        let url = try HTTPURL("\(scheme)://s3.us-east-1.amazonaws.com")
        let s3 = S3(S3.Place(url: url, region: "us-east-1", isAWS: true, style: .virtual)) { _ in
            ServiceClient(HTTPClient(HTTPConfiguration(userAgent: "infrafs-tests")))
        }
        #expect(try s3.request(S3Call(bucket: bucket, key: key)).url.absolute == address)
    }

    @Test func aBucketOfAnotherAccountIsTaken() async throws {
        let store = try StubStore()
        store.server.on("HEAD", "/new", .answer(403))
        let buckets = store.buckets
        #expect(
            await StubStore.code { () async throws(ProviderError) in
                try await buckets.create(Specification(name: "new"), SilentJob())
            } == .alreadyExists)
        #expect(store.calls == ["HEAD /new"])
    }

    @Test func bucketsAreMadeWhereTheRegionIs() async throws {
        for (region, hasPlace) in [("us-east-1", false), ("eu-west-3", true)] {
            let store = try StubStore(region: region)
            store.server.on("HEAD", "/new", .answer(404))
            store.server.on("PUT", "/new", .answer(200))
            store.server.on(
                "GET", "/",
                .xml(
                    200,
                    "<ListAllMyBucketsResult><Buckets><Bucket><Name>new</Name></Bucket></Buckets></ListAllMyBucketsResult>"
                ))
            let made = try await store.buckets.create(Specification(name: "new"), SilentJob())
            #expect(made.name == "new")
            let body = try #require(store.server.requests.first { $0.method == "PUT" }).text
            #expect(body.contains("<LocationConstraint>eu-west-3</LocationConstraint>") == hasPlace)
            #expect(body.isEmpty == !hasPlace)
        }
    }
}
