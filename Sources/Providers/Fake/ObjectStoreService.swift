import ProviderAPI
import Synchronization

/// The objects of the buckets.
struct ObjectStoreService: ObjectService {
    let cloud: Cloud

    func page(of bucket: String, prefix: String, after token: String?) async throws(ProviderError) -> ObjectPage {
        try await page(of: bucket, prefix: prefix, after: token, limit: BucketRecord.pageLength)
    }

    func page(
        of bucket: String, prefix: String, after token: String?, limit: Int
    ) async throws(ProviderError) -> ObjectPage {
        try await cloud.enter(.listObjects)
        let limit = min(max(1, limit), BucketRecord.pageLength)
        return try cloud.change { (state) throws(ProviderError) in
            try state.bucket(bucket).page(prefix: prefix, after: token, limit: limit)
        }
    }

    func setModificationTime(
        _ seconds: Int, _ key: String, in bucket: String, etag: String
    ) async throws(ProviderError) -> ObjectInfo {
        try await cloud.enter(.writeObject, label: "object.write.time")
        return try cloud.change { (state) throws(ProviderError) in
            try state.setModificationTime(seconds, key, in: bucket, etag: etag)
        }
    }

    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo? {
        try await cloud.enter(.listObjects, label: "objects.items")
        return try cloud.change { (state) throws(ProviderError) in try state.bucket(bucket)[key]?.info }
    }

    func read(
        _ key: String, in bucket: String, offset: Int, count: Int, etag: String?, into sink: any ByteSink
    ) async throws(ProviderError) {
        try await cloud.enter(.readObject)
        guard offset >= 0, count >= 0 else { throw ProviderError(.invalidValue, "the offset or the count is negative") }
        let object = try cloud.change { (state) throws(ProviderError) in
            guard let etag else { return try state.object(key, in: bucket) }
            return try state.object(key, in: bucket, etag: etag)
        }
        sink.take(whole: object.read(offset: offset, count: count))
    }

    func upload(
        _ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition
    ) async throws(ProviderError) -> any ObjectUpload {
        try await cloud.enter(.writeObject)
        try cloud.change { (state) throws(ProviderError) in try state.check(precondition, of: key, in: bucket) }
        return Upload(cloud: cloud, key: key, bucket: bucket, type: contentType, precondition: precondition)
    }

    func copy(
        _ key: String, in bucket: String, to newKey: String, in newBucket: String
    ) async throws(ProviderError) -> ObjectInfo {
        try await cloud.enter(.copyObject)
        return try cloud.change { (state) throws(ProviderError) in
            let source = try state.object(key, in: bucket)
            return try state.put(
                source.content, size: source.info.size, etag: source.info.etag, type: source.info.contentType,
                key: newKey, in: newBucket)
        }
    }

    func delete(_ key: String, in bucket: String) async throws(ProviderError) {
        try await cloud.enter(.deleteObject)
        try cloud.change { (state) throws(ProviderError) in try state.deleteObject(key, in: bucket) }
    }

    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError) {
        try await cloud.enter(.updateBucket)
        try cloud.change { (state) throws(ProviderError) in try state.setPublic(isPublic, key, in: bucket) }
    }

    /// An address in the style of S3; its host is in a domain that never resolves (RFC 2606).
    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String? {
        try await cloud.enter(.readObject)
        let object = try cloud.change { (state) throws(ProviderError) in try state.object(key, in: bucket) }
        let expires = cloud.time.epoch + Int(cloud.time.now().components.seconds) + 3600
        let signature = Fingerprint.of(Array("\(bucket)/\(key) \(expires) \(object.info.etag)".utf8))
        return "https://\(bucket).fake.invalid/\(Self.encoded(key))?expires=\(expires)&signature=\(signature)"
    }

    /// A key as a path of a URL (RFC 3986, section 2.3).
    private static func encoded(_ key: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        return key.utf8.map { byte in
            plain.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + Randomness.hex(UInt64(byte), 2).uppercased()
        }.joined()
    }
}

/// An upload: what came so far is seen by nobody.
private final class Upload: ObjectUpload {
    private struct State {
        var bytes: [UInt8] = []
        var isOver = false
    }

    private let cloud: Cloud
    private let key: String
    private let bucket: String
    private let type: String?
    private let precondition: ObjectPrecondition
    private let state = Mutex(State())

    init(cloud: Cloud, key: String, bucket: String, type: String?, precondition: ObjectPrecondition) {
        self.cloud = cloud
        self.key = key
        self.bucket = bucket
        self.type = type
        self.precondition = precondition
    }

    func append(_ bytes: [UInt8]) async throws(ProviderError) {
        try await cloud.enter(.writeObject, label: "object.write.part")
        try add(bytes)
    }

    func append(
        copying key: String, in bucket: String, offset: Int, count: Int, etag: String
    ) async throws(ProviderError) -> Int {
        try await cloud.enter(.copyObject, label: "object.copy.part")
        guard offset >= 0, count >= 0 else { throw ProviderError(.invalidValue, "the offset or the count is negative") }
        let source = try cloud.change { (state) throws(ProviderError) in
            try state.object(key, in: bucket, etag: etag)
        }
        let bytes = source.read(offset: offset, count: count)
        try add(bytes)
        return bytes.count
    }

    private func add(_ bytes: [UInt8]) throws(ProviderError) {
        let length = try state.withLock { state throws(ProviderError) in
            guard !state.isOver else { throw Self.over(key) }
            return state.bytes.count + bytes.count
        }
        try cloud.change { (state) throws(ProviderError) in try state.checkContent(length) }
        state.withLock { $0.bytes += bytes }
    }

    func finish() async throws(ProviderError) -> ObjectInfo {
        try await cloud.enter(.writeObject, label: "object.write.finish")
        let bytes = try state.withLock { state throws(ProviderError) in
            guard !state.isOver else { throw Self.over(key) }
            return state.bytes
        }
        let etag = Fingerprint.of(bytes)
        let info = try cloud.change { (state) throws(ProviderError) in
            try state.put(
                .bytes(bytes), size: bytes.count, etag: etag, type: type, key: key, in: bucket,
                precondition: precondition)
        }
        state.withLock { $0 = State(isOver: true) }
        return info
    }

    func abort() async {
        state.withLock { $0 = State(isOver: true) }
    }

    private static func over(_ key: String) -> ProviderError {
        ProviderError(.failed, "the upload of \(key) is over: begin another")
    }
}
