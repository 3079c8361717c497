public import ProviderAPI

/// All providers as one tree of nodes. It does no I/O of its own and knows nothing of FUSE.
public final class Tree: Sendable {
    /// The mount point.
    public let root: any DirectoryNode

    init(root: any DirectoryNode) {
        self.root = root
    }

    /// Calls the observer, from any thread, with what readers may have kept and is no longer so. Once, at start.
    public func observe(_ observer: @escaping @Sendable ([TreeChange]) -> Void) {}

    /// Notes a failed request for `errors`, `.error` and the log: once, at the door where it got its errno.
    public func record(_ error: ProviderError, errno: String, operation: String, path: String, caller: Caller) {}

    /// How many resources are known, for `statfs`.
    public var resourceCount: Int { 0 }

    /// Ends what runs in the background and lets go of the providers.
    public func close() async {}
}
