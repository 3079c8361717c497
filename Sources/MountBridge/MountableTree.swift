import ProviderAPI
import Tree

/// What of a ``Tree`` a mount uses. Another than a tree can be mounted in its place.
protocol MountableTree: Sendable {
    /// The mount point.
    var root: any DirectoryNode { get }
    /// How many resources are known.
    var resourceCount: Int { get }
    /// Calls the observer with what readers may have kept and is no longer so.
    func observe(_ observer: @escaping @Sendable ([TreeChange]) -> Void)
    /// Calls the watcher with what came about.
    func watch(_ watcher: @escaping @Sendable ([Happening]) -> Void)
    /// Notes a failed request; false where it only repeats one of a moment ago. `isLook`: of what asks for no change.
    func record(_ error: ProviderError, errno: String, operation: String, path: String, isLook: Bool) -> Bool
}

extension Tree: MountableTree {}
