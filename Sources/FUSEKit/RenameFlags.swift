/// The flags of renameat2(2) that reach a file system.
public struct RenameFlags: OptionSet, Sendable, Hashable {
    /// The flags as renameat2(2) has them.
    public let rawValue: UInt32

    /// Flags as renameat2(2) has them.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// RENAME_NOREPLACE: fail with EEXIST where the new name exists.
    public static let noReplace = RenameFlags(rawValue: 1 << 0)
    /// RENAME_EXCHANGE: swap the two names; both must exist.
    public static let exchange = RenameFlags(rawValue: 1 << 1)
}
