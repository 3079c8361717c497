public import HTTPKit
public import ProviderAPI

extension ProviderError {
    /// Why there is no answer, as a user has to know it. `what` names the operation ("list the machines").
    public init(_ error: HTTPError, doing what: String) {
        let code: Code =
            switch error.code {
            case .resolve, .connect, .proxy, .tls, .connectionLost: .unreachable
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            case .malformed, .redirectRefused: .malformedReply
            case .tooLarge: .tooLarge
            case .invalidRequest: .invalidValue
            case .bodyFailed, .failed: .failed
            }
        self.init(code, "cannot \(what)", cause: error.message)
    }

    /// What an answer that is no success means: by the platform's own words, and by its status where there are none.
    public init(_ response: HTTPResponse, _ fault: ServiceFault?, doing what: String, now: Int) {
        var words = fault.map { "\($0.code): \($0.message)" } ?? "HTTP status \(response.status)"
        if let id = fault?.requestID ?? response.headers.requestID { words += " (request \(id))" }
        let code = fault?.meaning ?? (fault?.isThrottling == true ? .throttled : Code(status: response.status))
        self.init(
            code, "cannot \(what)", cause: words,
            retryAfter: code == .throttled ? response.headers.retryAfter(now: now) : nil)
    }
}

extension ProviderError.Code {
    /// What a status means where the platform says nothing else (RFC 9110, 15).
    public init(status: Int) {
        self =
            switch status {
            case 400, 422: .invalidValue
            case 401, 407: .credentialsRejected
            case 402, 403: .forbidden
            case 404, 410: .notFound
            case 405, 501: .unsupported
            case 408: .timedOut
            case 409, 423, 425: .busy
            case 412: .replaced
            case 413: .tooLarge
            case 416: .outOfRange
            case 429: .throttled
            case 507: .noSpace
            case 502, 503, 504: .unreachable
            default: .failed
            }
    }
}
