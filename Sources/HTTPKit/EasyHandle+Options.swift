import CCurl

extension EasyHandle {
    /// Sets all that one exchange needs, but for its callbacks.
    mutating func configure(_ request: HTTPRequest, _ configuration: HTTPConfiguration) throws(HTTPError) {
        try setTarget(request)
        try setMethod(request)
        try setHeaders(Self.lines(of: request, configuration))
        try setConnection(configuration, request.url.scheme)
        try setTrust(configuration)
    }

    private func setTarget(_ request: HTTPRequest) throws(HTTPError) {
        try set(CURLOPT_URL, request.url.absolute)
        try set(CURLOPT_PROTOCOLS_STR, request.url.scheme)
        // `.` and `..` are names like others in the keys of an object store.
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        // curl sends a request again, whatever it is, when a kept connection turns out to be dead; a new one never is.
        if !request.isRepeatable { try set(CURLOPT_FRESH_CONNECT, 1) }
    }

    private func setMethod(_ request: HTTPRequest) throws(HTTPError) {
        if case .none = request.body {
            if request.method == .head {
                try set(CURLOPT_NOBODY, 1)
                return
            }
            try set(CURLOPT_HTTPGET, 1)
            try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            guard [.put, .post, .patch].contains(request.method) else { return }
            // These say that they have no body.
        }
        try set(CURLOPT_UPLOAD, 1)
        try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        try set(CURLOPT_INFILESIZE_LARGE, offset: request.body.length ?? -1)
    }

    private static func lines(of request: HTTPRequest, _ configuration: HTTPConfiguration) throws(HTTPError) -> [String]
    {
        var lines: [String] = []
        if request.headers["User-Agent"] == nil { lines.append("User-Agent: \(configuration.userAgent)") }
        // curl adds this one to large bodies by itself, and waits.
        if !request.expectsContinue, request.headers["Expect"] == nil { lines.append("Expect:") }
        for field in request.headers {
            guard !field.name.isEmpty,
                field.name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }),
                field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") })
            else { throw HTTPError(.invalidRequest, "\(request): a header holds what no header may") }
            // A header without a value ends in a semicolon (CURLOPT_HTTPHEADER(3)).
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        return lines
    }

    private func setConnection(_ configuration: HTTPConfiguration, _ scheme: String) throws(HTTPError) {
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_NOPROGRESS, 1)
        // Without it the end of a transfer waits for its thread that looks the name up.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_BUFFERSIZE, 256 << 10)
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // With TLS it is known once a connection is made whether more exchanges fit on it: the others wait so long.
        // Without, they would wait for the first answer.
        let mayBeHTTP2 = configuration.usesHTTP2 && scheme == "https"
        try set(CURLOPT_HTTP_VERSION, Int(mayBeHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_PIPEWAIT, mayBeHTTP2 ? 1 : 0)
        switch configuration.proxy {
        case .environment: break
        case .none: try set(CURLOPT_PROXY, "")
        case .url(let url): try set(CURLOPT_PROXY, url)
        }
    }

    private func setTrust(_ configuration: HTTPConfiguration) throws(HTTPError) {
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        switch configuration.trust {
        case .system: break
        case .file(let path):
            try set(CURLOPT_CAINFO, path)
            try set(CURLOPT_CAPATH, nil)
        case .pem(let text):
            try set(CURLOPT_CAINFO_BLOB, blob: text)
            try set(CURLOPT_CAPATH, nil)
        }
        switch configuration.identity {
        case .files(let certificate, let key)?:
            try set(CURLOPT_SSLCERT, certificate)
            try set(CURLOPT_SSLKEY, key)
        case .pem(let certificate, let key)?:
            try set(CURLOPT_SSLCERT_BLOB, blob: certificate)
            try set(CURLOPT_SSLKEY_BLOB, blob: key)
        case nil: break
        }
    }
}

extension Duration {
    /// Whole milliseconds, at least one where it is positive.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let count = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return count == 0 && self > .zero ? 1 : count
    }
}
