/// Why an operation failed: a closed code that callers decide by, and words for the person who reads `.error`.
public struct ProviderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The closed set of reasons. `MountBridge` turns each into one errno.
    public enum Code: String, Sendable, CaseIterable, Hashable {
        /// The platform said that it is not there.
        case notFound = "not found"
        /// The name is taken.
        case alreadyExists = "already exists"
        /// No credentials were given.
        case credentialsMissing = "credentials missing"
        /// The credentials were valid once.
        case credentialsExpired = "credentials expired"
        /// The platform does not accept the credentials.
        case credentialsRejected = "credentials rejected"
        /// The account may not do this.
        case forbidden = "forbidden"
        /// The configuration protects the resource.
        case protected = "protected"
        /// The provider is configured as read-only.
        case readOnly = "read-only"
        /// The value is malformed or impossible.
        case invalidValue = "invalid value"
        /// The value is well-formed and out of the platform's range.
        case outOfRange = "out of range"
        /// The content is larger than the platform or this program takes.
        case tooLarge = "too large"
        /// The resource's state, or another resource that uses it, does not allow this now.
        case busy
        /// It still holds something.
        case notEmpty = "not empty"
        /// This platform cannot.
        case unsupported
        /// A quota of the account is used up.
        case quotaExceeded = "quota exceeded"
        /// The platform has no room.
        case noSpace = "no space"
        /// The platform asked to slow down, and still did after retries.
        case throttled
        /// It was replaced by another of the same name meanwhile.
        case replaced
        /// No answer before the deadline.
        case timedOut = "timed out"
        /// The platform cannot be reached.
        case unreachable
        /// The caller went away.
        case cancelled
        /// The answer makes no sense.
        case malformedReply = "malformed reply"
        /// The path is a directory.
        case isDirectory = "is a directory"
        /// The path is not a directory.
        case notDirectory = "not a directory"
        /// The attribute cannot be written, or not that way.
        case notPermitted = "not permitted"
        /// The name is longer than 255 bytes.
        case nameTooLong = "name too long"
        /// There is no such extended attribute.
        case noAttribute = "no such attribute"
        /// A rename to where only a copy can go.
        case crossDevice = "cross-device"
        /// More files are open than the daemon keeps track of.
        case tooManyOpen = "too many open files"
        /// The rest.
        case failed
    }

    /// What callers decide by.
    public var code: Code
    /// Names the thing and says what to do; one line, no secret.
    public var message: String
    /// The platform's own words (code, text, request id), if it gave any.
    public var cause: String?
    /// When the platform said to come back.
    public var retryAfter: Duration?

    /// An error with its words.
    public init(_ code: Code, _ message: String, cause: String? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.retryAfter = retryAfter
    }

    /// The message, and the platform's own words behind it.
    public var description: String {
        guard let cause, !cause.isEmpty, cause != message else { return message }
        return "\(message): \(cause)"
    }

    /// The error of asking a platform for what it cannot do.
    public static func unsupported(_ operation: Operation) -> ProviderError {
        ProviderError(.unsupported, "this provider does not support \(operation.rawValue)")
    }

    /// Any error as one of these: a cancellation as `cancelled`, an unknown one as `failed` with its description.
    public init(wrapping error: any Error) {
        switch error {
        case let error as ProviderError: self = error
        case is CancellationError: self.init(.cancelled, "interrupted")
        default: self.init(.failed, "\(error)")
        }
    }
}
