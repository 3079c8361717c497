import AWSSigning
import HTTPKit
import HTTPProvider
import ProviderAPI
import XMLKit

/// The objects of S3's buckets.
struct S3Objects: ObjectService {
    let s3: S3
    let cache: FactsCache
    /// Signs an address for others: the request, the region, seconds that it holds.
    let presign: @Sendable (HTTPRequest, String, Int) async throws(ProviderError) -> HTTPURL

    /// Seconds that a signed address holds: a day.
    static let addressLifetime = 86400
    /// Bytes of the largest object that one call copies (CopyObject).
    static let copyLimit = 5 << 30
    /// How long a server may work on a copy or the completion of an upload.
    static let patience = Duration.seconds(600)

    func page(of bucket: String, prefix: String, after token: String?) async throws(ProviderError) -> ObjectPage {
        try await page(of: bucket, prefix: prefix, after: token, limit: 1000)
    }

    func page(of bucket: String, prefix: String, after token: String?, limit: Int) async throws(ProviderError)
        -> ObjectPage
    {
        var query: [(String, String?)] = [
            ("list-type", "2"), ("delimiter", "/"), ("encoding-type", "url"), ("max-keys", "\(min(limit, 1000))"),
            ("prefix", prefix),
        ]
        if let token { query.append(("continuation-token", token)) }
        let what = "list \(bucket)/\(prefix)"
        var page = try S3.page(try await s3.xml(S3Call(bucket: bucket, query: query), to: what))
        page.objects = page.objects.map { cache.complete($0, in: bucket) }
        return page
    }

    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo? {
        try await facts(key, in: bucket)?.info
    }

    /// All that the headers of an object say; nil when there is none.
    func facts(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectFacts? {
        try await facts(key, in: bucket, isAgain: false)
    }

    private func facts(_ key: String, in bucket: String, isAgain: Bool) async throws(ProviderError) -> ObjectFacts? {
        let what = "look up \(bucket)/\(key)"
        let response = try await s3.send(
            S3Call(method: .head, bucket: bucket, key: key), to: what, accepting: [404, 400, 403])
        switch response.status {
        case 404:
            cache.forget(key, in: bucket)
            return nil
        case 400, 403:
            // A HEAD has no body that says why: a GET has.
            let why = S3Call(bucket: bucket, key: key, headers: ["Range": "bytes=0-0"])
            let found = try await s3.send(why, to: what, accepting: [404, 416])
            if found.status == 404 { return nil }
            // It may have found the bucket's region, or new credentials.
            if !isAgain { return try await facts(key, in: bucket, isAgain: true) }
            throw ProviderError(.forbidden, "cannot \(what)", cause: "HTTP status \(response.status)")
        default:
            guard var facts = ObjectFacts(key, response) else {
                throw ProviderError(.malformedReply, "cannot \(what)", cause: "the answer tells no size")
            }
            facts.info.isPublic = cache.isPublic(key, in: bucket)
            cache.learn(facts, in: bucket)
            return facts
        }
    }

    /// What the answer to an upload told.
    func learn(_ facts: ObjectFacts, in bucket: String) -> ObjectInfo {
        var facts = facts
        facts.info.isPublic = cache.isPublic(facts.info.key, in: bucket)
        cache.learn(facts, in: bucket)
        return facts.info
    }

    func read(
        _ key: String, in bucket: String, offset: Int, count: Int, etag: String?, into sink: any ByteSink
    ) async throws(ProviderError) {
        guard count > 0 else { return }
        var call = S3Call(bucket: bucket, key: key, headers: ["Range": "bytes=\(offset)-\(offset + count - 1)"])
        if let etag, !etag.isEmpty { call.headers["If-Match"] = S3.quoted(etag) }
        call.sink = sink
        // 416: there is nothing that far in.
        let response = try await s3.send(call, to: "read \(bucket)/\(key)", accepting: [412, 416])
        if response.status == 412 { throw ProviderError(.replaced, "\(key) was changed meanwhile; open it again") }
    }

    func upload(_ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition)
        async throws(ProviderError) -> any ObjectUpload
    {
        try await upload(
            key, in: bucket, contentType: contentType, modificationTime: nil, precondition: precondition)
    }

    func upload(
        _ key: String, in bucket: String, contentType: String?, modificationTime: Int?,
        precondition: ObjectPrecondition
    ) async throws(ProviderError) -> any ObjectUpload {
        var headers = HTTPHeaders()
        if case .matches(let etag) = precondition {
            // What the object has beside its content is kept.
            var facts = cache.facts(key, in: bucket, etag: etag)
            if facts == nil { facts = try await self.facts(key, in: bucket) }
            headers = facts?.headers(time: nil) ?? headers
            if let facts, facts.tagCount > 0 { headers["x-amz-tagging"] = try await tags(key, in: bucket) }
        }
        if let modificationTime { headers[ObjectFacts.timeHeader] = "\(modificationTime)" }
        if let contentType { headers["Content-Type"] = contentType }
        if cache.isPublic(key, in: bucket) == true { headers["x-amz-acl"] = "public-read" }
        return MultipartUpload(objects: self, bucket: bucket, key: key, headers: headers, precondition: precondition)
    }

    /// The tags of an object as `x-amz-tagging` has them: a new version has none by itself, nor has a copy in parts.
    private func tags(_ key: String, in bucket: String) async throws(ProviderError) -> String {
        let document = try await s3.xml(
            S3Call(bucket: bucket, key: key, query: [("tagging", nil)]), to: "read the tags of \(bucket)/\(key)")
        return document.all("TagSet/Tag").map { tag in
            PercentEncoding.encode(tag.text("Key") ?? "") + "=" + PercentEncoding.encode(tag.text("Value") ?? "")
        }.joined(separator: "&")
    }

    func copy(_ key: String, in bucket: String, to newKey: String, in newBucket: String) async throws(ProviderError)
        -> ObjectInfo
    {
        let what = "copy \(bucket)/\(key) to \(newBucket)/\(newKey)"
        guard let facts = try await facts(key, in: bucket) else {
            throw ProviderError(.notFound, "there is no \(bucket)/\(key)")
        }
        // What is empty is made anew: not every store has the markers of directories as objects that it copies.
        if facts.info.size == 0 || facts.info.size > Self.copyLimit {
            return try await copyInParts(facts, in: bucket, to: newKey, in: newBucket)
        }
        var headers: HTTPHeaders = ["x-amz-copy-source": Self.source(key, in: bucket)]
        headers["x-amz-copy-source-if-match"] = S3.quoted(facts.info.etag)
        // The class and the ACL are not copied by themselves.
        headers["x-amz-storage-class"] = facts.info.storageClass
        if bucket == newBucket { for field in facts.encryption { headers.append(field.name, field.value) } }
        if cache.isPublic(key, in: bucket) == true { headers["x-amz-acl"] = "public-read" }
        _ = try await s3.send(
            S3Call(method: .put, bucket: newBucket, key: newKey, headers: headers, idleTimeout: Self.patience), to: what
        )
        if headers["x-amz-acl"] != nil { cache.learn(isPublic: true, newKey, in: newBucket) }
        return try await stored(newKey, in: newBucket, what)
    }

    private func copyInParts(_ facts: ObjectFacts, in bucket: String, to newKey: String, in newBucket: String)
        async throws(ProviderError) -> ObjectInfo
    {
        let isTimed = facts.info.modificationTime != facts.storedTime
        var headers = facts.headers(time: isTimed ? facts.info.modificationTime : nil)
        headers["Content-Type"] = facts.info.contentType
        if facts.tagCount > 0 { headers["x-amz-tagging"] = try await tags(facts.info.key, in: bucket) }
        if cache.isPublic(facts.info.key, in: bucket) == true { headers["x-amz-acl"] = "public-read" }
        let upload = MultipartUpload(
            objects: self, bucket: newBucket, key: newKey, headers: headers, precondition: .none)
        do throws(ProviderError) {
            var offset = 0
            while offset < facts.info.size {
                offset += try await upload.append(
                    copying: facts.info.key, in: bucket, offset: offset, count: facts.info.size - offset,
                    etag: facts.info.etag)
            }
            return try await upload.finish()
        } catch {
            await upload.abort()
            throw error
        }
    }

    func delete(_ key: String, in bucket: String) async throws(ProviderError) {
        _ = try await s3.send(
            S3Call(method: .delete, bucket: bucket, key: key), to: "delete \(bucket)/\(key)", accepting: [404])
        cache.forget(key, in: bucket)
    }

    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError) {
        _ = try await s3.send(
            .acl(isPublic: isPublic, bucket: bucket, key: key),
            to: "\(isPublic ? "publish" : "hide") \(bucket)/\(key)")
        cache.learn(isPublic: isPublic, key, in: bucket)
    }

    func isPublic(_ key: String, in bucket: String) async throws(ProviderError) -> Bool? {
        guard let isPublic = try await s3.isPublic(key, in: bucket) else { return cache.isPublic(key, in: bucket) }
        cache.learn(isPublic: isPublic, key, in: bucket)
        return isPublic
    }

    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String? {
        let request = try s3.request(S3Call(bucket: bucket, key: key))
        return try await presign(request, s3.region(of: bucket), Self.addressLifetime).absolute
    }

    func setModificationTime(_ seconds: Int, _ key: String, in bucket: String, etag: String)
        async throws(ProviderError) -> ObjectInfo
    {
        let what = "keep a time for \(bucket)/\(key)"
        guard let facts = try await facts(key, in: bucket), facts.info.etag == etag else {
            throw ProviderError(.replaced, "\(key) was changed meanwhile; nothing was written")
        }
        // The time of an upload that is the same by chance is not kept over a copy.
        if facts.info.modificationTime == seconds, facts.keepsTime { return facts.info }
        guard facts.info.size <= Self.copyLimit else {
            throw ProviderError(.unsupported, "S3 keeps no other time for what is over 5 GiB: \(key)")
        }
        var headers = facts.headers(time: seconds)
        headers["Content-Type"] = facts.info.contentType
        headers["x-amz-copy-source"] = Self.source(key, in: bucket)
        headers["x-amz-copy-source-if-match"] = S3.quoted(etag)
        headers["x-amz-metadata-directive"] = "REPLACE"
        if cache.isPublic(key, in: bucket) == true { headers["x-amz-acl"] = "public-read" }
        _ = try await s3.send(
            S3Call(method: .put, bucket: bucket, key: key, headers: headers, idleTimeout: Self.patience), to: what)
        return try await stored(key, in: bucket, what)
    }

    /// An object that was just made, as the store tells of it.
    func stored(_ key: String, in bucket: String, _ what: String) async throws(ProviderError) -> ObjectInfo {
        guard let info = try await object(key, in: bucket) else {
            throw ProviderError(.replaced, "cannot \(what)", cause: "it was deleted at the same time")
        }
        return info
    }

    /// An object as the source of a copy.
    static func source(_ key: String, in bucket: String) -> String {
        "/" + PercentEncoding.encode(bucket) + "/" + PercentEncoding.encode(key, keepingSlash: true)
    }
}
