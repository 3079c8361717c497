public import SystemPackage

/// A mount that cannot be made or served.
public struct FUSEError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line that names the path and says what to do.
    public let message: String
    /// What the system answered, where it was asked.
    public let errno: Errno?

    /// A failure with its message, and the system's answer where there was one.
    public init(_ message: String, errno: Errno? = nil) {
        self.message = message
        self.errno = errno
    }

    /// The message.
    public var description: String { message }
}
