public import HTTPKit

/// AWS Signature Version 4 of requests for one service in one region: a pure function of credentials, request and time.
public struct SigV4: Sendable {
    /// What the signature says of the body.
    public enum Payload: Sendable {
        /// Signed with its SHA-256.
        case bytes([UInt8])
        /// The SHA-256 in hexadecimal, where it is known.
        case hash(String)
        /// Not signed: for bodies that only TLS protects.
        case unsigned
        /// Sent in chunks that are signed one after the other (``SigV4Chunks``).
        case chunks

        var text: String {
            switch self {
            case .bytes(let bytes): Checksum.sha256(bytes)
            case .hash(let hash): hash
            case .unsigned: "UNSIGNED-PAYLOAD"
            case .chunks: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
            }
        }
    }

    private let credentials: AWSCredentials
    private let region: String
    private let service: String
    private let keys: SigningKeys?

    /// A signer. `service` is the one of the signature (`ec2`, `s3`); S3's rules hold where it is `s3`. The keys of other
    /// signers of the day are used again where `keys` has them.
    public init(_ credentials: AWSCredentials, region: String, service: String, keys: SigningKeys? = nil) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.keys = keys
    }

    private var isS3: Bool { service == "s3" }

    /// Adds the headers that sign a request (`seconds` since 1970 is now), and gives the signature.
    @discardableResult
    public func sign(_ request: inout HTTPRequest, _ payload: Payload, at seconds: Int) -> String {
        let time = SigningTime(seconds)
        let hash = payload.text
        request.headers["X-Amz-Date"] = time.stamp
        request.headers["X-Amz-Security-Token"] = credentials.sessionToken
        if isS3 { request.headers["X-Amz-Content-SHA256"] = hash }
        let canonical = CanonicalRequest(request, payloadHash: hash, isS3: isS3)
        let signature = signature(of: canonical, time)
        request.headers["Authorization"] =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope(time)), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
        return signature
    }

    /// The address by which anybody can send this request for so many seconds (at most a week). Its headers must be sent
    /// with it; its body is not signed.
    public func presigned(_ request: HTTPRequest, expires: Int, at seconds: Int) -> HTTPURL {
        let time = SigningTime(seconds)
        var signed = request
        var fields: [(String, String?)] = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(time))"), ("X-Amz-Date", time.stamp),
            ("X-Amz-Expires", "\(expires)"),
        ]
        if let token = credentials.sessionToken { fields.append(("X-Amz-Security-Token", token)) }
        // The names are part of what is signed: they are the same with or without the query.
        let names = CanonicalRequest(request, payloadHash: "", isS3: isS3).signedHeaders
        signed.url = request.url.with(fields + [("X-Amz-SignedHeaders", names)])
        let canonical = CanonicalRequest(
            signed, payloadHash: isS3 ? Payload.unsigned.text : Payload.bytes([]).text, isS3: isS3)
        return signed.url.with(["X-Amz-Signature": signature(of: canonical, time)])
    }

    /// The chunks of a body that was signed as ``Payload/chunks`` with this signature.
    public func chunks(after signature: String, at seconds: Int) -> SigV4Chunks {
        let time = SigningTime(seconds)
        return SigV4Chunks(previous: signature, key: key(time), prefix: "\(time.stamp)\n\(scope(time))")
    }

    func stringToSign(_ canonical: CanonicalRequest, _ time: SigningTime) -> String {
        "AWS4-HMAC-SHA256\n\(time.stamp)\n\(scope(time))\n\(Checksum.sha256(canonical.text))"
    }

    private func signature(of canonical: CanonicalRequest, _ time: SigningTime) -> String {
        Checksum.hexadecimal(Checksum.hmac(stringToSign(canonical, time), key: key(time)))
    }

    private func scope(_ time: SigningTime) -> String { "\(time.date)/\(region)/\(service)/aws4_request" }

    private func key(_ time: SigningTime) -> [UInt8] {
        let origin = SigningKeys.Origin(
            secret: credentials.secretAccessKey, date: time.date, region: region, service: service)
        return keys?.key(origin, derive: Self.derive) ?? Self.derive(origin)
    }

    private static func derive(_ origin: SigningKeys.Origin) -> [UInt8] {
        var key = Array("AWS4\(origin.secret)".utf8)
        for part in [origin.date, origin.region, origin.service, "aws4_request"] { key = Checksum.hmac(part, key: key) }
        return key
    }
}

/// The chunks of one body, each signed with the one before.
public struct SigV4Chunks: Sendable {
    private var previous: String
    private let key: [UInt8]
    private let prefix: String

    init(previous: String, key: [UInt8], prefix: String) {
        self.previous = previous
        self.key = key
        self.prefix = prefix
    }

    /// A chunk as it is sent; the last one is empty.
    public mutating func next(_ bytes: [UInt8]) -> [UInt8] {
        let text = "AWS4-HMAC-SHA256-PAYLOAD\n\(prefix)\n\(previous)\n\(Checksum.sha256([]))\n\(Checksum.sha256(bytes))"
        previous = Checksum.hexadecimal(Checksum.hmac(text, key: key))
        let line = "\(String(bytes.count, radix: 16));chunk-signature=\(previous)\r\n"
        return Array(line.utf8) + bytes + Array("\r\n".utf8)
    }
}
