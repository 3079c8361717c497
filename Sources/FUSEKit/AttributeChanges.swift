import CFUSE

/// What chmod, chown, truncate or utimensat asks to change; what is nil stays as it is.
public struct AttributeChanges: Sendable, Hashable {
    /// The new permission bits, with the file type.
    public var mode: UInt32?
    /// The new owner.
    public var uid: UInt32?
    /// The new group.
    public var gid: UInt32?
    /// The new size in bytes.
    public var size: Int?
    /// The new time of last access.
    public var accessTime: Timestamp?
    /// The new time of last modification.
    public var modificationTime: Timestamp?

    /// No change at all.
    public init() {}

    /// Reads what `valid`, a set of FUSE_SET_ATTR_ bits, marks in `stat`; "now" becomes this moment.
    init(_ stat: stat, valid: Int32) {
        func has(_ bit: Int32) -> Bool { valid & bit != 0 }
        if has(FUSE_SET_ATTR_MODE) { mode = stat.st_mode }
        if has(FUSE_SET_ATTR_UID) { uid = stat.st_uid }
        if has(FUSE_SET_ATTR_GID) { gid = stat.st_gid }
        if has(FUSE_SET_ATTR_SIZE) { size = stat.st_size }
        if has(FUSE_SET_ATTR_ATIME) { accessTime = Timestamp(stat.st_atim) }
        if has(FUSE_SET_ATTR_MTIME) { modificationTime = Timestamp(stat.st_mtim) }
        if has(FUSE_SET_ATTR_ATIME_NOW) { accessTime = .now }
        if has(FUSE_SET_ATTR_MTIME_NOW) { modificationTime = .now }
    }
}
