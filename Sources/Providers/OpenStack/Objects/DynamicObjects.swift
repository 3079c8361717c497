import HTTPKit
import HTTPProvider
import OrderedCollections
import ProviderAPI
import Synchronization

/// Dynamic large objects, which others make (Object Store, "Dynamic large objects"): an empty object, the manifest, whose
/// content is that of all objects of a prefix. They are read as what they stand for, and never written in place: what is
/// written takes the place of the manifest, and the segments stay.
extension Objects {
    /// `CONTAINER/PREFIX`, encoded.
    static let dynamicManifest = "X-Object-Manifest"

    /// Another manifest of the same segments.
    func copyDynamicManifest(
        _ head: HTTPHeaders, to key: String, in bucket: String, what: String
    ) async throws(ProviderError) {
        var request = try await cloud.request(.put, .objectStore, Self.path(key, in: bucket))
        for field in Self.kept(head) { request.headers[field.name] = field.value }
        request.headers[Self.dynamicManifest] = head[Self.dynamicManifest]
        request.headers["Content-Length"] = "0"
        _ = try await cloud.client(.objectStore).send(request, to: what)
    }

    /// The service tells no length of one whose segments fill more than a page of its own listings, and reads no range of it.
    static func requireLength(_ head: HTTPHeaders, to what: String) throws(ProviderError) {
        guard head[dynamicManifest] != nil, head["Content-Length"] == nil else { return }
        throw ProviderError(
            .unsupported, "\(what): a dynamic large object of so many segments that its length is not told")
    }
}

/// Objects that are known to be empty: a listing tells of the manifest of a dynamic large object what it tells of an empty
/// one, so that each has to be asked for, once. Bounded; what was learned longest ago goes first.
final class EmptyObjects: Sendable {
    /// When a version was made, as far as both ways to tell it go: to a tenth of a millisecond.
    struct Version: Sendable, Hashable {
        private let seconds: Int
        private let fraction: String

        private init?(_ seconds: Int?, _ text: String) {
            guard let seconds else { return nil }
            self.seconds = seconds
            let digits = text.split(separator: ".", maxSplits: 1).dropFirst().first?.prefix { $0.isNumber } ?? ""
            fraction = String((digits + "0000").prefix(4))
        }

        /// `2026-01-31T12:00:00.123450`, as a listing has it.
        init?(listed text: String) { self.init(Keystone.seconds(text), text) }

        /// `1769860800.12345`, the `X-Timestamp` of an object.
        init?(timestamp text: String) {
            self.init(text.split(separator: ".").first.flatMap { Int($0) }, text)
        }
    }

    private struct Name: Hashable {
        let bucket: String
        let key: String
    }

    private static let limit = 20_000
    private let versions = Mutex<OrderedDictionary<Name, Version>>([:])

    /// Notes what an answer about an object tells.
    func learn(_ key: String, in bucket: String, _ head: HTTPHeaders) {
        let isEmpty = head["Content-Length"] == "0" && head[Objects.dynamicManifest] == nil
        let version = isEmpty ? head["X-Timestamp"].flatMap(Version.init(timestamp:)) : nil
        versions.withLock { versions in
            let name = Name(bucket: bucket, key: key)
            versions[name] = nil
            guard let version else { return }
            versions[name] = version
            if versions.count > Self.limit { versions.removeFirst() }
        }
    }

    /// Whether that version is one of them.
    func contains(_ key: String, in bucket: String, _ version: Version?) -> Bool {
        guard let version else { return false }
        return versions.withLock { $0[Name(bucket: bucket, key: key)] } == version
    }
}
