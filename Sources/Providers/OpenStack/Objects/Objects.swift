import FoundationEssentials
import HTTPKit
import HTTPProvider
import ProviderAPI
import ProviderKit

/// The objects of the containers.
struct Objects: ObjectService {
    let cloud: Cloud
    /// What all uploads together have under way.
    let parts: PartsUnderWay
    /// What was seen to be empty.
    let empties: EmptyObjects
    let readers: ContainerReaders

    /// How long a call may be silent in which the store moves data itself.
    static let patience = Duration.seconds(600)

    /// An entry of a container's listing: an object, or what several begin with.
    private struct Entry: Decodable, Sendable {
        var name: String?
        var subdir: String?
        var bytes: Int?
        var hash: String?
        var modified: String?
        var type: String?
        /// That of a large object, of which `hash` tells the manifest's.
        var largeHash: String?

        enum CodingKeys: String, CodingKey {
            case name, subdir, bytes, hash
            case largeHash = "slo_etag"
            case modified = "last_modified"
            case type = "content_type"
        }
    }

    private static let pageLimit = 1000
    /// Seconds that a temporary address is good for: a day, as on every platform.
    private static let addressLifetime = 86_400

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
        readers.learn(bucket, response.headers)
        let entries = response.body.isEmpty ? [] : try Cloud.decode([Entry].self, response.body, what)
        var page = ObjectPage(objects: [], prefixes: [])
        for entry in entries {
            if let prefix = entry.subdir {
                page.prefixes.append(prefix)
            } else if let name = entry.name {
                page.objects.append(info(entry, name, in: bucket))
            }
        }
        if entries.count == limit { page.next = entries.last.flatMap { $0.name ?? $0.subdir } }
        return page
    }

    /// The manifest of a dynamic large object is listed as if it were empty.
    private func info(_ entry: Entry, _ name: String, in bucket: String) -> ObjectInfo {
        var info = ObjectInfo(
            key: name, size: entry.bytes ?? 0, modificationTime: entry.modified.flatMap(Keystone.seconds) ?? 0,
            etag: entry.largeHash.map(EntityTag.bare) ?? entry.hash ?? "", contentType: entry.type)
        if info.size == 0 {
            let version = entry.modified.flatMap(EmptyObjects.Version.init(listed:))
            info.isContentKnown = empties.contains(name, in: bucket, version)
        }
        return info
    }

    /// `/CONTAINER/KEY` below the account, encoded.
    static func path(_ key: String, in bucket: String) -> String { "\(bucket)/\(key)" }

    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo? {
        let what = "look at \(bucket)/\(key)"
        guard let head = try await head(key, in: bucket, to: what) else { return nil }
        try Self.requireLength(head, to: what)
        empties.learn(key, in: bucket, head)
        return Self.info(key, head)
    }

    /// What the service tells of an object beside its content; nil where there is none.
    func head(_ key: String, in bucket: String, to what: String) async throws(ProviderError) -> HTTPHeaders? {
        do throws(ProviderError) {
            return try await cloud.send(.head, .objectStore, Self.path(key, in: bucket), to: what).headers
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
            modificationTime: kept ?? uploaded ?? 0, etag: EntityTag.bare(headers["ETag"] ?? ""),
            contentType: headers["Content-Type"])
    }

    func read(
        _ key: String, in bucket: String, offset: Int, count: Int, etag: String?, into sink: any ByteSink
    ) async throws(ProviderError) {
        guard count > 0 else { return }
        var request = try await cloud.request(.get, .objectStore, Self.path(key, in: bucket))
        request.headers["Accept"] = "*/*"
        request.range = offset..<(offset + count)
        if let etag { request.headers["If-Match"] = "\"\(etag)\"" }
        let what = "read \(bucket)/\(key)"
        do throws(ProviderError) {
            _ = try await cloud.client(.objectStore).send(
                request, to: what, limit: max(count, 1 << 20), into: sink)
        } catch {
            // 416: there is nothing that far in.
            guard error.code == .outOfRange else { throw error }
        }
    }

    func upload(
        _ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition
    ) async throws(ProviderError) -> any ObjectUpload {
        try await upload(key, in: bucket, contentType: contentType, modificationTime: nil, precondition: precondition)
    }

    func upload(
        _ key: String, in bucket: String, contentType: String?, modificationTime: Int?,
        precondition: ObjectPrecondition
    ) async throws(ProviderError) -> any ObjectUpload {
        ObjectUploader(
            store: self, key: key, bucket: bucket, contentType: contentType, modificationTime: modificationTime,
            precondition: precondition)
    }

    /// A large one is copied with its segments; those of what was there before go. The copy of a dynamic one is of the same
    /// segments: they are somebody else's.
    func copy(
        _ key: String, in bucket: String, to newKey: String, in newBucket: String
    ) async throws(ProviderError) -> ObjectInfo {
        let what = "copy \(bucket)/\(key)"
        guard let head = try await head(key, in: bucket, to: what) else {
            throw ProviderError(.notFound, "\(what): there is none")
        }
        let isSame = key == newKey && bucket == newBucket
        let before = isSame ? nil : try await self.head(newKey, in: newBucket, to: what)
        let old = try await segmentPaths(of: newKey, in: newBucket, before, to: what)
        var isCopied = false
        if Self.isLarge(head) {
            isCopied = try await copySegments(of: key, in: bucket, head, to: newKey, in: newBucket, what: what)
        } else if head[Self.dynamicManifest] != nil {
            try await copyDynamicManifest(head, to: newKey, in: newBucket, what: what)
            isCopied = true
        }
        if !isCopied {
            try await copyWhole(Self.path(key, in: bucket), to: Self.path(newKey, in: newBucket), what: what)
        }
        await forget(old, to: what)
        guard let made = try await object(newKey, in: newBucket) else {
            throw ProviderError(.replaced, "\(what): the copy is gone again")
        }
        return made
    }

    /// Copies what is one object, or makes one of what is several.
    func copyWhole(_ path: String, to newPath: String, what: String) async throws(ProviderError) {
        var request = try await cloud.request(.put, .objectStore, newPath)
        request.headers["X-Copy-From"] = "/" + PercentEncoding.encode(path, keepingSlash: true)
        request.headers["Content-Length"] = "0"
        request.idleTimeout = Self.patience
        _ = try await cloud.client(.objectStore).send(request, to: what)
    }

    /// What happened to an object and its segments: the call succeeds in any case.
    private struct Deletion: Decodable {
        var status: String
        var errors: [[String]]

        enum CodingKeys: String, CodingKey {
            case status = "Response Status"
            case errors = "Errors"
        }
    }

    /// With the segments of a static large one; those of a dynamic one stay.
    func delete(_ key: String, in bucket: String) async throws(ProviderError) {
        let what = "delete \(bucket)/\(key)"
        let path = Self.path(key, in: bucket)
        guard let head = try await head(key, in: bucket, to: what) else { return }
        do throws(ProviderError) {
            guard Self.isLarge(head) else {
                try await cloud.send(.delete, .objectStore, path, to: what)
                return
            }
            var request = try await cloud.request(
                .delete, .objectStore, path, query: [("multipart-manifest", "delete")])
            request.idleTimeout = Self.patience
            let response = try await cloud.client(.objectStore).send(request, to: what)
            let deletion = try Cloud.decode(Deletion.self, response.body, what)
            guard !deletion.status.hasPrefix("2"), !deletion.status.hasPrefix("404") else { return }
            throw ProviderError(
                .failed, "cannot \(what) with its segments",
                cause: (deletion.errors.first ?? [deletion.status]).joined(separator: ": "))
        } catch {
            guard error.code == .notFound else { throw error }
        }
    }

    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError) {
        throw ProviderError(
            .unsupported, "in OpenStack a whole container is public, not an object: chmod o+r its bucket")
    }

    /// A temporary address, where the account has a key for them; none is made for it.
    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String? {
        guard let secret = try await temporaryKey(of: bucket) else { return nil }
        let url = try await cloud.request(.get, .objectStore, Self.path(key, in: bucket)).url
        return TemporaryURL(key: secret).sign(url, until: cloud.time.wall() + Self.addressLifetime)
    }

    /// Of the account, or of the container.
    private func temporaryKey(of bucket: String) async throws(ProviderError) -> Secret? {
        let account = try await cloud.send(.head, .objectStore, "", to: "look at the account").headers
        for name in ["X-Account-Meta-Temp-URL-Key", "X-Account-Meta-Temp-URL-Key-2"] {
            if let key = account[name] { return Secret(key) }
        }
        let container = try await cloud.send(.head, .objectStore, bucket, to: "look at container \(bucket)").headers
        return container["X-Container-Meta-Temp-URL-Key"].map { Secret($0) }
    }

    /// With all else that the object has been told to keep: what a POST does not name is gone.
    func setModificationTime(
        _ seconds: Int, _ key: String, in bucket: String, etag: String
    ) async throws(ProviderError) -> ObjectInfo {
        let what = "set the time of \(bucket)/\(key)"
        guard let before = try await head(key, in: bucket, to: what), EntityTag.bare(before["ETag"] ?? "") == etag
        else {
            throw ProviderError(.replaced, "\(what): it was replaced meanwhile")
        }
        var request = try await cloud.request(.post, .objectStore, Self.path(key, in: bucket))
        for field in Self.kept(before) { request.headers[field.name] = field.value }
        // Without it the manifest of a dynamic large object would be an empty object.
        request.headers[Self.dynamicManifest] = before[Self.dynamicManifest]
        request.headers["X-Object-Meta-Mtime"] = String(seconds)
        request.isRepeatable = true
        _ = try await cloud.client(.objectStore).send(request, to: what)
        guard let now = try await object(key, in: bucket) else {
            throw ProviderError(.replaced, "\(what): it is gone")
        }
        return now
    }
}
