import HTTPKit
import HTTPProvider
import ProviderAPI
import ProviderKit

/// An upload: one request for what is small; for what is large, segments as they fill, and at the end the manifest that
/// makes them one object. Nothing is visible before the last request.
actor ObjectUploader: ObjectUpload {
    private let store: Objects
    private let key: String
    private let bucket: String
    private let contentType: String?
    private let precondition: ObjectPrecondition
    private var buffer: [UInt8] = []
    private var segments: [Segment] = []
    private var isOver = false
    /// Names the segments of this upload alone.
    private let mark: String

    private struct Segment {
        var path: String
        var etag: String
        var size: Int
    }

    /// Bytes held in memory at most, and the size of a segment: 1,000 of them, the default limit of a manifest, are 31 GiB.
    private static let segmentSize = 32 << 20

    init(store: Objects, key: String, bucket: String, contentType: String?, precondition: ObjectPrecondition) {
        self.store = store
        self.key = key
        self.bucket = bucket
        self.contentType = contentType
        self.precondition = precondition
        mark = "\(store.cloud.time.wall())-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
    }

    private var cloud: Cloud { store.cloud }
    private var what: String { "write \(bucket)/\(key)" }
    private var shelf: String { bucket + "_segments" }

    func append(_ bytes: [UInt8]) async throws(ProviderError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.segmentSize - buffer.count)
            buffer += part
            rest = rest.dropFirst(part.count)
            if buffer.count == Self.segmentSize { try await sendSegment() }
        }
    }

    private func sendSegment() async throws(ProviderError) {
        if segments.isEmpty { try await cloud.send(.put, .objectStore, shelf, to: what) }
        let number = String(segments.count)
        let name = "\(key)/\(mark)/" + String(repeating: "0", count: max(0, 8 - number.count)) + number
        let path = Objects.path(name, in: shelf)
        var request = try await cloud.request(.put, .objectStore, path)
        request.body = .bytes(buffer)
        let response = try await cloud.client(.objectStore).send(request, to: what)
        segments.append(
            Segment(path: "/" + path, etag: Objects.bare(response.headers["ETag"] ?? ""), size: buffer.count))
        buffer.removeAll(keepingCapacity: true)
    }

    func finish() async throws(ProviderError) -> ObjectInfo {
        let old = try await requireExpected()
        if segments.isEmpty {
            try await put(.bytes(buffer), query: [])
        } else {
            if !buffer.isEmpty { try await sendSegment() }
            let manifest = segments.map { segment -> JSONValue in
                [
                    "path": .text(segment.path), "etag": .text(segment.etag), "size_bytes": .number(segment.size),
                ]
            }
            try await put(.bytes(try Cloud.encode(.array(manifest))), query: [("multipart-manifest", "put")])
        }
        isOver = true
        await forgetSegments(of: old)
        guard let made = try await store.object(key, in: bucket) else {
            throw ProviderError(.replaced, "\(what): it is gone again")
        }
        return made
    }

    private func put(_ body: HTTPBody, query: [(String, String?)]) async throws(ProviderError) {
        var request = try await cloud.request(.put, .objectStore, Objects.path(key, in: bucket), query: query)
        request.headers["Content-Type"] = contentType ?? "application/octet-stream"
        if precondition == .absent { request.headers["If-None-Match"] = "*" }
        request.body = body
        _ = try await cloud.client(.objectStore).send(request, to: what)
    }

    /// What is there now, when it is what the writer knew. Object Store refuses a second maker of a new object itself; a
    /// changed one can only be looked at right before.
    private func requireExpected() async throws(ProviderError) -> [String] {
        let path = Objects.path(key, in: bucket)
        let head: HTTPResponse?
        do throws(ProviderError) {
            head = try await cloud.send(.head, .objectStore, path, to: what)
        } catch {
            guard error.code == .notFound else { throw error }
            head = nil
        }
        switch precondition {
        case .none: break
        case .absent:
            guard head == nil else { throw ProviderError(.replaced, "\(what): somebody else has made it meanwhile") }
        case .matches(let etag):
            guard let head, Objects.bare(head.headers["ETag"] ?? "") == etag else {
                throw ProviderError(.replaced, "\(what): it was replaced meanwhile")
            }
        }
        guard head?.headers["X-Static-Large-Object"]?.lowercased() == "true" else { return [] }
        return try await segmentPaths(of: path)
    }

    private struct Part: Decodable, Sendable {
        var name: String
    }

    private func segmentPaths(of path: String) async throws(ProviderError) -> [String] {
        let query: [(String, String?)] = [("multipart-manifest", "get"), ("format", "json")]
        let response = try await cloud.send(.get, .objectStore, path, query: query, to: what)
        return try Cloud.decode([Part].self, response.body, what).map { String($0.name.dropFirst()) }
    }

    /// The segments of what was replaced are nobody's any more. One that stays costs space, and nothing else.
    private func forgetSegments(of old: [String]) async {
        for path in old { await forget(path) }
    }

    private func forget(_ path: String) async {
        let (cloud, what) = (cloud, what)
        await undoing { () async throws(ProviderError) in
            try await cloud.send(.delete, .objectStore, path, to: what)
        }
    }

    func abort() async {
        guard !isOver else { return }
        isOver = true
        buffer = []
        for segment in segments {
            await forget(String(segment.path.dropFirst()))
        }
    }
}
