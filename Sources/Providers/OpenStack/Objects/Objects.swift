import FoundationEssentials
import HTTPKit
import HTTPProvider
import ProviderAPI

/// The objects of the containers. Large ones are static large objects: segments in `CONTAINER_segments`, as other tools
/// keep them, and a manifest that appears when all of them are there.
struct Objects: ObjectService {
    let cloud: Cloud

    /// An entry of a container's listing: an object, or what several begin with.
    private struct Entry: Decodable, Sendable {
        var name: String?
        var subdir: String?
        var bytes: Int?
        var hash: String?
        var modified: String?
        var type: String?

        enum CodingKeys: String, CodingKey {
            case name, subdir, bytes, hash
            case modified = "last_modified"
            case type = "content_type"
        }
    }

    private static let pageLimit = 1000

    func page(of bucket: String, prefix: String, after token: String?) async throws(ProviderError) -> ObjectPage {
        try await page(of: bucket, prefix: prefix, after: token, limit: Self.pageLimit)
    }

    func page(
        of bucket: String, prefix: String, after token: String?, limit: Int
    ) async throws(ProviderError) -> ObjectPage {
        let limit = max(1, min(limit, Self.pageLimit))
        var query: [(String, String?)] = [
            ("format", "json"), ("prefix", prefix), ("delimiter", "/"), ("limit", String(limit)),
        ]
        if let token { query.append(("marker", token)) }
        let what = "list \(bucket)/\(prefix)"
        let response = try await cloud.send(.get, .objectStore, bucket, query: query, to: what)
        let entries = response.body.isEmpty ? [] : try Cloud.decode([Entry].self, response.body, what)
        var page = ObjectPage(objects: [], prefixes: [])
        for entry in entries {
            if let prefix = entry.subdir {
                page.prefixes.append(prefix)
            } else if let name = entry.name {
                page.objects.append(
                    ObjectInfo(
                        key: name, size: entry.bytes ?? 0,
                        modificationTime: entry.modified.flatMap(Keystone.seconds) ?? 0, etag: entry.hash ?? "",
                        contentType: entry.type))
            }
        }
        if entries.count == limit { page.next = entries.last.flatMap { $0.name ?? $0.subdir } }
        return page
    }

    /// `/CONTAINER/KEY` below the account, encoded.
    static func path(_ key: String, in bucket: String) -> String { "\(bucket)/\(key)" }

    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo? {
        do throws(ProviderError) {
            let what = "look at \(bucket)/\(key)"
            let response = try await cloud.send(.head, .objectStore, Self.path(key, in: bucket), to: what)
            return Self.info(key, response.headers)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private static func info(_ key: String, _ headers: HTTPHeaders) -> ObjectInfo {
        let kept = headers["X-Object-Meta-Mtime"].flatMap { text in
            text.split(separator: ".").first.flatMap { Int($0) }
        }
        // The time of its upload, with a fraction.
        let uploaded = headers["X-Timestamp"].flatMap { text in text.split(separator: ".").first.flatMap { Int($0) } }
        return ObjectInfo(
            key: key, size: headers["Content-Length"].flatMap { Int($0) } ?? 0,
            modificationTime: kept ?? uploaded ?? 0, etag: Self.bare(headers["ETag"] ?? ""),
            contentType: headers["Content-Type"])
    }

    /// Large objects have theirs in quotes.
    static func bare(_ etag: String) -> String { etag.filter { $0 != "\"" } }

    func read(
        _ key: String, in bucket: String, offset: Int, count: Int, etag: String?
    ) async throws(ProviderError) -> [UInt8] {
        guard count > 0 else { return [] }
        var request = try await cloud.request(.get, .objectStore, Self.path(key, in: bucket))
        request.headers["Accept"] = "*/*"
        request.range = offset..<(offset + count)
        if let etag { request.headers["If-Match"] = "\"\(etag)\"" }
        let what = "read \(bucket)/\(key)"
        do throws(ProviderError) {
            let response = try await cloud.client(.objectStore).send(request, to: what, limit: count + (1 << 20))
            return response.status == 206
                ? response.body : Array(response.body.dropFirst(offset).prefix(count))
        } catch {
            // 416: there is nothing that far in.
            guard error.code == .outOfRange else { throw error }
            return []
        }
    }

    func upload(
        _ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition
    ) async throws(ProviderError) -> any ObjectUpload {
        ObjectUploader(store: self, key: key, bucket: bucket, contentType: contentType, precondition: precondition)
    }

    func copy(
        _ key: String, in bucket: String, to newKey: String, in newBucket: String
    ) async throws(ProviderError) -> ObjectInfo {
        var request = try await cloud.request(.put, .objectStore, Self.path(newKey, in: newBucket))
        request.headers["X-Copy-From"] =
            "/" + PercentEncoding.encode(bucket) + "/" + PercentEncoding.encode(key, keepingSlash: true)
        request.headers["Content-Length"] = "0"
        let what = "copy \(bucket)/\(key)"
        _ = try await cloud.client(.objectStore).send(request, to: what)
        guard let made = try await object(newKey, in: newBucket) else {
            throw ProviderError(.replaced, "\(what): the copy is gone again")
        }
        return made
    }

    /// With the segments of a large one.
    func delete(_ key: String, in bucket: String) async throws(ProviderError) {
        let what = "delete \(bucket)/\(key)"
        let path = Self.path(key, in: bucket)
        do throws(ProviderError) {
            let head = try await cloud.send(.head, .objectStore, path, to: what)
            let isLarge = head.headers["X-Static-Large-Object"]?.lowercased() == "true"
            let query: [(String, String?)] = isLarge ? [("multipart-manifest", "delete")] : []
            try await cloud.send(.delete, .objectStore, path, query: query, to: what)
        } catch {
            guard error.code == .notFound else { throw error }
        }
    }

    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError) {
        throw ProviderError(
            .unsupported, "in OpenStack a whole container is public, not an object: chmod the container")
    }

    /// A temporary address, where the account has a key for them; none is made for it.
    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String? {
        let account = try await cloud.send(.head, .objectStore, "", to: "look at the account")
        guard let secret = account.headers["X-Account-Meta-Temp-URL-Key"] else { return nil }
        let url = try await cloud.request(.get, .objectStore, Self.path(key, in: bucket)).url
        return TemporaryURL(key: Secret(secret)).sign(url, until: cloud.time.wall() + 3600)
    }

    func setModificationTime(
        _ seconds: Int, _ key: String, in bucket: String, etag: String
    ) async throws(ProviderError) -> ObjectInfo {
        var request = try await cloud.request(.post, .objectStore, Self.path(key, in: bucket))
        request.headers["X-Object-Meta-Mtime"] = String(seconds)
        request.isRepeatable = true
        let what = "set the time of \(bucket)/\(key)"
        guard let before = try await object(key, in: bucket), before.etag == etag else {
            throw ProviderError(.replaced, "\(what): it was replaced meanwhile")
        }
        if let type = before.contentType { request.headers["Content-Type"] = type }
        _ = try await cloud.client(.objectStore).send(request, to: what)
        guard let now = try await object(key, in: bucket) else {
            throw ProviderError(.replaced, "\(what): it is gone")
        }
        return now
    }
}
