import HTTPKit
import HTTPProvider
import ProviderAPI
import ProviderKit

/// One part of a large object, an object itself.
struct Segment: Sendable {
    /// `CONTAINER/KEY`.
    var path: String
    var etag: String
    /// Bytes.
    var size: Int
}

/// Large objects are static ones (Object Store, "Large objects"): segments in a container of their own, and a manifest that
/// appears when all of them are there.
extension Objects {
    /// Behind a container's name, that of the one with its segments: where Object Store's S3 interface keeps those of
    /// multipart uploads, which its listings leave out, too.
    private static let suffix = "+segments"
    /// Beyond it, a key is no part of its segments' names, which have an end, too.
    private static let longestKey = 900

    /// The container of the segments of another's objects.
    static func shelf(of bucket: String) -> String { bucket + suffix }

    /// The container whose segments one may hold; nil where its name is an ordinary one.
    static func owner(ofShelf name: String) -> String? {
        name.hasSuffix(suffix) && name.count > suffix.count ? String(name.dropLast(suffix.count)) : nil
    }

    /// Makes that container, of the same policy, and with the same readers, without whom a public object would not be one.
    func makeShelf(of bucket: String, to what: String) async throws(ProviderError) {
        let head = try await cloud.send(.head, .objectStore, bucket, to: what)
        var request = try await cloud.request(.put, .objectStore, Self.shelf(of: bucket))
        request.headers["X-Container-Read"] = head.headers["X-Container-Read"]
        request.headers["X-Storage-Policy"] = head.headers["X-Storage-Policy"]
        do throws(ProviderError) {
            _ = try await cloud.client(.objectStore).send(request, to: what)
        } catch {
            // It is there, with another policy.
            guard error.code == .busy else { throw error }
            request.headers["X-Storage-Policy"] = nil
            _ = try await cloud.client(.objectStore).send(request, to: what)
        }
    }

    /// The name of a segment: `mark` is the upload's own.
    static func segmentName(_ key: String, _ mark: String, _ number: Int) -> String {
        let digits = String(number)
        let folder = key.utf8.count <= longestKey ? key + "/" : ""
        return "\(folder)\(mark)/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// A word that no other upload has.
    func mark() -> String { "\(cloud.time.wall())-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))" }

    /// Makes the large object of its segments.
    func putManifest(
        _ segments: [Segment], _ key: String, in bucket: String, headers: HTTPHeaders, to what: String
    ) async throws(ProviderError) {
        let manifest = segments.map { segment -> JSONValue in
            ["path": .text("/" + segment.path), "etag": .text(segment.etag), "size_bytes": .number(segment.size)]
        }
        var request = try await cloud.request(
            .put, .objectStore, Self.path(key, in: bucket), query: [("multipart-manifest", "put")])
        for field in headers { request.headers[field.name] = field.value }
        request.body = .bytes(try Cloud.encode(.array(manifest)))
        // The service looks at every segment first.
        request.idleTimeout = Self.patience
        _ = try await cloud.client(.objectStore).send(request, to: what)
    }

    private struct Entry: Decodable, Sendable {
        var name: String?
        var hash: String?
        var bytes: Int?
        var range: String?
        var isManifest: Bool?

        enum CodingKeys: String, CodingKey {
            case name, hash, bytes, range
            case isManifest = "sub_slo"
        }

        /// nil for a part of an object, another manifest, bytes that are in the manifest itself.
        var segment: Segment? {
            guard let name, let hash, let bytes, range == nil, isManifest != true else { return nil }
            return Segment(path: String(name.drop { $0 == "/" }), etag: EntityTag.bare(hash), size: bytes)
        }
    }

    private func entries(of key: String, in bucket: String, to what: String) async throws(ProviderError) -> [Entry] {
        let query: [(String, String?)] = [("multipart-manifest", "get"), ("format", "json")]
        let response = try await cloud.send(.get, .objectStore, Self.path(key, in: bucket), query: query, to: what)
        return try Cloud.decode([Entry].self, response.body, what)
    }

    /// Whether an answer about an object tells that it is a large one.
    static func isLarge(_ headers: HTTPHeaders) -> Bool {
        headers["X-Static-Large-Object"]?.lowercased() == "true"
    }

    /// Where the segments of an object are, which `headers` tell of; none where it is no large one.
    func segmentPaths(
        of key: String, in bucket: String, _ headers: HTTPHeaders?, to what: String
    ) async throws(ProviderError) -> [String] {
        guard let headers, Self.isLarge(headers) else { return [] }
        return try await entries(of: key, in: bucket, to: what).compactMap {
            $0.name.map { String($0.drop { $0 == "/" }) }
        }
    }

    /// Removes segments that are nobody's any more. One that stays costs space, and nothing else.
    func forget(_ paths: [String], to what: String) async {
        for batch in paths.chunks(of: Self.together) {
            await undoing { () async throws(ProviderError) in
                _ = try await batch.concurrently { path async throws(ProviderError) in
                    do throws(ProviderError) {
                        try await cloud.send(.delete, .objectStore, path, to: what)
                    } catch {
                        guard error.code == .notFound else { throw error }
                    }
                }
            }
        }
    }

    /// Copies a large object, segment by segment inside the store; false where it does not consist of whole objects.
    func copySegments(
        of key: String, in bucket: String, _ head: HTTPHeaders, to newKey: String, in newBucket: String, what: String
    ) async throws(ProviderError) -> Bool {
        let entries = try await entries(of: key, in: bucket, to: what)
        let segments = entries.compactMap(\.segment)
        guard !segments.isEmpty, segments.count == entries.count else { return false }
        try await makeShelf(of: newBucket, to: what)
        let (shelf, mark) = (Self.shelf(of: newBucket), mark())
        let copies = segments.enumerated().map { number, segment in
            var copy = segment
            copy.path = "\(shelf)/\(Self.segmentName(newKey, mark, number))"
            return (from: segment, to: copy)
        }
        do throws(ProviderError) {
            for batch in copies.chunks(of: Self.together) {
                _ = try await batch.concurrently { copy async throws(ProviderError) in
                    try await copyWhole(copy.from.path, to: copy.to.path, what: what)
                }
            }
            try await putManifest(copies.map(\.to), newKey, in: newBucket, headers: Self.kept(head), to: what)
        } catch {
            await forget(copies.map(\.to.path), to: what)
            throw error
        }
        return true
    }

    /// Calls that are made at once.
    private static var together: Int { 8 }

    /// What an object has been told to keep beside its content, as the request that makes another takes it.
    static func kept(_ headers: HTTPHeaders) -> HTTPHeaders {
        var kept: HTTPHeaders = [:]
        let names = [
            "content-type", "content-encoding", "content-disposition", "content-language", "cache-control", "expires",
            "x-robots-tag", "x-delete-at",
        ]
        for field in headers {
            let name = field.name.lowercased()
            if names.contains(name) || name.hasPrefix("x-object-meta-") { kept[field.name] = field.value }
        }
        return kept
    }
}

extension Array {
    /// Its elements in order, so many at a time.
    fileprivate func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
