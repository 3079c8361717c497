import Inventory
import ProviderAPI

/// All files and directories that a resource of one kind has. The tree, README, `info`, what counts as a change: all of
/// it comes from here.
struct ResourceSchema<Item: Resource>: Sendable {
    /// One line for README and people.
    var help: String
    /// The attributes, in the order of `info`.
    var attributes: [Attribute<Item>]
    /// The directories.
    var groups: [Group<Item>] = []
    /// The directories whose entries are the resource's own (`dns/ZONE/NAME`).
    var inline: Group<Item>?
    /// Why it may not be deleted now; nil where it may.
    var obstacle: @Sendable (Item, Policy) -> ProviderError? = { _, _ in nil }
    /// What must be done before it is deleted; `hidden` names the elements that were removed on the way (`snapshots/s1`).
    var beforeDeletion: @Sendable (Item, Policy, _ hidden: Set<String>) -> [Item.Change] = { _, _, _ in [] }
    /// What a new name means; nil where it cannot be renamed.
    var rename: (@Sendable (String) -> Item.Change)?
    /// The operation that renames it.
    var renaming: Operation?
    /// Whether a listing leaves it out; nil where none is left out.
    var isConcealed: (@Sendable (Item) -> Bool)?

    /// The paths of the attributes that differ between two states. What an incomplete state lacks is passed over.
    func differences(_ old: Item, _ new: Item) -> [String] {
        guard old != new else { return [] }
        let isComplete = old.isComplete && new.isComplete
        var paths: [String] = []
        for attribute in attributes where isComplete || !attribute.isDetail {
            guard let read = attribute.read, read(old) != read(new) else { continue }
            paths.append(attribute.name)
        }
        if isComplete {
            for group in groups { paths += differences(group, old, new) }
            if let inline { paths += differences(inline, old, new) }
        }
        if !paths.isEmpty { paths += ["info", "info.json"] }
        return paths
    }

    private func differences(_ group: Group<Item>, _ old: Item, _ new: Item) -> [String] {
        let before = group.elements(old)
        let after = group.elements(new)
        var paths: [String] = before == after ? [] : [group.name]
        paths += before.filter { !after.contains($0) }.map(group.path)
        paths += after.filter { !before.contains($0) }.map(group.path)
        for element in after where before.contains(element) {
            let base = group.path(element)
            if case .files = group.shape {
                if group.value(of: old, element) != group.value(of: new, element) { paths.append(base) }
                continue
            }
            let was = Dictionary(group.files(of: old, element).map { ($0.name, $0.read(old, element)) }) { $1 }
            for file in group.files(of: new, element) where was[file.name] != file.read(new, element) {
                paths.append("\(base)/\(file.name)")
            }
        }
        return paths
    }

    /// Everything listed about an item, as `info` shows it.
    func info(_ item: Item, _ isOffered: (Operation?) -> Bool) -> Value {
        var entries: [Value.Entry] = []
        for attribute in attributes where attribute.isListed && isOffered(attribute.requires) {
            guard let read = attribute.read, attribute.isPart(of: item) else { continue }
            entries.append(.init(attribute.name, read(item)))
        }
        for group in groups where isOffered(group.requires) {
            entries.append(.init(group.name, group.value(of: item)))
        }
        if let inline, case .map(let elements) = inline.value(of: item) { entries += elements }
        return .map(entries)
    }
}

extension Group {
    /// The path of an element below its resource.
    func path(_ element: String) -> String {
        let entry = EntryName.encode(element)
        return name.isEmpty ? entry : "\(name)/\(entry)"
    }
}

/// A kind of resource that the tree can show.
protocol Described: Resource {
    /// Its files and directories.
    static var schema: ResourceSchema<Self> { get }
}
