/// The whole answer to a request.
public struct HTTPResponse: Sendable {
    /// 200, 404, ...
    public let status: Int
    /// As the server sent them.
    public let headers: HTTPHeaders
    /// As the server sent it.
    public let body: [UInt8]
    /// Where the answer came from, after redirections.
    public let url: HTTPURL

    /// An answer.
    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = [], url: HTTPURL) {
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url
    }

    /// Whether the server did what it was asked.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// The body as UTF-8; bytes that are none read as U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// Status and headers of an answer whose body is still to come.
struct ResponseHead: Sendable {
    var status: Int
    var headers: HTTPHeaders

    /// Bytes of the body, where the server says so.
    var contentLength: Int? { headers["Content-Length"].flatMap { Int($0) } }
}
