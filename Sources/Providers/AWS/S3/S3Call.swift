import AWSSigning
import HTTPKit
import ProviderAPI

/// One call of S3's API, before it has an address.
struct S3Call: Sendable {
    var method: HTTPMethod = .get
    /// nil for what concerns the account.
    var bucket: String?
    /// nil for what concerns the bucket.
    var key: String?
    /// Fields of the query; a subresource has no value.
    var query: [(String, String?)] = []
    var headers: HTTPHeaders = [:]
    var body: HTTPBody = .none
    /// Larger answers are refused.
    var limit = 16 << 20
    /// Who gets the range that is asked for, as it comes.
    var sink: (any ByteSink)?
    /// How long the server may be silent, where it works longer than usual.
    var idleTimeout: Duration?

    /// Opens a bucket or an object to everybody, or closes it, by a canned ACL (PutBucketAcl, PutObjectAcl). Of these calls
    /// S3's model wants a checksum, though their body is empty.
    static func acl(isPublic: Bool, bucket: String, key: String? = nil) -> S3Call {
        S3Call(
            method: .put, bucket: bucket, key: key, query: [("acl", nil)],
            headers: ["x-amz-acl": isPublic ? "public-read" : "private", "Content-MD5": Checksum.base64MD5([])])
    }
}
