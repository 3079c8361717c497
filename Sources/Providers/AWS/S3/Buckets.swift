import HTTPKit
import ProviderAPI
import ProviderKit
import Synchronization
import XMLKit

/// The buckets of an account.
struct Buckets: CollectionService {
    let s3: S3

    static let all: Set<Operation> = [
        .listBuckets, .createBucket, .deleteBucket, .updateBucket, .listObjects, .readObject, .writeObject, .copyObject,
        .deleteObject,
    ]

    var operations: Set<Operation> { Self.all }

    func list() async throws(ProviderError) -> [Bucket] {
        try await allPages(
            failing: { ProviderError(.malformedReply, "cannot list the buckets", cause: "\($0)") }
        ) { (token: String?) async throws(ProviderError) in
            let query: [(String, String?)] = token.map { [("continuation-token", $0), ("max-buckets", "1000")] } ?? []
            let document = try await s3.xml(S3Call(query: query), to: "list the buckets")
            let buckets = document.all("Buckets/Bucket").compactMap { element -> Bucket? in
                guard let name = element.text("Name") else { return nil }
                var bucket = Bucket(
                    id: .init(name), name: name, creationTime: S3.seconds(element.text("CreationDate")))
                bucket.isPublic = s3.openBuckets.withLock { $0[name] }
                bucket.isComplete = false
                return bucket
            }
            return (buckets, document.text("ContinuationToken"))
        }
    }

    /// With who may read them, which a listing does not tell: two or three calls each.
    func items(_ ids: [Bucket.ID]) async throws(ProviderError) -> [Bucket] {
        let wanted = Set(ids)
        return try await list().filter { wanted.contains($0.id) }.concurrently { bucket async throws(ProviderError) in
            let (name, isPublic) = (bucket.name, try await s3.isPublic(bucket.name))
            s3.openBuckets.withLock { $0[name] = isPublic }
            var bucket = bucket
            bucket.isPublic = isPublic
            bucket.isComplete = true
            return bucket
        }
    }

    private func listed(_ id: Bucket.ID) async throws(ProviderError) -> Bucket? {
        try await list().first { $0.id == id }
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Bucket {
        let name = specification.name
        try Self.check(name)
        // In its first region S3 calls it a success to make one's own bucket again.
        let found = try await s3.send(
            S3Call(method: .head, bucket: name), to: "look for the bucket \(name)", accepting: [403, 404])
        guard found.status == 404 else {
            throw ProviderError(.alreadyExists, "the name \(name) is taken; names of buckets are one for all accounts")
        }
        var call = S3Call(method: .put, bucket: name)
        // The first region is meant where none is said, and may not be said.
        if s3.place.region != "us-east-1" {
            let place = XMLElement("LocationConstraint", text: s3.place.region)
            let document = XMLElement(
                "CreateBucketConfiguration", ["xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"], [place])
            call.body = .text("\(document)")
            call.headers["Content-Type"] = "application/xml"
        }
        _ = try await s3.send(call, to: "create the bucket \(name)")
        return try await listed(.init(name)) ?? Bucket(id: .init(name), name: name)
    }

    /// What S3 takes as a name (Bucket naming rules), said before it is asked.
    private static func check(_ name: String) throws(ProviderError) {
        let isRight =
            (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
        guard isRight else {
            throw ProviderError(
                .invalidValue, "'\(name)' is no name of a bucket: 3 to 63 of a-z, 0-9, - and .")
        }
    }

    func delete(_ id: Bucket.ID, _ job: any JobReporter) async throws(ProviderError) {
        _ = try await s3.send(
            S3Call(method: .delete, bucket: id.rawValue), to: "delete the bucket \(id.rawValue)")
        s3.openBuckets.withLock { $0[id.rawValue] = nil }
    }

    func apply(_ change: Bucket.Change, to id: Bucket.ID, _ job: any JobReporter) async throws(ProviderError) -> Bucket
    {
        switch change {
        case .publicRead(let isPublic):
            _ = try await s3.send(
                .acl(isPublic: isPublic, bucket: id.rawValue),
                to: "\(isPublic ? "publish" : "hide") the bucket \(id.rawValue)")
            s3.openBuckets.withLock { $0[id.rawValue] = isPublic }
        case .metadata: throw .unsupported(change.operation)
        }
        guard let bucket = try await listed(id) else {
            throw ProviderError(.notFound, "there is no bucket \(id.rawValue)")
        }
        return bucket
    }
}
