import Glibc

/// The flags of open(2) that reach a file system. The kernel deals with O_CREAT and O_EXCL itself.
public struct OpenFlags: OptionSet, Sendable, Hashable {
    /// What the opener may do with the file.
    public enum AccessMode: Sendable {
        /// O_RDONLY
        case readOnly
        /// O_WRONLY
        case writeOnly
        /// O_RDWR
        case readWrite
    }

    /// The flags as open(2) has them.
    public let rawValue: Int32

    /// Flags as open(2) has them.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// O_APPEND: each write goes to the end of the file.
    public static let append = OpenFlags(rawValue: O_APPEND)
    /// O_TRUNC: the file is emptied by being opened.
    public static let truncate = OpenFlags(rawValue: O_TRUNC)
    /// O_CREAT: set in a create.
    public static let create = OpenFlags(rawValue: O_CREAT)
    /// O_EXCL: in a create, the name must not exist.
    public static let exclusive = OpenFlags(rawValue: O_EXCL)
    /// O_NONBLOCK: a read that would have to wait fails with EAGAIN.
    public static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    /// O_DSYNC: a write returns when its data are safe (O_SYNC includes this flag).
    public static let dataSynchronous = OpenFlags(rawValue: O_DSYNC)

    /// What the opener may do; the value 3, which open(2) leaves undefined, counts as read and write.
    public var accessMode: AccessMode {
        switch rawValue & O_ACCMODE {
        case O_RDONLY: .readOnly
        case O_WRONLY: .writeOnly
        default: .readWrite
        }
    }

    /// Whether the opener may write.
    public var isWritable: Bool { accessMode != .readOnly }
    /// Whether the opener may read.
    public var isReadable: Bool { accessMode != .writeOnly }
}
