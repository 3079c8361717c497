import HTTPKit
import HTTPProvider
import ProviderAPI
import ProviderKit
import Synchronization
import XMLKit

/// S3's API (2006-03-01), as AWS and its like speak it.
final class S3: Sendable {
    /// How a bucket is named in an address.
    enum Style: String, Sendable {
        /// `https://BUCKET.HOST/KEY`.
        case virtual
        /// `https://HOST/BUCKET/KEY`.
        case path
    }

    /// Where S3 is, and how it is spoken to.
    struct Place: Sendable {
        /// The address of the region.
        let url: HTTPURL
        /// The region that requests are signed for.
        let region: String
        /// Whether it is AWS itself, whose other regions are known by their names.
        let isAWS: Bool
        /// How buckets are named.
        let style: Style
    }

    let place: Place
    /// What all uploads together have under way.
    let parts = PartsUnderWay()
    private let client: @Sendable (_ region: String) -> ServiceClient
    /// Whether everybody may read buckets, as was set from here.
    let openBuckets = Mutex<[String: Bool]>([:])
    /// The regions of buckets that are elsewhere.
    private let regions = Mutex<[String: String]>([:])
    private static let hops = 3

    /// `client` gives the one that signs for a region.
    init(_ place: Place, client: @escaping @Sendable (_ region: String) -> ServiceClient) {
        self.place = place
        self.client = client
    }

    /// The region of a bucket, as far as it is known.
    func region(of bucket: String?) -> String {
        bucket.flatMap { bucket in regions.withLock { $0[bucket] } } ?? place.region
    }

    /// The answer to a call, where it is a success or one of the `accepted` statuses. A bucket that is in another region
    /// is asked there.
    func send(_ call: S3Call, to what: String, accepting accepted: Set<Int> = []) async throws(ProviderError)
        -> HTTPResponse
    {
        for _ in 0..<Self.hops {
            let service = client(region(of: call.bucket))
            let response = try await service.send(
                try request(call), to: what, accepting: accepted.union([301, 307, 400]), limit: call.limit,
                into: call.sink)
            if accepted.contains(response.status) || response.isSuccess {
                if let error = Self.lateError(in: response) { throw service.failure(error, what) }
                return response
            }
            guard learn(from: response, call.bucket) else { throw service.failure(response, what) }
        }
        throw ProviderError(.malformedReply, "cannot \(what)", cause: "the bucket is sent from region to region")
    }

    /// The XML of a success.
    func xml(_ call: S3Call, to what: String) async throws(ProviderError) -> XMLElement {
        let response = try await send(call, to: what)
        do throws(XMLError) {
            return try XMLElement(parsing: response.body)
        } catch {
            throw ProviderError(.malformedReply, "cannot \(what)", cause: "\(error)")
        }
    }

    /// The request of a call, not signed yet.
    func request(_ call: S3Call) throws(ProviderError) -> HTTPRequest {
        var request = HTTPRequest(
            call.method, try url(of: call.bucket, key: call.key).with(call.query), headers: call.headers,
            body: call.body)
        request.idleTimeout = call.idleTimeout
        // A part or an object that is put twice is the same; only what begins an upload makes something new.
        request.isRepeatable = call.method != .post || call.query.contains { $0.0 == "uploadId" }
        return request
    }

    private func url(of bucket: String?, key: String?) throws(ProviderError) -> HTTPURL {
        guard let bucket else { return place.url }
        var url = place.url
        do throws(HTTPError) {
            let region = region(of: bucket)
            if place.isAWS, region != place.region {
                url = try url.with(host: url.host.replacing(place.region, with: region))
            }
            if isInHost(bucket) {
                url = try url.with(host: "\(bucket).\(url.host)")
            } else {
                url = url.appending(bucket)
            }
        } catch {
            throw ProviderError(.invalidValue, "'\(bucket)' is no name of a bucket")
        }
        guard let key else { return url }
        // A key is not a path: its slashes and dots are kept as they are, `//` and a leading `/` too.
        url.path += (url.path.hasSuffix("/") ? "" : "/") + PercentEncoding.encode(key, keepingSlash: true)
        return url
    }

    /// A name with dots in it is under no certificate, and one with others is no host.
    private func isInHost(_ bucket: String) -> Bool {
        guard place.style == .virtual, (3...63).contains(bucket.utf8.count) else { return false }
        return bucket.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            case UInt8(ascii: "."): place.url.scheme == "http"
            default: false
            }
        }
    }

    /// Whether an answer says that the bucket is in another region than it was asked in.
    private func learn(from response: HTTPResponse, _ bucket: String?) -> Bool {
        guard let bucket else { return false }
        let named = response.headers["x-amz-bucket-region"] ?? Self.region(in: response)
        guard let named, !named.isEmpty, named != region(of: bucket) else { return false }
        regions.withLock { $0[bucket] = named }
        return true
    }

    private static func region(in response: HTTPResponse) -> String? {
        guard let error = try? XMLElement(parsing: response.body), error.localName == "Error" else { return nil }
        return error.text("Region")
    }

    /// A long call is answered with 200 before it is done: its failure is in the body.
    private static func lateError(in response: HTTPResponse) -> HTTPResponse? {
        guard response.isSuccess, response.body.count < 1 << 16, response.body.starts(with: "<".utf8),
            let document = try? XMLElement(parsing: response.body), document.localName == "Error"
        else { return nil }
        return HTTPResponse(status: 500, headers: response.headers, body: response.body, url: response.url)
    }
}
