import Inventory
import ProviderAPI

/// Something that came about at a path, for those who watch it.
public struct Happening: Sendable, Hashable {
    /// What came about.
    public enum What: Sendable, Hashable {
        case added
        case changed
        case removed
    }

    /// The path below the mount point.
    public let path: String
    /// What came about.
    public let what: What

    /// A happening.
    public init(_ what: What, at path: String) {
        self.path = path
        self.what = what
    }

    /// Those that changes of resources bring, each resource itself before what is in it.
    static func of(_ changes: [InventoryChange], provider: String) -> [Happening] {
        let renamed = Set(changes.filter { $0.what == .renamed }.map(\.id))
        return changes.flatMap { of($0, isRenamed: renamed.contains($0.id), provider) }
    }

    private static func of(_ change: InventoryChange, isRenamed: Bool, _ provider: String) -> [Happening] {
        let path = "\(provider)/\(change.kind.rawValue)/\(change.entryName)"
        switch change.what {
        case .added: return [Happening(.added, at: path)]
        case .removed, .renamed: return [Happening(.removed, at: path)]
        case .changed(let attributes):
            return [Happening(isRenamed ? .added : .changed, at: path)]
                + attributes.map { Happening(.changed, at: "\(path)/\($0)") }
        }
    }
}
