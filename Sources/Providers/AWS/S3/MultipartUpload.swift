import AWSSigning
import HTTPKit
import Logging
import ProviderAPI
import ProviderKit
import Synchronization
import XMLKit

/// An upload to S3: one call for what is small, else parts, several on their way at once.
///
/// What is held in memory is the part that is being filled and those on their way (``inFlight`` bytes, less while other
/// uploads have as many: ``PartsUnderWay``). Parts grow with their number, so that the largest object fits in the 10,000
/// that S3 takes.
actor MultipartUpload: ObjectUpload {
    /// Bytes of parts on their way at once; at least one part is.
    private static let inFlight = 48 << 20
    /// Bytes of the smallest part that is not the last.
    private static let smallest = 5 << 20

    private typealias PartTask = Task<Result<Part, ProviderError>, Never>

    private struct Part: Sendable {
        let number: Int
        let etag: String
    }

    private let objects: S3Objects
    private let bucket: String
    private let key: String
    private let headers: HTTPHeaders
    private let precondition: ObjectPrecondition
    private var id: String?
    private var buffer: [UInt8] = []
    private var running: [(size: Int, task: PartTask)] = []
    private var parts: [Part] = []
    private var count = 0

    init(
        objects: S3Objects, bucket: String, key: String, headers: HTTPHeaders, precondition: ObjectPrecondition
    ) {
        self.objects = objects
        self.bucket = bucket
        self.key = key
        self.headers = headers
        self.precondition = precondition
    }

    private var what: String { "write \(bucket)/\(key)" }

    /// Bytes of the part of a number: 8 MiB for the first thousand, and twice as much for each further one, up to 2 GiB.
    static func size(ofPart number: Int) -> Int { min((8 << 20) << (number / 1000), 2 << 30) }

    /// Bytes of the largest range that is copied as the part of a number: 512 MiB, so that a call ends in reasonable time,
    /// and twice as much after each two thousand, up to 4 GiB (S3 copies 5).
    static func size(ofCopy number: Int) -> Int { min((512 << 20) << (number / 2000), 4 << 30) }

    func append(_ bytes: [UInt8]) async throws(ProviderError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = Self.size(ofPart: count + 1)
            if buffer.isEmpty, rest.count == bytes.count, rest.count == size {
                try await send(bytes)
                return
            }
            if buffer.isEmpty, rest.count < bytes.count || id != nil { buffer.reserveCapacity(size) }
            let taken = rest.prefix(size - buffer.count)
            buffer += taken
            rest = rest.dropFirst(taken.count)
            if buffer.count >= size { try await sendBuffer() }
        }
    }

    func append(copying source: String, in sourceBucket: String, offset: Int, count: Int, etag: String)
        async throws(ProviderError) -> Int
    {
        guard buffer.isEmpty || buffer.count >= Self.smallest, count >= Self.smallest else { return 0 }
        if !buffer.isEmpty { try await sendBuffer() }
        let largest = Self.size(ofCopy: self.count + 1)
        // Two ends of a fair size rather than one that is too small to be a part.
        let size = count <= largest ? count : min(largest, count / 2)
        let headers: HTTPHeaders = [
            "x-amz-copy-source": S3Objects.source(source, in: sourceBucket),
            "x-amz-copy-source-range": "bytes=\(offset)-\(offset + size - 1)",
            "x-amz-copy-source-if-match": S3.quoted(etag),
        ]
        try await begin(0) { s3, call, what throws(ProviderError) in
            var call = call
            for field in headers { call.headers.append(field.name, field.value) }
            call.idleTimeout = S3Objects.patience
            let document = try await s3.xml(call, to: what)
            return S3.etag(document.text("ETag"))
        }
        return size
    }

    private func sendBuffer() async throws(ProviderError) {
        let bytes = buffer
        buffer = []
        try await send(bytes)
    }

    private func send(_ bytes: [UInt8]) async throws(ProviderError) {
        try await begin(bytes.count) { s3, call, what throws(ProviderError) in
            let response = try await s3.sendPart(call, bytes, to: what)
            return S3.etag(response.headers["ETag"])
        }
    }

    /// Begins the next part once there is room for it.
    private func begin(
        _ size: Int, _ carryOut: @escaping @Sendable (S3, S3Call, String) async throws(ProviderError) -> String
    ) async throws(ProviderError) {
        let id = try await create()
        while !running.isEmpty, running.reduce(size, { $0 + $1.size }) > Self.inFlight || running.count >= 8 {
            try await reap()
        }
        let room = objects.s3.parts
        while !room.take(size, always: running.isEmpty) { try await reap() }
        count += 1
        let number = count
        let (s3, what) = (objects.s3, what)
        let call = S3Call(
            method: .put, bucket: bucket, key: key, query: [("partNumber", "\(number)"), ("uploadId", id)])
        let task = PartTask {
            defer { room.give(size) }
            do throws(ProviderError) {
                let etag = try await carryOut(s3, call, what)
                guard !etag.isEmpty else {
                    throw ProviderError(.malformedReply, "cannot \(what)", cause: "part \(number) has no etag")
                }
                return .success(Part(number: number, etag: etag))
            } catch {
                return .failure(error)
            }
        }
        running.append((size, task))
    }

    /// Waits for the part that was begun first.
    private func reap() async throws(ProviderError) {
        let result = await running[0].task.forwardingCancellation
        // Another call may have waited for the same part; an upload has one caller at a time.
        running.removeFirst()
        parts.append(try result.get())
    }

    private func create() async throws(ProviderError) -> String {
        if let id { return id }
        let call = S3Call(method: .post, bucket: bucket, key: key, query: [("uploads", nil)], headers: headers)
        let document = try await objects.s3.xml(call, to: what)
        guard let made = document.text("UploadId") else {
            throw ProviderError(.malformedReply, "cannot \(what)", cause: "the upload was begun without an id")
        }
        id = made
        return made
    }

    func finish() async throws(ProviderError) -> ObjectInfo {
        if id == nil { return try await put() }
        if !buffer.isEmpty { try await sendBuffer() }
        while !running.isEmpty { try await reap() }
        try await complete()
        return try await objects.stored(key, in: bucket, what)
    }

    /// One call: its answer tells all of the object but its time.
    private func put() async throws(ProviderError) -> ObjectInfo {
        let bytes = buffer
        buffer = []
        var call = S3Call(method: .put, bucket: bucket, key: key, headers: headers, body: .bytes(bytes))
        if !objects.s3.takesConditions.withLock({ $0 }) { try await check() }
        addCondition(to: &call)
        call.headers["Content-MD5"] = Checksum.base64MD5(bytes)
        guard let response = try await sendLast(call, making: { Checksum.md5(bytes) }),
            let facts = ObjectFacts(key, size: bytes.count, sent: headers, answer: response)
        else { return try await objects.stored(key, in: bucket, what) }
        return objects.learn(facts, in: bucket)
    }

    private func complete() async throws(ProviderError) {
        guard let id else { return }
        try await check()
        let list = parts.sorted { $0.number < $1.number }.map { part in
            let number = XMLElement("PartNumber", text: "\(part.number)")
            return XMLElement("Part", [:], [number, XMLElement("ETag", text: S3.quoted(part.etag))])
        }
        let document = XMLElement("CompleteMultipartUpload", ["xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"], list)
        var call = S3Call(
            method: .post, bucket: bucket, key: key, query: [("uploadId", id)], body: .text("\(document)"),
            idleTimeout: S3Objects.patience)
        call.headers["Content-Type"] = "application/xml"
        addCondition(to: &call)
        let parts = parts
        _ = try await sendLast(call, making: { Self.etag(of: parts) })
        self.id = nil
    }

    /// The condition is sent with the completion; a server that does not know it there is asked before.
    private func check() async throws(ProviderError) {
        switch precondition {
        case .none: return
        case .absent:
            if try await objects.object(key, in: bucket) != nil { throw conflict(nil) }
        case .matches(let etag):
            let found = try await objects.object(key, in: bucket)
            if found?.etag != etag { throw conflict(nil) }
        }
    }

    private func addCondition(to call: inout S3Call) {
        guard objects.s3.takesConditions.withLock({ $0 }) else { return }
        switch precondition {
        case .none: break
        case .absent: call.headers["If-None-Match"] = "*"
        case .matches(let etag): call.headers["If-Match"] = S3.quoted(etag)
        }
    }

    /// The call that makes the object. Where an attempt before was carried out and its answer lost, the next is refused
    /// for what the first one made: what is there is then ours, by its etag, and there is no answer.
    private func sendLast(_ call: S3Call, making etag: @Sendable () -> String?) async throws(ProviderError)
        -> HTTPResponse?
    {
        do throws(ProviderError) {
            return try await objects.s3.send(call, to: what)
        } catch {
            if error.code == .unsupported, let bare = Self.unconditional(call) {
                try await check()
                let response = try await sendLast(bare, making: etag)
                objects.s3.takesConditions.withLock { $0 = false }
                return response
            }
            guard error.code == .replaced || error.code == .failed else { throw error }
            let found = try await objects.object(key, in: bucket)
            if let etag = etag(), found?.etag == etag { return nil }
            if error.code == .replaced, case .matches(let old) = precondition, found?.etag == old,
                call.headers["If-Match"] != old
            {
                // Nothing was changed: a server that compares the condition with its quotes (Ceph) is asked without.
                var bare = call
                bare.headers["If-Match"] = old
                return try await sendLast(bare, making: etag)
            }
            throw error.code == .replaced ? conflict(error.cause) : error
        }
    }

    /// The call without its condition; nil where it has none.
    private static func unconditional(_ call: S3Call) -> S3Call? {
        guard call.headers["If-Match"] != nil || call.headers["If-None-Match"] != nil else { return nil }
        var bare = call
        bare.headers.removeAll { ["if-match", "if-none-match"].contains($0.lowercased()) }
        return bare
    }

    /// The etag that S3 gives an object of these parts: of their MD5s one after the other, and their number.
    private static func etag(of parts: [Part]) -> String? {
        var digests: [UInt8] = []
        for part in parts.sorted(by: { $0.number < $1.number }) {
            let digits = Array(part.etag)
            guard digits.count == 32 else { return nil }
            for start in stride(from: 0, to: 32, by: 2) {
                guard let byte = UInt8(String(digits[start...start + 1]), radix: 16) else { return nil }
                digests.append(byte)
            }
        }
        return "\(Checksum.md5(digests))-\(parts.count)"
    }

    private func conflict(_ cause: String?) -> ProviderError {
        if case .absent = precondition {
            return ProviderError(.alreadyExists, "\(key) was made by somebody else meanwhile", cause: cause)
        }
        return ProviderError(
            .replaced, "\(key) was changed by somebody else meanwhile; nothing was written", cause: cause)
    }

    func abort() async {
        for part in running { part.task.cancel() }
        // A part that arrives after its upload was given up would stay: all are waited for first.
        for part in running { _ = await part.task.value }
        running = []
        buffer = []
        guard let id else { return }
        self.id = nil
        let call = S3Call(method: .delete, bucket: bucket, key: key, query: [("uploadId", id)])
        do throws(ProviderError) {
            _ = try await objects.s3.send(call, to: "give up \(bucket)/\(key)", accepting: [404])
        } catch {
            // Nobody waits for it any more: the log says what is left, and the bucket's own rule may remove it.
            Logger(label: "aws").warning(
                "unfinished upload left", metadata: ["key": "\(bucket)/\(key)", "reason": "\(error)"])
        }
    }
}
