import HTTPKit
import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Who may read containers and their objects.
@Suite struct ContainerTests {
    private let rig: Rig
    private let buckets: any CollectionService<Bucket>
    private let store: any ObjectService
    private let assets = Bucket.ID("assets")

    init() throws {
        rig = try Rig()
        buckets = try #require(rig.provider.buckets)
        store = try #require(rig.provider.objects)
    }

    @Test func oneIsOpenedAndClosed() async throws {
        #expect(try await buckets.list().allSatisfy { $0.isPublic == nil && !$0.isComplete })
        #expect(try await buckets.items([assets]).first?.isPublic == false)
        let opened = try await buckets.apply(.publicRead(true), to: assets, rig.job)
        #expect(opened.isPublic == true && rig.cloud.readers(of: "assets") == ".r:*,.rlistings")
        #expect(try await buckets.list().first { $0.id == assets }?.isPublic == true)
        let closed = try await buckets.apply(.publicRead(false), to: assets, rig.job)
        #expect(closed.isPublic == false && rig.cloud.readers(of: "assets") == nil)
    }

    @Test func whoMayReadItByNameStillMay() async throws {
        rig.cloud.setReaders("demo:bob, .r:-bad.example.org,.r:*,.rlistings", of: "assets")
        #expect(try await buckets.items([assets]).first?.isPublic == true)
        _ = try await buckets.apply(.publicRead(false), to: assets, rig.job)
        #expect(rig.cloud.readers(of: "assets") == "demo:bob")
        _ = try await buckets.apply(.publicRead(true), to: assets, rig.job)
        #expect(rig.cloud.readers(of: "assets") == "demo:bob,.r:*,.rlistings")
    }

    @Test func whatOthersOpenedIsSeen() async throws {
        #expect(try await buckets.items([assets]).first?.isPublic == false)
        rig.cloud.setReaders(".r:*", of: "assets")
        // For nothing with a listing of its objects.
        _ = try await store.page(of: "assets", prefix: "", after: nil)
        #expect(try await buckets.list().first { $0.id == assets }?.isPublic == true)
        rig.cloud.setReaders(".r:.example.org", of: "assets")
        #expect(try await buckets.items([assets]).first?.isPublic == false, "some are not everybody")
    }

    @Test func whatIsNotedIsReadChangedAndRemoved() async throws {
        rig.cloud.setNote("ann", "Owner", of: "assets")
        rig.cloud.setNote("secret-key", "Temp-Url-Key", of: "assets")
        #expect(try await buckets.list().allSatisfy { $0.metadata == nil })
        #expect(
            try await buckets.items([assets]).first?.metadata == ["owner": "ann"], "a key for addresses is a secret")
        let noted = try await buckets.apply(.metadata(key: "cost-centre", value: "r&d, ünïcode"), to: assets, rig.job)
        #expect(noted.metadata == ["owner": "ann", "cost-centre": "r&d, ünïcode"])
        #expect(rig.cloud.notes(of: "assets")["Cost-Centre"] == "r&d, ünïcode")
        let removed = try await buckets.apply(.metadata(key: "owner", value: nil), to: assets, rig.job)
        #expect(removed.metadata == ["cost-centre": "r&d, ünïcode"] && rig.cloud.notes(of: "assets")["Owner"] == nil)
        #expect(rig.cloud.notes(of: "assets")["Temp-Url-Key"] == "secret-key")
        for (key, code) in [("a b", ProviderError.Code.invalidValue), ("temp-url-key-2", .notPermitted)] {
            let failure = await rig.failure {
                _ = try await buckets.apply(.metadata(key: key, value: "x"), to: assets, rig.job)
            }
            #expect(failure?.code == code, "\(key)")
        }
    }

    @Test func manyAreLookedAtAtOnceAndThoseThatAreGoneAreLeftOut() async throws {
        let ids = ["assets", "nosuch", "logs"].map { Bucket.ID($0) }
        #expect(Set(try await buckets.items(ids).map(\.name)) == ["assets", "logs"])
    }

    @Test func aTemporaryAddressOpensItsObjectAndNoOther() async throws {
        #expect(try await store.presignedURL("img/logo.svg", in: "assets") == nil, "the account has no key")
        let key = "the-key-of-the-account"
        rig.cloud.setTemporaryKey(key)
        let upload = try await store.upload("img/ö ü.svg", in: "assets", contentType: nil, precondition: .absent)
        try await upload.append(Array("ö".utf8))
        _ = try await upload.finish()
        let client = HTTPClient(HTTPConfiguration(userAgent: "test"))
        func fetch(_ url: String) async throws -> HTTPResponse {
            try await client.send(HTTPRequest(.get, try HTTPURL(url)))
        }
        for (name, content) in [("img/logo.svg", "<svg/>\n"), ("img/ö ü.svg", "ö")] {
            let url = try #require(try await store.presignedURL(name, in: "assets"))
            #expect(!url.contains(key) && url.contains("temp_url_sig="))
            let answer = try await fetch(url)
            #expect(answer.status == 200 && answer.text == content)
            #expect(try await fetch(url.replacing("assets/img", with: "assets/gim")).status == 401)
            #expect(try await fetch(url.replacing("temp_url_expires=1", with: "temp_url_expires=2")).status == 401)
        }
        rig.cloud.setTemporaryKey("another-key")
        let other = try #require(try await store.presignedURL("img/logo.svg", in: "assets"))
        rig.cloud.setTemporaryKey(key)
        #expect(try await fetch(other).status == 401)
    }
}
