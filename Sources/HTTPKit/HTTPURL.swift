/// The address of a request: `http` or `https`, a host, a path and a query. Without user, password and fragment.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// `http` or `https`.
    public private(set) var scheme: String
    /// In lower case; an IPv6 address keeps its brackets.
    public private(set) var host: String
    /// Where it is not the scheme's own.
    public private(set) var port: Int?
    /// Percent-encoded, as it is sent; never empty. It is sent as it is: `.` and `..` in it mean nothing.
    public var path: String
    /// Percent-encoded, without its `?`; nil where there is none.
    public var query: String?

    /// Reads an address. What may not stand in a path or a query is percent-encoded; a fragment is dropped.
    ///
    /// - Throws: `invalidRequest`. The message does not repeat the text, which may hold a password.
    public init(_ text: String) throws(HTTPError) {
        guard let mark = text.utf8Range(of: "://") else { throw Self.invalid("no scheme: write http:// or https://") }
        scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { throw Self.invalid("only http and https are spoken") }
        let rest = text[mark.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        (host, port) = try Self.hostAndPort(authority, scheme)
        path = "/"
        (path, query) = try Self.pathAndQuery(rest.dropFirst(authority.count))
    }

    /// What the `Host` header says: the port only where it is not the scheme's own.
    public var authority: String { port.map { "\(host):\($0)" } ?? host }

    /// Scheme and authority.
    public var origin: String { "\(scheme)://\(authority)" }

    /// The whole address, with its query: not for messages.
    public var absolute: String { origin + path + (query.map { "?\($0)" } ?? "") }

    /// The address without its query, which may hold a signature.
    public var description: String { origin + path }

    /// One with names below: each is percent-encoded whole, `/` too.
    public func appending(_ segments: String...) -> HTTPURL {
        appending(encoded: segments.map { PercentEncoding.encode($0) }.joined(separator: "/"))
    }

    /// One with a path below: `/` is kept, the rest is percent-encoded.
    public func appending(path: String) -> HTTPURL {
        appending(encoded: PercentEncoding.encode(path, keepingSlash: true))
    }

    private func appending(encoded tail: String) -> HTTPURL {
        var url = self
        url.path += (path.hasSuffix("/") ? "" : "/") + tail
        return url
    }

    /// One with these fields behind those of its query.
    public func with(_ fields: KeyValuePairs<String, String>) -> HTTPURL {
        with(fields.map { ($0.key, $0.value) })
    }

    /// One with these fields behind those of its query; a field without a value is its name alone.
    public func with(_ fields: [(String, String?)]) -> HTTPURL {
        guard !fields.isEmpty else { return self }
        var url = self
        let encoded = fields.map { name, value in
            PercentEncoding.encode(name) + (value.map { "=" + PercentEncoding.encode($0) } ?? "")
        }
        url.query = ([query].compactMap(\.self).filter { !$0.isEmpty } + encoded).joined(separator: "&")
        return url
    }

    /// One whose host is another, and whose port and path stay (a bucket's own host name, a region's).
    public func with(host: String) throws(HTTPError) -> HTTPURL {
        var url = self
        (url.host, _) = try Self.hostAndPort(host[...], scheme)
        return url
    }

    /// The fields of the query, decoded; a field without `=` has an empty value.
    public var fields: [(name: String, value: String)] {
        (query ?? "").split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                PercentEncoding.decode(part) ?? String(part)
            }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    /// The address that a reference means, seen from this one (RFC 3986, 5.2): of a `Location` or a link to a next page.
    public func resolving(_ reference: String) throws(HTTPError) -> HTTPURL {
        let part = String(reference.prefix { $0 != "#" })
        let beginning = part.prefix { $0 != "/" && $0 != "?" }
        if beginning.contains(":") { return try HTTPURL(part) }
        if part.hasPrefix("//") { return try HTTPURL("\(scheme):\(part)") }
        var url = self
        if part.hasPrefix("/") {
            (url.path, url.query) = try Self.pathAndQuery(part[...])
        } else if part.hasPrefix("?") {
            (_, url.query) = try Self.pathAndQuery(part[...])
        } else if !part.isEmpty {
            let directory = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
            (url.path, url.query) = try Self.pathAndQuery((directory + part)[...])
            url.path = Self.withoutDots(url.path)
        }
        return url
    }

    /// RFC 3986, 5.2.4.
    private static func withoutDots(_ path: String) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case "..": _ = kept.popLast()
            case ".": break
            default: kept.append(segment)
            }
            if isLast, segment == "." || segment == ".." { kept.append("") }
        }
        return "/" + kept.joined(separator: "/")
    }

    private static func hostAndPort(_ authority: Substring, _ scheme: String) throws(HTTPError) -> (String, Int?) {
        guard !authority.contains("@") else { throw invalid("a user or password in a URL is not accepted") }
        let isBracketed = authority.hasPrefix("[")
        let end =
            isBracketed ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
        let host = authority[..<(end ?? authority.endIndex)]
        let tail = authority[host.endIndex...]
        let allowed = isBracketed ? "[]:%." : "-._~%"
        guard !host.isEmpty, !isBracketed || end != nil,
            host.utf8.allSatisfy({ isAlphanumeric($0) || allowed.utf8.contains($0) })
        else {
            throw invalid("the host is not a name or an address")
        }
        guard !tail.isEmpty else { return (host.lowercased(), nil) }
        guard tail.hasPrefix(":"), let port = UInt16(tail.dropFirst()), port > 0 else {
            throw invalid("the port is not a number from 1 to 65535")
        }
        return (host.lowercased(), Int(port) == (scheme == "https" ? 443 : 80) ? nil : Int(port))
    }

    private static func pathAndQuery(_ text: Substring) throws(HTTPError) -> (String, String?) {
        let path = text.prefix { $0 != "?" }
        let query = text.count > path.count ? text.dropFirst(path.count + 1) : nil
        let cleanPath = try clean(path)
        return (cleanPath.isEmpty ? "/" : cleanPath, try query.map(clean))
    }

    /// Leaves what is encoded, and encodes what may not stand in an address.
    private static func clean(_ text: Substring) throws(HTTPError) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            guard byte >= 0x20, byte != 0x7F else { throw invalid("a control character") }
            if byte > 0x7F || "\"<>\\^`{|} ".utf8.contains(byte) {
                PercentEncoding.append(byte, to: &bytes)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        PercentEncoding.isUnreserved(byte) && !"-._~".utf8.contains(byte)
    }

    private static func invalid(_ why: String) -> HTTPError { HTTPError(.invalidRequest, "not a usable URL: \(why)") }
}

extension String {
    /// Where a text first stands in this one.
    fileprivate func utf8Range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            let rest = self[start...]
            if rest.utf8.starts(with: text.utf8) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
