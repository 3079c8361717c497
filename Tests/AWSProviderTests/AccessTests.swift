import HTTPTesting
import ProviderAPI
import Testing

@testable import AWSProvider
@testable import ProviderTesting

/// Who may read buckets and objects.
@Suite struct AccessTests {
    private static func acl(_ grantee: String, _ permission: String) -> StubReply {
        .xml(
            200,
            """
            <AccessControlPolicy><Owner><ID>me</ID></Owner><AccessControlList>
            <Grant><Grantee><ID>me</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant>
            <Grant><Grantee><URI>http://acs.amazonaws.com/groups/\(grantee)</URI></Grantee>
            <Permission>\(permission)</Permission></Grant></AccessControlList></AccessControlPolicy>
            """)
    }

    private static func policy(_ isPublic: String) -> StubReply {
        .xml(200, "<PolicyStatus><IsPublic>\(isPublic)</IsPublic></PolicyStatus>")
    }

    private static func block(_ ignores: Bool) -> StubReply {
        .xml(
            200,
            """
            <PublicAccessBlockConfiguration><IgnorePublicAcls>\(ignores)</IgnorePublicAcls>
            </PublicAccessBlockConfiguration>
            """)
    }

    @Test(arguments: [
        ("global/AllUsers", "READ", true), ("global/AllUsers", "FULL_CONTROL", true),
        ("global/AllUsers", "WRITE", false), ("global/AuthenticatedUsers", "READ", false),
    ])
    func anObjectIsAsItsACLSays(grantee: String, permission: String, isPublic: Bool) async throws {
        let store = try StubStore()
        store.server.on("GET", "/b/k", Self.acl(grantee, permission))
        store.server.on("HEAD", "/b/k", StubStore.head(1))
        #expect(try await store.objects.object("k", in: "b")?.isPublic == nil, "a look-up does not tell")
        #expect(try await store.objects.isPublic("k", in: "b") == isPublic)
        #expect(store.calls.last?.hasPrefix("GET /b/k?acl") == true)
        #expect(try await store.objects.object("k", in: "b")?.isPublic == isPublic, "it is remembered")
    }

    @Test func whatMayNotBeAskedIsNotKnown() async throws {
        let store = try StubStore()
        store.server.on("GET", "/b/k", StubStore.fault(403, "AccessDenied"))
        #expect(try await store.objects.isPublic("k", in: "b") == nil)
        store.server.on("GET", "/b/k", StubStore.fault(500, "InternalError"))
        let objects = store.objects
        #expect(
            await StubStore.code { () async throws(ProviderError) in try await objects.isPublic("k", in: "b") }
                == .failed)
    }

    @Test(arguments: [(true, "public-read"), (false, "private")])
    func whoMayReadIsSetByACL(isPublic: Bool, acl: String) async throws {
        let store = try Self.bucket(.answer(200), nil, nil)
        try await store.objects.setPublic(isPublic, "k", in: "b")
        let bucket = try await store.buckets.apply(.publicRead(isPublic), to: .init("b"), SilentJob())
        #expect(bucket.isPublic == isPublic)
        let puts = store.server.requests.filter { $0.method == "PUT" }
        #expect(puts.map { $0.path } == ["/b/k", "/b"])
        for put in puts {
            #expect(put.query.hasPrefix("acl"))
            #expect(put.header("x-amz-acl") == acl)
            #expect(put.header("Content-MD5") == "1B2M2Y8AsgTpgAmY7PhCfg==", "that of nothing")
            #expect(put.header("Content-Length") == "0")
        }
    }

    /// The answers to `acl`, `publicAccessBlock` and `policyStatus`.
    private static func bucket(_ acl: StubReply, _ block: StubReply?, _ policy: StubReply?) throws -> StubStore {
        let store = try StubStore()
        store.server.otherwise { request in
            switch request.query.prefix(while: { $0 != "=" }) {
            case "acl": acl
            case "publicAccessBlock": block ?? StubStore.fault(404, "NoSuchPublicAccessBlockConfiguration")
            case "policyStatus": policy ?? StubStore.fault(404, "NoSuchBucketPolicy")
            default:
                .xml(
                    200,
                    "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>"
                )
            }
        }
        return store
    }

    @Test func aBucketIsAsItsACLAndItsPolicySay() async throws {
        let (open, closed) = (Self.acl("global/AllUsers", "READ"), Self.acl("s3/LogDelivery", "WRITE"))
        let cases: [(StubReply, StubReply?, StubReply?, Bool?)] = [
            (closed, nil, nil, false), (open, nil, nil, true), (open, Self.block(true), nil, false),
            (open, Self.block(false), nil, true), (closed, nil, Self.policy("true"), true),
            (closed, nil, Self.policy("FALSE"), false), (open, Self.block(true), Self.policy("TRUE"), true),
            (StubStore.fault(403, "AccessDenied"), nil, nil, nil),
            (StubStore.fault(403, "AccessDenied"), nil, Self.policy("true"), true),
        ]
        for (index, (acl, block, policy, isPublic)) in cases.enumerated() {
            let store = try Self.bucket(acl, block, policy)
            let listed = try #require(try await store.buckets.list().first)
            #expect(listed.isPublic == nil && !listed.isComplete, "a listing does not tell")
            #expect(store.calls.count == 1)
            let bucket = try #require(try await store.buckets.items([.init("b")]).first)
            #expect(bucket.isPublic == isPublic && bucket.isComplete, "case \(index)")
            #expect(try await store.buckets.list().first?.isPublic == isPublic, "it is remembered")
        }
    }
}
