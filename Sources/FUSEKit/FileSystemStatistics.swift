import Glibc

/// What statfs(2) says. A file system of no blocks at all is hidden by df(1), so the default is 1 PiB, all free.
public struct FileSystemStatistics: Sendable, Hashable {
    /// The size of a block, in bytes.
    public var blockSize: Int
    /// The size of the file system, in blocks.
    public var blocks: Int
    /// The blocks that are free.
    public var freeBlocks: Int
    /// The blocks that are free to ordinary users.
    public var availableBlocks: Int
    /// The number of files there may be.
    public var files: Int
    /// How many more files there may be.
    public var freeFiles: Int
    /// The longest name, in bytes.
    public var nameLength: Int

    /// The statistics of a file system; all that is free is available.
    public init(
        blockSize: Int = 4096, blocks: Int = 1 << 38, freeBlocks: Int = 1 << 38, files: Int = 1 << 32,
        freeFiles: Int = 1 << 32, nameLength: Int = 255
    ) {
        self.blockSize = blockSize
        self.blocks = blocks
        self.freeBlocks = freeBlocks
        self.availableBlocks = freeBlocks
        self.files = files
        self.freeFiles = freeFiles
        self.nameLength = nameLength
    }

    var statvfs: Glibc.statvfs {
        var result = Glibc.statvfs()
        result.f_bsize = UInt(blockSize)
        result.f_frsize = UInt(blockSize)
        result.f_blocks = fsblkcnt_t(blocks)
        result.f_bfree = fsblkcnt_t(freeBlocks)
        result.f_bavail = fsblkcnt_t(availableBlocks)
        result.f_files = fsfilcnt_t(files)
        result.f_ffree = fsfilcnt_t(freeFiles)
        result.f_favail = fsfilcnt_t(freeFiles)
        result.f_namemax = UInt(nameLength)
        return result
    }
}
