import FUSEKit
import Glibc
import Tree

extension Attributes {
    /// What stat(2) says of a node.
    ///
    /// The three times are the content's: a time that moves by itself makes tar report that a file changed as it was
    /// read. A directory has one link, which find(1) takes as "the number of subdirectories is not told".
    init(_ status: NodeStatus, inode: UInt64, options: MountBridgeOptions) {
        let (seconds, nanoseconds) = status.modified.quotientAndRemainder(dividingBy: 1_000_000_000)
        let time =
            nanoseconds < 0
            ? Timestamp(seconds: Int(seconds) - 1, nanoseconds: Int(nanoseconds) + 1_000_000_000)
            : Timestamp(seconds: Int(seconds), nanoseconds: Int(nanoseconds))
        self.init(
            inode: inode, mode: Self.mode(of: status, options), uid: options.uid, gid: options.gid, size: status.size,
            blocks: status.allocated.map { ($0 + 511) / 512 },
            // Bulk content is moved in large pieces.
            blockSize: status.allocated == nil ? 4096 : 1 << 20, modificationTime: time)
    }

    private static func mode(of status: NodeStatus, _ options: MountBridgeOptions) -> UInt32 {
        switch status.kind {
        case .directory:
            let bits: UInt32 = (status.isWritable ? 0o777 : 0o555) & options.permissionMask
            return S_IFDIR | bits | (status.isPublic ? 0o004 : 0)
        case .link: return S_IFLNK | 0o777
        case .file:
            let mask = options.permissionMask & (status.isPrivate ? 0o700 : 0o777)
            let bits: UInt32 = (status.isWritable ? 0o666 : 0o444) & mask
            return S_IFREG | bits | (status.isPublic ? 0o004 : 0)
        }
    }

    /// Where only the type of a node is known, as a listing tells it.
    init(_ node: any Node, inode: UInt64) {
        self.init(
            inode: inode,
            mode: node.asFile != nil
                ? S_IFREG : node.asDirectory != nil ? S_IFDIR : node is any LinkNode ? S_IFLNK : S_IFREG)
    }
}

extension Validity {
    /// Seconds for which the kernel may answer by itself. What changes with notice is good for an hour, which is long
    /// enough to cost nothing and short enough to heal a notice that was lost.
    var timeout: Double {
        switch self {
        case .untilChanged: 3600
        case .lasting(let duration): max(0, duration / .seconds(1))
        case .none: 0
        }
    }
}

extension NodeStatus {
    /// Tells apart two statuses of one file whose size or time differ: what the kernel keeps of it. Never 0.
    var stamp: UInt64 {
        let mixed = UInt64(bitPattern: modified) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: Int64(size))
        let spread = (mixed ^ mixed >> 29) &* 0xBF58_476D_1CE4_E5B9
        return spread == 0 ? 1 : spread
    }
}

extension Content {
    /// Tells apart two contents. Never 0.
    var version: UInt64 {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        return hash == 0 ? 1 : hash
    }
}
