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
    /// lseek(2) fails with ESPIPE.
    public var nonSeekable = false
    /// The kernel may keep the listing (opendir only); a later opening with ``keepCache`` is served from it.
    public var cacheListing = false

    /// An opening with this handle.
    public init(
        handle: UInt64 = 0, directIO: Bool = false, keepCache: Bool = false, noFlush: Bool = false,
        nonSeekable: Bool = false, cacheListing: Bool = false
    ) {
        self.handle = handle
        self.directIO = directIO
        self.keepCache = keepCache
        self.noFlush = noFlush
        self.nonSeekable = nonSeekable
        self.cacheListing = cacheListing
    }

    var information: fuse_file_info {
        var result = fuse_file_info()
        result.fh = handle
        result.direct_io = directIO ? 1 : 0
        result.keep_cache = keepCache ? 1 : 0
        result.noflush = noFlush ? 1 : 0
        result.nonseekable = nonSeekable ? 1 : 0
        result.cache_readdir = cacheListing ? 1 : 0
        return result
    }
}
