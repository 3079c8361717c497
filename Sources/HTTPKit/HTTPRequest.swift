/// A method of HTTP.
public struct HTTPMethod: RawRepresentable, Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// As it is sent.
    public let rawValue: String

    /// A method of that name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A method of that name.
    public init(stringLiteral value: String) { rawValue = value }

    /// As it is sent.
    public var description: String { rawValue }

    /// Reads.
    public static let get: HTTPMethod = "GET"
    /// Reads the headers alone.
    public static let head: HTTPMethod = "HEAD"
    /// Puts a representation in place.
    public static let put: HTTPMethod = "PUT"
    /// Whatever the server makes of it.
    public static let post: HTTPMethod = "POST"
    /// Changes a part.
    public static let patch: HTTPMethod = "PATCH"
    /// Removes.
    public static let delete: HTTPMethod = "DELETE"
    /// Asks what is possible.
    public static let options: HTTPMethod = "OPTIONS"

    /// Whether doing it twice is as doing it once (RFC 9110, 9.2.2).
    public var isIdempotent: Bool { self != .post && self != .patch && self != "CONNECT" }
}

/// The body of a request.
public enum HTTPBody: Sendable {
    case none
    case bytes([UInt8])
    /// One after the other, without being copied into one.
    case pieces([[UInt8]])
    case stream(HTTPBodyStream)

    /// The UTF-8 bytes of a text.
    public static func text(_ text: String) -> HTTPBody { .bytes(Array(text.utf8)) }

    /// Bytes in all; nil where it is not known before they are sent.
    var length: Int? {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .pieces(let pieces): pieces.reduce(0) { $0 + $1.count }
        case .stream(let stream): stream.length
        }
    }

    /// Fills a place with what follows an offset, and gives how much that is: 0 at the end, and of a stream.
    func copy(from offset: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
        switch self {
        case .none, .stream: return 0
        case .bytes(let bytes): return Self.copy(bytes, from: offset, into: room)
        case .pieces(let pieces):
            var (start, filled) = (0, 0)
            for piece in pieces {
                let from = max(offset - start, 0)
                start += piece.count
                guard from < piece.count else { continue }
                filled += Self.copy(piece, from: from, into: UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
                if filled == room.count { break }
            }
            return filled
        }
    }

    private static func copy(_ bytes: [UInt8], from offset: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, bytes.count - offset)
        room.copyBytes(from: bytes[offset..<offset + count])
        return count
    }
}

/// A body that is made while it is sent; it is asked for more only when there is room.
public struct HTTPBodyStream: Sendable {
    /// Gives the next bytes, and nil at the end.
    public typealias Reader = @Sendable () async throws -> [UInt8]?

    /// Bytes in all; nil where it is not known, which HTTP/1.1 sends in chunks.
    public let length: Int?
    /// Begins it, from the start, for each attempt.
    public let open: @Sendable () -> Reader

    /// A body of that length.
    public init(length: Int?, open: @escaping @Sendable () -> Reader) {
        self.length = length
        self.open = open
    }
}

/// One request, as a value.
public struct HTTPRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// What to do.
    public var method: HTTPMethod
    /// With what.
    public var url: HTTPURL
    /// Beside those that HTTP itself needs.
    public var headers: HTTPHeaders
    /// What to send.
    public var body: HTTPBody
    /// For the whole exchange, from its start; nil where only ``idleTimeout`` ends it.
    public var deadline: Duration?
    /// How long nothing may move, instead of the configuration's.
    public var idleTimeout: Duration?
    /// How many redirections are followed. One from https to http is refused, and one to another origin is followed
    /// without the headers that let somebody in.
    public var redirects = 0
    /// Whether to wait with a large body until the server wants it (`Expect: 100-continue`, over HTTP/1.1).
    public var expectsContinue = false
    /// Whether doing it twice is as doing it once: by its method, or because it carries an idempotency token.
    public var isRepeatable: Bool

    /// A request.
    public init(_ method: HTTPMethod = .get, _ url: HTTPURL, headers: HTTPHeaders = [:], body: HTTPBody = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        isRepeatable = method.isIdempotent
    }

    /// The bytes of the representation that are wanted; nil for all.
    public var range: Range<Int>? {
        get {
            guard let text = headers["Range"], text.hasPrefix("bytes=") else { return nil }
            let ends = text.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
            return ends.count == 2 && ends[0] <= ends[1] ? ends[0]..<ends[1] + 1 : nil
        }
        set { headers["Range"] = newValue.map { "bytes=\($0.lowerBound)-\($0.upperBound - 1)" } }
    }

    /// Method and address, without the query, the headers and the body, which may hold secrets.
    public var description: String { "\(method) \(url)" }

    /// As ``description``.
    public var customMirror: Mirror { Mirror(reflecting: description) }
}
