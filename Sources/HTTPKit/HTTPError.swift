/// Why there is no answer to a request. An answer with any status is no error.
public struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of reasons.
    public enum Code: String, Sendable, CaseIterable, Hashable {
        /// The URL, a header or the configuration cannot be.
        case invalidRequest = "invalid request"
        /// The host's name has no address.
        case resolve = "name not resolved"
        /// Nobody answers at the address.
        case connect = "not connected"
        /// The proxy is not there or does not let through.
        case proxy
        /// The server's identity was not proven, or there is no common way to encrypt.
        case tls
        /// A deadline passed, or nothing moved for too long.
        case timedOut = "timed out"
        /// The caller went away.
        case cancelled
        /// The connection ended before the answer did.
        case connectionLost = "connection lost"
        /// What came is not HTTP, or not the shape that was asked for.
        case malformed = "malformed reply"
        /// The answer is larger than the caller takes.
        case tooLarge = "too large"
        /// The server sends elsewhere than the request may go.
        case redirectRefused = "redirect refused"
        /// The source of the request's body failed.
        case bodyFailed = "body failed"
        /// The rest.
        case failed
    }

    /// What callers decide by.
    public let code: Code
    /// Names method, scheme, host and path; never a query, a header or a body.
    public let message: String
    /// Whether the server may have seen the request.
    public let wasSent: Bool

    /// An error with its words.
    public init(_ code: Code, _ message: String, wasSent: Bool = false) {
        self.code = code
        self.message = message
        self.wasSent = wasSent
    }

    /// The message.
    public var description: String { message }

    static let interrupted = HTTPError(.cancelled, "interrupted", wasSent: true)
}
