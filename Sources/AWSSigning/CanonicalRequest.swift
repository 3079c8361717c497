import HTTPKit

/// A request as both sides write it down before they sign it (Signature Version 4, "Create a canonical request").
struct CanonicalRequest: Sendable, Hashable {
    /// The whole text.
    let text: String
    /// The names of the headers that are in it, `;` between.
    let signedHeaders: String

    /// `isS3`: a path is as it was sent. Every other service takes `.` and `..` out and encodes it once more.
    init(_ request: HTTPRequest, payloadHash: String, isS3: Bool) {
        let headers = Self.headers(of: request)
        signedHeaders = headers.map(\.name).joined(separator: ";")
        let lines = headers.map { "\($0.name):\($0.value)\n" }.joined()
        text = [
            request.method.rawValue, Self.path(of: request.url, isS3: isS3), Self.query(of: request.url), lines,
            signedHeaders, payloadHash,
        ].joined(separator: "\n")
    }

    /// What intermediaries change or add is not signed.
    private static let unsigned: Set = [
        "authorization", "connection", "user-agent", "expect", "te", "transfer-encoding", "x-amzn-trace-id",
        "accept-encoding",
    ]

    private static func headers(of request: HTTPRequest) -> [(name: String, value: String)] {
        var values: [String: [String]] = ["host": [request.url.authority]]
        for field in request.headers {
            let name = field.name.lowercased()
            guard !unsigned.contains(name), name != "host" else { continue }
            values[name, default: []].append(collapsed(field.value))
        }
        return values.map { ($0.key, $0.value.joined(separator: ",")) }.sorted { $0.name < $1.name }
    }

    /// Without the space around it, and with one blank for several.
    private static func collapsed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }

    private static func path(of url: HTTPURL, isS3: Bool) -> String {
        let segments = url.path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            PercentEncoding.encode(PercentEncoding.decode(segment) ?? String(segment))
        }
        if isS3 { return segments.joined(separator: "/") }
        var kept: [String] = []
        for segment in segments where !segment.isEmpty && segment != "." {
            if segment == ".." { _ = kept.popLast() } else { kept.append(PercentEncoding.encode(segment)) }
        }
        let isDirectory = ["", ".", ".."].contains(segments.last ?? "")
        return "/" + kept.joined(separator: "/") + (isDirectory && !kept.isEmpty ? "/" : "")
    }

    private static func query(of url: HTTPURL) -> String {
        let fields = url.fields.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
        let sorted = fields.sorted { left, right in
            left.0 == right.0 ? Self.precedes(left.1, right.1) : Self.precedes(left.0, right.0)
        }
        return sorted.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
