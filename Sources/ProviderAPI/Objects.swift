/// A bucket, without its objects.
public struct Bucket: Resource {
    /// What can be changed in a bucket.
    public enum Change: ResourceChange {
        /// Whether everybody may read its objects.
        case publicRead(Bool)

        /// The operation a provider must support to carry it out.
        public var operation: Operation { .updateBucket }
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
    /// Changes when the content does.
    public var etag: String
    /// MIME type.
    public var contentType: String?
    /// The platform's word.
    public var storageClass: String?

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
}

/// The objects of a provider's buckets.
public protocol ObjectService: Sendable {
    /// One page of what is directly below a prefix (empty, or ending in `/`).
    func page(of bucket: String, prefix: String, after token: String?) async throws(ProviderError) -> ObjectPage
    /// One object; nil when there is none of that key.
    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo?
    /// Up to `count` bytes from `offset`; fewer only at the end. A changed `etag` is ``ProviderError/Code/replaced``.
    func read(_ key: String, in bucket: String, offset: Int, count: Int, etag: String?) async throws(ProviderError)
        -> [UInt8]
    /// Begins an upload.
    func upload(_ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition)
        async throws(ProviderError) -> any ObjectUpload
    /// Copies inside the store, without the content passing through here.
    func copy(_ key: String, in bucket: String, to newKey: String, in newBucket: String) async throws(ProviderError)
        -> ObjectInfo
    /// Deletes an object; that it is not there is no error.
    func delete(_ key: String, in bucket: String) async throws(ProviderError)
    /// Opens an object to everybody, or closes it.
    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError)
    /// A URL by which anybody can read it for some time; nil where the platform has none.
    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String?
}
