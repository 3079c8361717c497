import CFUSE

/// A name in a directory and the file it leads to: the answer to a lookup or a creation.
///
/// Each entry that the kernel accepts adds one to its count of lookups of that inode; see ``FileSystem/forget(_:count:)``.
public struct Entry: Sendable, Hashable {
    /// The number by which the kernel asks for this file from now on; 1 is the root, 0 says that no such name exists.
    public var inode: UInt64
    /// Tells apart two files that were given the same inode number one after the other.
    public var generation: UInt64
    /// What stat(2) says of the file; must be right even where ``attributeTimeout`` is 0.
    public var attributes: Attributes
    /// For how many seconds the kernel may answer stat(2) from these attributes.
    public var attributeTimeout: Double
    /// For how many seconds the kernel may take the name to lead to this inode without asking.
    public var entryTimeout: Double

    /// An entry for a file.
    public init(
        inode: UInt64, generation: UInt64 = 0, attributes: Attributes, attributeTimeout: Double = 0,
        entryTimeout: Double = 0
    ) {
        self.inode = inode
        self.generation = generation
        self.attributes = attributes
        self.attributeTimeout = attributeTimeout
        self.entryTimeout = entryTimeout
    }

    /// The answer that no such name exists, which the kernel may remember for so many seconds.
    public static func absent(timeout: Double) -> Entry {
        Entry(inode: 0, attributes: Attributes(inode: 0, mode: 0), entryTimeout: timeout)
    }

    var parameters: fuse_entry_param {
        fuse_entry_param(
            ino: inode, generation: generation, attr: attributes.stat, attr_timeout: attributeTimeout,
            entry_timeout: entryTimeout)
    }
}
