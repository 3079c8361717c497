import CFUSE

/// What the kernel offers for this mount, and what the file system asks of it. Only ``FileSystem/initialise(_:)`` can
/// change it.
public struct ConnectionInfo: Sendable {
    /// Abilities of the kernel's side, as fuse_common.h names them.
    public struct Capabilities: OptionSet, Sendable, Hashable {
        /// The bits of libfuse.
        public let rawValue: UInt32

        /// Bits of libfuse.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        private init(_ bit: Int32) {
            rawValue = UInt32(bitPattern: bit)
        }

        /// Several reads of one opening at a time.
        public static let asynchronousRead = Capabilities(FUSE_CAP_ASYNC_READ)
        /// O_TRUNC comes with the open, not as a setattr after it.
        public static let atomicTruncate = Capabilities(FUSE_CAP_ATOMIC_O_TRUNC)
        /// The page cache of a file is dropped when its modification time or size has changed.
        public static let automaticInvalidation = Capabilities(FUSE_CAP_AUTO_INVAL_DATA)
        /// The page cache of a file is dropped only when the file system says so.
        public static let explicitInvalidation = Capabilities(FUSE_CAP_EXPLICIT_INVAL_DATA)
        /// Listings come with entries.
        public static let readdirPlus = Capabilities(FUSE_CAP_READDIRPLUS)
        /// The kernel guesses which listings are to come with entries.
        public static let readdirPlusAutomatic = Capabilities(FUSE_CAP_READDIRPLUS_AUTO)
        /// Several lookups and listings of one directory at a time.
        public static let parallelDirectoryOperations = Capabilities(FUSE_CAP_PARALLEL_DIROPS)
        /// Several direct reads and writes of one opening at a time.
        public static let asynchronousDirectIO = Capabilities(FUSE_CAP_ASYNC_DIO)
        /// write(2) returns before the file system has the data, and cannot report its errors.
        public static let writebackCache = Capabilities(FUSE_CAP_WRITEBACK_CACHE)
        /// What symbolic links lead to is kept in the page cache.
        public static let cacheSymbolicLinks = Capabilities(FUSE_CAP_CACHE_SYMLINKS)
        /// ``Notifier/expire(entry:parent:)`` works.
        public static let expireEntries = Capabilities(FUSE_CAP_EXPIRE_ONLY)
    }

    /// The kernel's version of the FUSE protocol.
    public let protocolVersion: (major: UInt32, minor: UInt32)
    /// What the kernel can do.
    public let available: Capabilities
    /// What it is asked to do; what is not available is left out.
    public var wanted: Capabilities
    /// The largest write, in bytes.
    public var maximumWrite: UInt32
    /// The largest read-ahead, in bytes.
    public var maximumReadAhead: UInt32
    /// How many read-aheads and other background requests may be under way.
    public var maximumBackground: UInt32

    init(_ connection: fuse_conn_info) {
        protocolVersion = (connection.proto_major, connection.proto_minor)
        available = Capabilities(rawValue: connection.capable)
        wanted = Capabilities(rawValue: connection.want)
        maximumWrite = connection.max_write
        maximumReadAhead = connection.max_readahead
        maximumBackground = connection.max_background
    }

    /// The wishes of a file system whose content changes behind the kernel's back and whose writes must report.
    ///
    /// A listing always comes with entries, because the tools that walk a tree ask for each of them anyway; the
    /// writeback cache stays off, because it acknowledges writes that may still fail; splice stays off, because for
    /// small messages it costs more than the copy.
    mutating func setDefaults() {
        wanted.formUnion([
            .asynchronousRead, .atomicTruncate, .automaticInvalidation, .readdirPlus, .parallelDirectoryOperations,
            .asynchronousDirectIO, .expireEntries,
        ])
        wanted.subtract([
            .readdirPlusAutomatic, .writebackCache,
            Capabilities(rawValue: UInt32(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE)),
        ])
        maximumWrite = min(maximumWrite, 1 << 20)
        maximumBackground = 64
    }

    func apply(to connection: inout fuse_conn_info) {
        connection.want = wanted.intersection(available).rawValue
        connection.max_write = maximumWrite
        connection.max_readahead = maximumReadAhead
        connection.max_background = maximumBackground
    }
}
