import FakeProvider
import ProviderAPI
import Testing

@testable import ProviderTesting

@Suite(.timeLimit(.minutes(1))) struct ObjectTests {
    private func put(
        _ rig: Rig, _ key: String, _ text: String, _ precondition: ObjectPrecondition = .none
    ) async throws -> ObjectInfo {
        let upload = try await rig.objects.upload(
            key, in: "inbox", contentType: "text/plain", precondition: precondition)
        try await upload.append(Array(text.utf8))
        return try await upload.finish()
    }

    @Test func anUploadIsSeenOnlyWhenItIsWhole() async throws {
        let rig = Rig()
        let upload = try await rig.objects.upload("a/b", in: "inbox", contentType: nil, precondition: .none)
        try await upload.append([1, 2])
        #expect(try await rig.objects.object("a/b", in: "inbox") == nil)
        try await upload.append([3])
        let info = try await upload.finish()
        #expect(info.size == 3)
        #expect(try await rig.objects.object("a/b", in: "inbox") == info)
        #expect(try await rig.objects.read("a/b", in: "inbox", offset: 1, count: 9, etag: info.etag) == [2, 3])
        #expect(await code { try await upload.append([4]) } == .failed)
    }

    @Test func anAbandonedUploadLeavesTheOldObject() async throws {
        let rig = Rig()
        let old = try await put(rig, "k", "old")
        let upload = try await rig.objects.upload("k", in: "inbox", contentType: nil, precondition: .none)
        try await upload.append([1])
        await upload.abort()
        #expect(try await rig.objects.object("k", in: "inbox") == old)
    }

    @Test func preconditionsHoldAtTheEnd() async throws {
        let rig = Rig()
        let late = try await rig.objects.upload("k", in: "inbox", contentType: nil, precondition: .absent)
        let first = try await put(rig, "k", "one", .absent)
        #expect(await code { _ = try await late.finish() } == .replaced)
        #expect(await code { _ = try await put(rig, "k", "two", .absent) } == .replaced)
        let second = try await put(rig, "k", "two", .matches(etag: first.etag))
        #expect(second.etag != first.etag)
        #expect(await code { _ = try await put(rig, "k", "three", .matches(etag: first.etag)) } == .replaced)
        #expect(
            await code { _ = try await rig.objects.read("k", in: "inbox", offset: 0, count: 1, etag: first.etag) }
                == .replaced)
    }

    @Test func pagesHoldAThousandAndEachNameOnce() async throws {
        let rig = Rig()
        for number in 0..<1500 { _ = try await put(rig, "many/\(1000 + number)", "x") }
        for number in 0..<3 { _ = try await put(rig, "many/sub/\(number)", "x") }
        var names: [String] = []
        var sizes: [Int] = []
        var token: String?
        repeat {
            let page = try await rig.objects.page(of: "inbox", prefix: "many/", after: token)
            names += page.objects.map(\.key) + page.prefixes
            sizes.append(page.objects.count + page.prefixes.count)
            token = page.next
        } while token != nil
        #expect(sizes == [1000, 501])
        #expect(Set(names).count == 1501 && names.contains("many/sub/"))
        #expect(try await rig.objects.page(of: "inbox", prefix: "", after: nil).prefixes == ["many/"])
    }

    @Test func keysAreBytes() async throws {
        let rig = Rig()
        _ = try await put(rig, "caf\u{e9}", "composed")
        _ = try await put(rig, "cafe\u{301}", "decomposed")
        #expect(try await rig.objects.page(of: "inbox", prefix: "", after: nil).objects.count == 2)
    }

    @Test func largeDemoObjectsAreStable() async throws {
        let (one, two) = (Rig(), Rig())
        let key = "db1/2025-11-28/orders.sql.zst"
        let whole = try await one.objects.read(key, in: "backups", offset: 0, count: 2 << 20, etag: nil)
        #expect(whole.count == 1 << 20)
        let part = try await two.objects.read(key, in: "backups", offset: 12_345, count: 777, etag: nil)
        #expect(part == Array(whole[12_345..<13_122]))
    }

    @Test func copyDeleteAndBuckets() async throws {
        let rig = Rig()
        let buckets = try #require(rig.provider.buckets)
        let inbox = try #require(try await buckets.list().first { $0.name == "inbox" })
        let info = try await put(rig, "k", "text")
        #expect(try await rig.objects.copy("k", in: "inbox", to: "c", in: "logs").etag == info.etag)
        #expect(await code { try await buckets.delete(inbox.id, rig.job) } == .notEmpty)
        try await rig.objects.delete("k", in: "inbox")
        try await rig.objects.delete("k", in: "inbox")
        try await buckets.delete(inbox.id, rig.job)
        #expect(await code { _ = try await rig.objects.page(of: "inbox", prefix: "", after: nil) } == .notFound)
        #expect(await code { _ = try await buckets.create(Specification(name: "No"), rig.job) } == .invalidValue)
        #expect(try await rig.objects.presignedURL("c", in: "logs")?.hasPrefix("https://logs.") == true)
    }

    @Test func partsAreCopiedInsideAndTimesAreKept() async throws {
        let rig = Rig()
        let old = try await put(rig, "k", "0123456789")
        let upload = try await rig.objects.upload("k2", in: "inbox", contentType: nil, precondition: .none)
        #expect(try await upload.append(copying: "k", in: "inbox", offset: 2, count: 3, etag: old.etag) == 3)
        try await upload.append([33])
        #expect(
            await code { _ = try await upload.append(copying: "k", in: "inbox", offset: 0, count: 1, etag: "x") }
                == .replaced)
        _ = try await upload.finish()
        #expect(try await rig.objects.read("k2", in: "inbox", offset: 0, count: 9, etag: nil) == Array("234!".utf8))
        let timed = try await rig.objects.setModificationTime(1234, "k", in: "inbox", etag: old.etag)
        #expect(timed.modificationTime == 1234)
        #expect(try await rig.objects.object("k", in: "inbox") == timed)
        #expect(
            await code { _ = try await rig.objects.setModificationTime(1, "k", in: "inbox", etag: "x") } == .replaced)
        let page = try await rig.objects.page(of: "inbox", prefix: "", after: nil, limit: 1)
        #expect(page.objects.map(\.key) == ["k"] && page.next != nil)
        #expect(try await rig.objects.page(of: "inbox", prefix: "k2", after: nil, limit: 1).objects.count == 1)
    }

    @Test func theStoreIsFullAtItsLimit() async throws {
        let rig = Rig { $0.contentLimit = 1 << 20 }
        let upload = try await rig.objects.upload("k", in: "inbox", contentType: nil, precondition: .none)
        #expect(await code { try await upload.append([UInt8](repeating: 1, count: 2 << 20)) } == .noSpace)
    }
}
