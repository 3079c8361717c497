import CFUSE

/// The answer to an open or opendir: the file system's handle, and how the kernel is to treat the file.
public struct OpenedFile: Sendable, Hashable {
    /// The file system's own number for this opening; it comes back in every operation on it.
    public var handle: UInt64
    /// Reads and writes bypass the page cache and are not bounded by the size in the attributes.
    public var directIO = false
    /// What the page cache holds of this file since an earlier opening is still right.
    public var keepCache = false
    /// A close(2) need not be told: no flush is sent.
    public var noFlush = false
    /// It has no position: lseek(2) fails with ESPIPE, and a read that waits does not hold up a write through the same
    /// open file.
    public var isStream = false
    /// The kernel may keep the listing (opendir only); a later opening with ``keepCache`` is served from it.
    public var cacheListing = false

    /// An opening with this handle.
    public init(
        handle: UInt64 = 0, directIO: Bool = false, keepCache: Bool = false, noFlush: Bool = false,
        isStream: Bool = false, cacheListing: Bool = false
    ) {
        self.handle = handle
        self.directIO = directIO
        self.keepCache = keepCache
        self.noFlush = noFlush
        self.isStream = isStream
        self.cacheListing = cacheListing
    }

    var information: fuse_file_info {
        var result = fuse_file_info()
        result.fh = handle
        result.direct_io = directIO ? 1 : 0
        result.keep_cache = keepCache ? 1 : 0
        result.noflush = noFlush ? 1 : 0
        result.nonseekable = isStream ? 1 : 0
        result.cache_readdir = cacheListing ? 1 : 0
        return result
    }

    /// The kernel's own form of the answer to an open (fuse_open_out): libfuse has no word for a stream, without which
    /// the kernel takes the lock of a position for as long as a read lasts.
    var streamReply: fuse_open_out {
        var reply = fuse_open_out()
        reply.fh = handle
        reply.open_flags = UInt32(FOPEN_STREAM) | UInt32(FOPEN_NONSEEKABLE)
        if directIO { reply.open_flags |= UInt32(FOPEN_DIRECT_IO) }
        if noFlush { reply.open_flags |= UInt32(FOPEN_NOFLUSH) }
        return reply
    }
}
