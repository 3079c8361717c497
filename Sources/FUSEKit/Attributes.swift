import CFUSE
import Glibc

/// A point in time as a file's attributes carry it.
public struct Timestamp: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    public var seconds: Int
    /// Nanoseconds within that second, 0 to 999,999,999.
    public var nanoseconds: Int

    /// A time given as seconds since the epoch and nanoseconds within that second.
    public init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The system clock's time.
    public static var now: Timestamp {
        var time = Glibc.timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(time)
    }

    init(_ time: Glibc.timespec) {
        self.init(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }

    var timespec: Glibc.timespec { Glibc.timespec(tv_sec: seconds, tv_nsec: nanoseconds) }
}

/// What stat(2) says of a file.
public struct Attributes: Sendable, Hashable {
    /// The number shown to users (`st_ino`); need not be the inode number of ``Entry``.
    public var inode: UInt64
    /// File type and permission bits, as in `st_mode` (`S_IFREG | 0o644`).
    public var mode: UInt32
    /// The number of hard links.
    public var links: UInt32
    /// The owner.
    public var uid: UInt32
    /// The group.
    public var gid: UInt32
    /// The size in bytes. It must be exact: the kernel cuts cached reads at it.
    public var size: Int
    /// The space taken, in units of 512 bytes.
    public var blocks: Int
    /// The preferred size of a read or write, in bytes.
    public var blockSize: Int
    /// When the content was last read.
    public var accessTime: Timestamp
    /// When the content last changed.
    public var modificationTime: Timestamp
    /// When the content or the attributes last changed.
    public var changeTime: Timestamp

    /// Attributes of a file whose three times are the same and whose blocks follow from its size, unless given.
    public init(
        inode: UInt64, mode: UInt32, links: UInt32 = 1, uid: UInt32 = 0, gid: UInt32 = 0, size: Int = 0,
        blocks: Int? = nil, blockSize: Int = 4096, modificationTime: Timestamp = Timestamp(seconds: 0),
        accessTime: Timestamp? = nil, changeTime: Timestamp? = nil
    ) {
        self.inode = inode
        self.mode = mode
        self.links = links
        self.uid = uid
        self.gid = gid
        self.size = size
        self.blocks = blocks ?? (size + 511) / 512
        self.blockSize = blockSize
        self.modificationTime = modificationTime
        self.accessTime = accessTime ?? modificationTime
        self.changeTime = changeTime ?? modificationTime
    }

    var stat: Glibc.stat {
        var result = Glibc.stat()
        result.st_ino = ino_t(inode)
        result.st_mode = mode
        result.st_nlink = nlink_t(links)
        result.st_uid = uid
        result.st_gid = gid
        result.st_size = size
        result.st_blocks = blocks
        result.st_blksize = blksize_t(blockSize)
        result.st_atim = accessTime.timespec
        result.st_mtim = modificationTime.timespec
        result.st_ctim = changeTime.timespec
        return result
    }
}
