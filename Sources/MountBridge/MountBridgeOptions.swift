import Glibc

/// How a tree is mounted and how its files look.
public struct MountBridgeOptions: Sendable, Hashable {
    /// The owner of every file.
    public var uid: UInt32
    /// The group of every file.
    public var gid: UInt32
    /// The permission bits that files do not have; nil: 077, or 022 where others may enter.
    public var umask: UInt32?
    /// Whether other users than the one who mounts may enter, as far as the permission bits allow.
    public var allowOther: Bool
    /// Whether the kernel refuses every change with EROFS.
    public var readOnly: Bool
    /// Whether those who watch with inotify(7) are told of what comes about elsewhere.
    public var announces: Bool
    /// What stands behind `infrafs:` as the source in the mount table.
    public var name: String
    /// When an answer that still has not come is given up with ETIMEDOUT. A backstop: set it well above the longest
    /// timeout of a provider. Streams wait without it.
    public var deadline: Duration
    /// How long ``Mount/stop()`` lets those who use the mount finish before it is taken from them.
    public var grace: Duration

    /// Options; the owner is who runs the process unless given.
    public init(
        uid: UInt32? = nil, gid: UInt32? = nil, umask: UInt32? = nil, allowOther: Bool = false,
        readOnly: Bool = false, announces: Bool = false, name: String = "infrafs",
        deadline: Duration = .seconds(120), grace: Duration = .seconds(2)
    ) {
        self.uid = uid ?? getuid()
        self.gid = gid ?? getgid()
        self.umask = umask
        self.allowOther = allowOther
        self.readOnly = readOnly
        self.announces = announces
        self.name = name
        self.deadline = deadline
        self.grace = grace
    }

    /// The file system type in the mount table.
    static let mountType = "fuse.infrafs"

    /// The options of mount.fuse3(8). Never `auto_unmount`: after a crash it leaves an empty directory, which a
    /// mirroring backup takes for the truth.
    var mountOptions: [String] {
        var options = ["fsname=infrafs:\(name)", "subtype=infrafs", "default_permissions", "nosuid", "nodev"]
        if allowOther { options.append("allow_other") }
        if readOnly { options.append("ro") }
        return options
    }

    /// The permission bits that files have at most.
    var permissionMask: UInt32 {
        ~(umask ?? (allowOther ? 0o022 : 0o077)) & 0o777
    }
}
