/// Where a request goes on to when a server sends it elsewhere.
struct RedirectTrail {
    /// The request as it is to be sent now.
    private(set) var request: HTTPRequest
    private var left: Int

    init(_ request: HTTPRequest) {
        self.request = request
        left = request.redirects
    }

    /// Whether the request was changed to go where the answer says.
    mutating func follow(_ head: ResponseHead) throws(HTTPError) -> Bool {
        guard request.redirects > 0, [301, 302, 303, 307, 308].contains(head.status),
            let location = head.headers["Location"]
        else { return false }
        guard left > 0 else {
            throw HTTPError(.redirectRefused, "\(request): sent elsewhere \(request.redirects) times", wasSent: true)
        }
        left -= 1
        let url: HTTPURL
        do throws(HTTPError) {
            url = try request.url.resolving(location)
        } catch {
            throw HTTPError(.redirectRefused, "\(request): sent to what is no address of the web", wasSent: true)
        }
        guard request.url.scheme == "http" || url.scheme == "https" else {
            throw HTTPError(.redirectRefused, "\(request): sent from https to http", wasSent: true)
        }
        if url.origin != request.url.origin { request.headers.removeAll(where: HTTPHeaders.isSecret) }
        request.url = url
        adaptMethod(to: head.status)
        return true
    }

    /// 303 asks for a GET, and 301 and 302 have come to mean that for a POST (RFC 9110, 15.4).
    private mutating func adaptMethod(to status: Int) {
        let isDropped = status == 303 ? request.method != .head : status < 303 && request.method == .post
        guard isDropped, request.method != .get else { return }
        request.method = .get
        request.body = .none
        request.headers.removeAll { $0.lowercased().hasPrefix("content-") }
    }
}
