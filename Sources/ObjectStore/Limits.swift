/// How much memory and how many calls the layer may use; each with its reason.
enum Limits {
    /// Bytes of one piece of a streamed upload: S3 takes parts from 5 MiB up, and 8 MiB keeps a fast line full.
    static let part = 8 << 20
    /// Bytes a file keeps for changes that are not in order before it streams them: a few parts, so that what a kernel
    /// or an editor writes back out of order costs no second pass over the object.
    static let changes = 32 << 20
    /// Separate changed ranges a file keeps: bounds the bookkeeping of scattered single bytes.
    static let changedRanges = 4096
    /// Bytes of zeros sent at once for a hole.
    static let zeros = 4 << 20
    /// Bytes of the first ranged read of what looks sequential: small files come whole, and `head` wastes little.
    static let firstRange = 512 << 10
    /// Small objects fetched ahead of who reads a directory, and their bytes: many answers at a time, while little is lost
    /// where the reader ends there.
    static let filesAhead = 32
    static let bytesAhead = 4 << 20
    /// Names that such a reader may leave out.
    static let namesLeftOut = 8
    /// How long they wait for the reader.
    static let aheadWindow = Duration.seconds(30)
    /// Bytes of the largest ranged read: beyond it one connection is no faster.
    static let largestRange = 8 << 20
    /// Bytes of the pieces in which a range is kept while it comes: as many as the kernel asks for at once.
    static let piece = 1 << 20
    /// Pieces kept to be used again, so that a stream through a mount does not ask for fresh memory all the time.
    static let sparePieces = 16
    /// Bytes read ahead for one reader: four of the largest ranges in parallel.
    static let readAhead = 32 << 20
    /// How long one ranged read should take at most: on a slow line a large range would be waited for too long by whoever
    /// wants its first bytes.
    static let longestRead = Duration.seconds(2)
    /// Bytes kept behind a sequential reader: the kernel's own read-ahead asks for 128 KiB pieces out of order.
    static let readBehind = 1 << 20
    /// How far from the end of the last read the next may be to go on from it: two of the kernel's pieces.
    static let outOfOrder = 256 << 10
    /// Writes remembered until the store's listing shows them: more than can be made while a page is good.
    static let recentChanges = 4096
    /// How long they are: stores that list late do so by seconds, and what others change has to show within as many.
    static let recentWindow = Duration.seconds(5)
    /// Look-ups of nothing that are remembered, and for how long: as a stat(2) is good for.
    static let absences = 1024
    static let absenceWindow = Duration.seconds(1)
    /// How long a page of a listing is good for, and how long it is remembered what it was a page of.
    static let pageWindow = Duration.seconds(1)
    static let pageMemory = Duration.seconds(60)
    /// Pages kept, of a thousand entries each.
    static let pages = 8
    /// Look-ups in one directory within the window that ask for one name each, before its page serves them.
    static let singleLookUps = 3
    /// Directories remembered as existing after their last object was removed.
    static let keptDirectories = 4096
    /// Copies or deletions in flight while a directory is renamed.
    static let parallelCopies = 16
    /// Bytes of an object: more than any store takes, and far from where numbers end.
    static let object = 64 << 40
    /// Bytes of a key that S3 and its like take.
    static let key = 1024
    /// Bytes of one name in a directory (NAME_MAX).
    static let name = 255
}
