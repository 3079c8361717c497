import AWSSigning
import HTTPKit
import HTTPProvider
import HTTPTesting
import ProviderAPI
import Synchronization

@testable import AWSProvider

/// S3 as a stub server plays it.
final class StubStore: Sendable {
    let server: StubServer
    let objects: S3Objects
    let buckets: Buckets

    /// `renews`: other credentials are found once those that there are have ended.
    init(region: String = "us-east-1", style: S3.Style = .path, renews: Bool = false) throws {
        server = try StubServer()
        var configuration = HTTPConfiguration(userAgent: "infrafs-tests")
        configuration.proxy = .none
        let client = HTTPClient(configuration)
        let system = HTTPTime.system
        let time = HTTPTime(uptime: system.uptime, wall: { 1_764_547_200 }, sleep: { _ in }, random: { 0.5 })
        let place = S3.Place(url: try HTTPURL(server.url), region: region, isAWS: false, style: style)
        let s3 = S3(place) { region in
            ServiceClient(
                client, authenticator: FixedSigner(region: region, renews: renews), interpreter: S3Faults(), time: time)
        }
        objects = S3Objects(s3: s3, cache: FactsCache()) { request, region, lifetime async throws(ProviderError) in
            FixedSigner(region: region, renews: false).signer.presigned(request, expires: lifetime, at: 1_764_547_200)
        }
        buckets = Buckets(s3: s3)
    }

    deinit { server.stop() }

    /// Method, path and query of what was asked.
    var calls: [String] {
        server.requests.map { "\($0.method) \($0.path)" + ($0.query.isEmpty ? "" : "?\($0.query)") }
    }

    /// Writes an object in pieces.
    func put(_ key: String, _ pieces: [[UInt8]], _ precondition: ObjectPrecondition = .none)
        async throws(ProviderError) -> ObjectInfo
    {
        let upload = try await objects.upload(key, in: "b", contentType: "text/plain", precondition: precondition)
        do throws(ProviderError) {
            for piece in pieces { try await upload.append(piece) }
            return try await upload.finish()
        } catch {
            await upload.abort()
            throw error
        }
    }

    /// The code of what a call throws; nil where it throws nothing.
    static func code<Value: Sendable>(_ call: @Sendable () async throws(ProviderError) -> Value) async
        -> ProviderError.Code?
    {
        do throws(ProviderError) {
            _ = try await call()
            return nil
        } catch {
            return error.code
        }
    }

    /// An error as S3 writes it.
    static func fault(_ status: Int, _ code: String, _ more: String = "") -> StubReply {
        .xml(status, "<Error><Code>\(code)</Code><Message>why</Message>\(more)<RequestId>R1</RequestId></Error>")
    }

    /// The answer to a HEAD.
    static func head(_ size: Int, etag: String = "e1", _ more: [String: String] = [:]) -> StubReply {
        let own = [
            "Content-Length": "\(size)", "ETag": "\"\(etag)\"", "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
            "Content-Type": "text/plain",
        ]
        return .answer(200, own.merging(more) { $1 })
    }
}

/// Signs with AWS's documented example keys.
private struct FixedSigner: RequestAuthenticator {
    let region: String
    let renews: Bool

    var signer: SigV4 {
        let credentials = AWSCredentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        return SigV4(credentials, region: region, service: "s3")
    }

    func renew(after response: HTTPResponse, to request: HTTPRequest) async throws(ProviderError) -> Bool { renews }

    func authenticate(_ request: inout HTTPRequest) async throws(ProviderError) {
        let payload: SigV4.Payload =
            switch request.body {
            case .none: .bytes([])
            case .bytes(let bytes): .bytes(bytes)
            case .pieces(let pieces): .hash(Checksum.sha256(pieces: pieces))
            case .stream: .unsigned
            }
        signer.sign(&request, payload, at: 1_764_547_200)
    }
}
