import Synchronization

/// What the kernel asks, by the names of the FUSE protocol.
enum KernelOperation: Int, CaseIterable, Sendable {
    case lookup, forget, getattr, setattr, readlink, statfs
    case mkdir, unlink, rmdir, mknod, symlink, link, rename
    case open, create, read, write, flush, fsync, release, lseek, poll
    case opendir, readdir, releasedir, fsyncdir
    case getxattr, listxattr, setxattr, removexattr
}

/// How often the kernel has asked for each operation.
final class OperationCounts: Sendable {
    private let counts = Mutex(ContiguousArray(repeating: 0, count: KernelOperation.allCases.count))

    /// Counts one.
    func count(_ operation: KernelOperation) {
        counts.withLock { $0[operation.rawValue] += 1 }
    }

    /// All counts, by the name of the operation.
    var all: [String: Int] {
        let counts = counts.withLock { $0 }
        return Dictionary(uniqueKeysWithValues: zip(KernelOperation.allCases.map { "\($0)" }, counts))
    }
}
