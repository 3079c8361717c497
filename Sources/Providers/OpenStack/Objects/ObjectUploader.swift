import HTTPKit
import HTTPProvider
import ProviderAPI
import ProviderKit

/// An upload: one request for what is small; for what is large, segments, several on their way at once, and at the end the
/// manifest that makes them one object. Nothing is visible before the last request.
///
/// What is held in memory is the segment that is being filled and those on their way (``inFlight`` bytes, less while other
/// uploads have as many: `PartsUnderWay`).
actor ObjectUploader: ObjectUpload {
    /// Bytes of segments on their way at once; at least one is.
    private static let inFlight = 48 << 20

    private typealias SegmentTask = Task<Result<Segment, ProviderError>, Never>

    private let store: Objects
    private let key: String
    private let bucket: String
    private let contentType: String?
    private let modificationTime: Int?
    private let precondition: ObjectPrecondition
    /// What is to be sent next, as it came, and its bytes.
    private var pieces: [[UInt8]] = []
    private var filled = 0
    private var running: [(size: Int, path: String, task: SegmentTask)] = []
    private var segments: [Segment] = []
    private var count = 0
    private var isOver = false
    /// Makes the container of the segments; from the first of them on, which wait for it.
    private var shelf: Task<Result<Void, ProviderError>, Never>?
    /// Names the segments of this upload alone.
    private let mark: String

    init(
        store: Objects, key: String, bucket: String, contentType: String?, modificationTime: Int?,
        precondition: ObjectPrecondition
    ) {
        self.store = store
        self.key = key
        self.bucket = bucket
        self.contentType = contentType
        self.modificationTime = modificationTime
        self.precondition = precondition
        mark = store.mark()
    }

    private var cloud: Cloud { store.cloud }
    private var what: String { "write \(bucket)/\(key)" }

    /// Bytes of the segment of a number, from 0: 16 MiB for the first 200, and twice as much for each further 200. A manifest
    /// has 1,000 by default, which makes 496 times 200 MiB, 96 GiB.
    static func size(ofSegment number: Int) -> Int { (16 << 20) << min(number / 200, 6) }

    func append(_ bytes: [UInt8]) async throws(ProviderError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = Self.size(ofSegment: count)
            let part = rest.prefix(size - filled)
            // What fits whole is not copied.
            pieces.append(part.count == bytes.count ? bytes : Array(part))
            filled += part.count
            rest = rest.dropFirst(part.count)
            if filled >= size { try await sendPieces() }
        }
    }

    /// Begins the next segment once there is room for it.
    private func sendPieces() async throws(ProviderError) {
        let (pieces, size) = (pieces, filled)
        (self.pieces, filled) = ([], 0)
        while running.reduce(size, { $0 + $1.size }) > Self.inFlight, !running.isEmpty { try await reap() }
        let room = store.parts
        while !room.take(size, always: running.isEmpty) { try await reap() }
        let path = Objects.path(Objects.segmentName(key, mark, count), in: Objects.shelf(of: bucket))
        count += 1
        let (cloud, what, shelf) = (cloud, what, madeShelf())
        let task = SegmentTask {
            defer { room.give(size) }
            do throws(ProviderError) {
                try await shelf.forwardingCancellation.get()
                var request = try await cloud.request(.put, .objectStore, path)
                request.body = .pieces(pieces)
                let response = try await cloud.client(.objectStore).send(request, to: what)
                return .success(
                    Segment(path: path, etag: EntityTag.bare(response.headers["ETag"] ?? ""), size: size))
            } catch {
                return .failure(error)
            }
        }
        running.append((size, path, task))
    }

    /// The writer goes on with the next segment while it is made.
    private func madeShelf() -> Task<Result<Void, ProviderError>, Never> {
        if let shelf { return shelf }
        let (store, bucket, what) = (store, bucket, what)
        let task = Task<Result<Void, ProviderError>, Never> {
            do throws(ProviderError) {
                return .success(try await store.makeShelf(of: bucket, to: what))
            } catch {
                return .failure(error)
            }
        }
        shelf = task
        return task
    }

    /// Waits for the segment that was begun first. One that failed stays among them, for ``abort()``: the service may
    /// have it all the same.
    private func reap() async throws(ProviderError) {
        let result = await running[0].task.forwardingCancellation
        segments.append(try result.get())
        running.removeFirst()
    }

    func finish() async throws(ProviderError) -> ObjectInfo {
        if count > 0 {
            if filled > 0 { try await sendPieces() }
            while !running.isEmpty { try await reap() }
        }
        let old = try await requireExpected()
        if count == 0 {
            try await put(pieces)
        } else {
            try await store.putManifest(segments, key, in: bucket, headers: headers, to: what)
        }
        isOver = true
        pieces = []
        await store.forget(old, to: what)
        guard let made = try await store.object(key, in: bucket) else {
            throw ProviderError(.replaced, "\(what): it is gone again")
        }
        return made
    }

    private var headers: HTTPHeaders {
        var headers: HTTPHeaders = ["Content-Type": contentType ?? "application/octet-stream"]
        headers["X-Object-Meta-Mtime"] = modificationTime.map { String($0) }
        if precondition == .absent { headers["If-None-Match"] = "*" }
        return headers
    }

    private func put(_ pieces: [[UInt8]]) async throws(ProviderError) {
        var request = try await cloud.request(.put, .objectStore, Objects.path(key, in: bucket))
        for field in headers { request.headers[field.name] = field.value }
        request.body = .pieces(pieces)
        _ = try await cloud.client(.objectStore).send(request, to: what)
    }

    /// The segments of what is there now, when that is what the writer knew. Object Store refuses a second maker of a new
    /// object itself; a changed one can only be looked at right before.
    private func requireExpected() async throws(ProviderError) -> [String] {
        if precondition == .absent { return [] }
        let head = try await store.head(key, in: bucket, to: what)
        if case .matches(let etag) = precondition {
            guard let head, EntityTag.bare(head["ETag"] ?? "") == etag else {
                throw ProviderError(.replaced, "\(what): it was replaced meanwhile")
            }
        }
        return try await store.segmentPaths(of: key, in: bucket, head, to: what)
    }

    func abort() async {
        guard !isOver else { return }
        isOver = true
        pieces = []
        for segment in running { segment.task.cancel() }
        // One that arrives after the upload was given up would stay: all are waited for first.
        for segment in running { _ = await segment.task.value }
        await store.forget(segments.map(\.path) + running.map(\.path), to: what)
        running = []
    }
}
