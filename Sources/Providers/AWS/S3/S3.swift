import AWSSigning
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
    /// Whether everybody may read buckets, as was set or asked from here.
    let openBuckets = Mutex<[String: Bool]>([:])
    /// The regions of buckets that are elsewhere.
    private let regions = Mutex<[String: String]>([:])
    /// Whether the server takes conditions on writes: AWS does, and not all that is like it.
    let takesConditions = Mutex(true)
    /// Buckets that take no part without its MD5.
    private let digesting = Mutex<Set<String>>([])
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
            let region = region(of: call.bucket)
            let service = client(region)
            let request = try request(call)
            var attempts = Retry(service.retry, service.time)
            while true {
                let response = try await service.send(
                    request, to: what, accepting: accepted,
                    or: { isElsewhere($0, call, than: region) || Self.isConflict($0, request) },
                    limit: call.limit, into: call.sink)
                if isElsewhere(response, call, than: region) {
                    learn(from: response, call.bucket)
                    break
                }
                guard let error = Self.hiddenError(in: response, to: request) else { return response }
                guard try await Self.isAgain(&attempts, error, request, what) else {
                    throw service.failure(error, what)
                }
            }
        }
        throw ProviderError(.malformedReply, "cannot \(what)", cause: "the bucket is sent from region to region")
    }

    private static func isAgain(
        _ attempts: inout Retry, _ error: HTTPResponse, _ request: HTTPRequest, _ what: String
    ) async throws(ProviderError) -> Bool {
        guard let code = S3Faults().fault(in: error)?.code, passing.contains(code) else { return false }
        do throws(HTTPError) {
            return try await attempts.isAgain(error, to: request)
        } catch {
            throw ProviderError(error, doing: what)
        }
    }

    /// What a call may be repeated after though its status does not say so.
    private static let passing: Set = ["InternalError", "SlowDown", "ServiceUnavailable", conflict]
    /// Another change was under way at the same moment: the condition may hold or not.
    private static let conflict = "ConditionalRequestConflict"

    /// Whether a whole object was refused for that; the completion of an upload in parts cannot be repeated after it.
    private static func isConflict(_ response: HTTPResponse, _ request: HTTPRequest) -> Bool {
        response.status == 409 && request.method == .put && S3Faults().fault(in: response)?.code == conflict
    }

    /// Sends a part of an upload. A bucket with Object Lock takes none without its MD5 (`InvalidRequest`), which others
    /// are not computed for: what arrives is checked by the SHA-256 that is signed.
    func sendPart(_ call: S3Call, _ bytes: [UInt8], to what: String) async throws(ProviderError) -> HTTPResponse {
        let bucket = call.bucket ?? ""
        var call = call
        call.body = .bytes(bytes)
        if digesting.withLock({ $0.contains(bucket) }) { call.headers["Content-MD5"] = Checksum.base64MD5(bytes) }
        do throws(ProviderError) {
            return try await send(call, to: what)
        } catch {
            guard error.code == .invalidValue, call.headers["Content-MD5"] == nil else { throw error }
            call.headers["Content-MD5"] = Checksum.base64MD5(bytes)
            let response = try await send(call, to: what)
            digesting.withLock { _ = $0.insert(bucket) }
            return response
        }
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

    /// Whether an answer says that the bucket is in another region than it was asked in. A HEAD says so in a header, with
    /// the statuses that it has for others' buckets too.
    private func isElsewhere(_ response: HTTPResponse, _ call: S3Call, than region: String) -> Bool {
        guard call.bucket != nil, [301, 307, 400, 403].contains(response.status),
            let named = Self.region(in: response)
        else { return false }
        return !named.isEmpty && named != region
    }

    private func learn(from response: HTTPResponse, _ bucket: String?) {
        guard let bucket, let named = Self.region(in: response) else { return }
        regions.withLock { $0[bucket] = named }
    }

    private static func region(in response: HTTPResponse) -> String? {
        if let named = response.headers["x-amz-bucket-region"] { return named }
        guard let error = try? XMLElement(parsing: response.body), error.localName == "Error" else { return nil }
        return error.text("Region")
    }

    /// A long call is answered with 200 before it is done: its failure is in the body.
    private static func hiddenError(in response: HTTPResponse, to request: HTTPRequest) -> HTTPResponse? {
        guard response.isSuccess || isConflict(response, request), response.body.count < 1 << 16,
            response.body.starts(with: "<".utf8), let document = try? XMLElement(parsing: response.body),
            document.localName == "Error"
        else { return nil }
        return HTTPResponse(status: 500, headers: response.headers, body: response.body, url: response.url)
    }
}
