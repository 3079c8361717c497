/// A bucket, without its objects.
public struct Bucket: Resource {
    /// What can be changed in a bucket.
    public enum Change: ResourceChange {
        /// Whether everybody may read its objects.
        case publicRead(Bool)
        /// What is noted under a key; nil removes it.
        case metadata(key: String, value: String?)

        /// The operation a provider must support to carry it out.
        public var operation: Operation {
            switch self {
            case .publicRead: .updateBucket
            case .metadata: .annotateBucket
            }
        }
    }

    /// The collection it belongs to.
    public static var kind: Kind { .buckets }

    /// The platform's id.
    public var id: Identifier<Bucket>
    /// The platform's name.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// Seconds since 1970.
    public var creationTime: Int?
    /// Whether everybody may read it; nil where that is not known.
    public var isPublic: Bool?
    /// What is noted about it, by keys; nil where that is not known.
    public var metadata: [String: String]?
    /// Whether ``isPublic`` and ``metadata`` are of this moment: a bulk listing does not tell them.
    public var isComplete = true
    /// Whether `ls` shows it; one that holds parts of another's objects is reachable by name alone.
    public var isListed = true

    /// A bucket of that identity.
    public init(id: Identifier<Bucket>, name: String, creationTime: Int? = nil) {
        self.id = id
        self.name = name
        self.creationTime = creationTime
    }
}

/// What a store tells of an object without its content.
public struct ObjectInfo: Sendable, Hashable {
    /// The whole key, as the store has it.
    public var key: String
    /// Bytes.
    public var size: Int
    /// Seconds since 1970.
    public var modificationTime: Int
    /// Whether the store told the time. The answer to an upload leaves it out, and the time is then that of the answer.
    public var isTimeKnown = true
    /// Whether ``size`` and ``etag`` are the content's. A listing may tell of what it is not: it says 0 bytes of an object
    /// whose content is that of others.
    public var isContentKnown = true
    /// Changes when the content does.
    public var etag: String
    /// MIME type.
    public var contentType: String?
    /// The platform's word.
    public var storageClass: String?
    /// The platform's name of this version, where it keeps versions and tells.
    public var version: String?
    /// Whether everybody may read it; nil where that is not known.
    public var isPublic: Bool?

    /// An object of that key.
    public init(
        key: String, size: Int, modificationTime: Int, etag: String, contentType: String? = nil,
        storageClass: String? = nil
    ) {
        self.key = key
        self.size = size
        self.modificationTime = modificationTime
        self.etag = etag
        self.contentType = contentType
        self.storageClass = storageClass
    }
}

/// One page of a listing by delimiter `/`.
public struct ObjectPage: Sendable {
    /// Objects directly below the prefix.
    public var objects: [ObjectInfo]
    /// Common prefixes, each with its last `/`.
    public var prefixes: [String]
    /// Where the next page begins; nil on the last.
    public var next: String?

    /// One page.
    public init(objects: [ObjectInfo], prefixes: [String], next: String? = nil) {
        self.objects = objects
        self.prefixes = prefixes
        self.next = next
    }
}

/// What an upload expects of what is there now.
public enum ObjectPrecondition: Sendable, Hashable {
    case none
    /// Nothing is there.
    case absent
    /// This version is there; else ``ProviderError/Code/replaced``.
    case matches(etag: String)
}

/// An upload in progress. Nothing is visible before ``finish()``; abandoning it leaves what was there.
public protocol ObjectUpload: Sendable {
    /// The next bytes, in order.
    func append(_ bytes: [UInt8]) async throws(ProviderError)
    /// Makes the object; the old one, if any, is replaced at this moment.
    func finish() async throws(ProviderError) -> ObjectInfo
    /// Gives up and leaves nothing behind.
    func abort() async
    /// Appends a range of an existing version inside the store, without its content passing through here.
    ///
    /// Gives how many bytes were appended: 0 where the platform cannot, or not at this place (a part too small).
    /// A changed `etag` is ``ProviderError/Code/replaced``.
    func append(copying key: String, in bucket: String, offset: Int, count: Int, etag: String)
        async throws(ProviderError) -> Int
}

extension ObjectUpload {
    /// For a platform that cannot: nothing is appended.
    public func append(copying key: String, in bucket: String, offset: Int, count: Int, etag: String)
        async throws(ProviderError) -> Int
    { 0 }
}

/// The objects of a provider's buckets.
public protocol ObjectService: Sendable {
    /// One page of the keys that begin with a prefix, as UTF-8 compares, up to the next `/` behind it, in the order of
    /// their bytes. The prefix is empty, ends in `/`, or (for names over 255 bytes) ends anywhere. An object whose key
    /// is the prefix itself is one of the page.
    func page(of bucket: String, prefix: String, after token: String?) async throws(ProviderError) -> ObjectPage
    /// The same page with at most `limit` objects and prefixes, to look up a directory without listing it.
    func page(of bucket: String, prefix: String, after token: String?, limit: Int) async throws(ProviderError)
        -> ObjectPage
    /// One object; nil when there is none of that key.
    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo?
    /// Gives up to `count` bytes from `offset` to a sink as they come; fewer only at the end. A changed `etag` is
    /// ``ProviderError/Code/replaced``: all bytes that the sink gets are of that version.
    func read(
        _ key: String, in bucket: String, offset: Int, count: Int, etag: String?, into sink: any ByteSink
    ) async throws(ProviderError)
    /// Begins an upload.
    func upload(_ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition)
        async throws(ProviderError) -> any ObjectUpload
    /// The same, with a time that the platform is to keep beside the object; one that keeps none leaves it out.
    func upload(
        _ key: String, in bucket: String, contentType: String?, modificationTime: Int?,
        precondition: ObjectPrecondition
    ) async throws(ProviderError) -> any ObjectUpload
    /// Copies inside the store, without the content passing through here.
    func copy(_ key: String, in bucket: String, to newKey: String, in newBucket: String) async throws(ProviderError)
        -> ObjectInfo
    /// Deletes an object; that it is not there is no error.
    func delete(_ key: String, in bucket: String) async throws(ProviderError)
    /// Opens an object to everybody, or closes it.
    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError)
    /// Whether everybody may read an object, as it is now; nil where the platform does not tell.
    func isPublic(_ key: String, in bucket: String) async throws(ProviderError) -> Bool?
    /// A URL by which anybody can read it for some time; nil where the platform has none.
    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String?
    /// Keeps a time for an object where the platform can (as metadata beside it), and gives the object as it is then.
    func setModificationTime(_ seconds: Int, _ key: String, in bucket: String, etag: String)
        async throws(ProviderError) -> ObjectInfo
}

extension ObjectService {
    /// For a platform whose pages have one size only.
    public func page(of bucket: String, prefix: String, after token: String?, limit: Int)
        async throws(ProviderError) -> ObjectPage
    { try await page(of: bucket, prefix: prefix, after: token) }

    /// For a platform whose look-ups tell it, if anything does.
    public func isPublic(_ key: String, in bucket: String) async throws(ProviderError) -> Bool? {
        try await object(key, in: bucket)?.isPublic
    }

    /// For a platform that keeps no times.
    public func upload(
        _ key: String, in bucket: String, contentType: String?, modificationTime: Int?,
        precondition: ObjectPrecondition
    ) async throws(ProviderError) -> any ObjectUpload {
        try await upload(key, in: bucket, contentType: contentType, precondition: precondition)
    }

    /// For a platform that cannot.
    public func setModificationTime(_ seconds: Int, _ key: String, in bucket: String, etag: String)
        async throws(ProviderError) -> ObjectInfo
    { throw ProviderError(.unsupported, "this platform keeps no other time for \(key) than that of its upload") }
}
