/// Who signs. It never prints what is secret.
public struct AWSCredentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The public half (`AKIA...`).
    public let accessKeyID: String
    /// The secret half.
    public let secretAccessKey: String
    /// What temporary credentials come with.
    public let sessionToken: String?

    /// Credentials; without a session token they last.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    /// The public half alone.
    public var description: String { accessKeyID }

    /// The public half alone.
    public var customMirror: Mirror { Mirror(reflecting: description) }
}
