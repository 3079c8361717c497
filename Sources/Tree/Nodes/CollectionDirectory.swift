import Inventory
import ProviderAPI

/// All resources of one kind: `vms`, `disks`, ...
struct CollectionDirectory<Item: Described>: DirectoryNode {
    let context: CollectionContext<Item>

    var inode: UInt64 { Identity.inode(context.scope.name, Item.kind, "", "") }
    var path: String { context.path }

    private var canMake: Bool {
        guard !context.scope.live.policy.isReadOnly, let operation = Item.kind.creation else { return false }
        return context.scope.offers(operation)
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        // From memory alone: a listing of the provider's directory must not wait for a platform that does not answer.
        let known = context.live.membership
        return .now(
            NodeStatus(
                .directory, isWritable: canMake, modified: known.modified,
                validity: known.isLoaded ? context.validity("") : .none))
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let context = context
        // From memory, and in an outage too, where no resource can be looked at. A resource's own leading dot is encoded.
        if name == ".error" {
            return .now(ComputedFile(path: "\(path)/.error", failures: context.scope, of: path))
        }
        // What memory tells at once takes no closures, which cost more than all else here.
        if let record = context.live.recordAtHand(named: name) { return .now(Self.node(context, record)) }
        if context.live.isAbsent(named: name) { throw Self.absent(name, context) }
        return try context.live.record(named: name).map { record throws(ProviderError) in
            guard let record else { throw Self.absent(name, context) }
            return Self.node(context, record)
        }
    }

    private static func absent(_ name: String, _ context: CollectionContext<Item>) -> ProviderError {
        ProviderError(.notFound, "there is no \(context.path)/\(name)")
    }

    static func node(_ context: CollectionContext<Item>, _ record: Record<Item>) -> any Node {
        if let buckets = context as? CollectionContext<Bucket>, let record = record as? Record<Bucket> {
            return BucketNodes.directory(buckets, record)
        }
        return ResourceDirectory(resource: ResourceReference(context, record))
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        let context = context
        return try context.live.listing().map { listing in
            var names = listing.names
            if let isConcealed = Item.schema.isConcealed {
                names.removeAll { context.live.known(named: $0).map { isConcealed($0.item) } ?? false }
            }
            return CollectionReader(context: context, names: names)
        }
    }

    // MARK: Changes

    /// `mkdir` creates it now, from the default profile.
    func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node> {
        try create(name, from: nil, by: caller)
    }

    /// Creates a resource from a draft, or from nothing but its profile.
    func create(
        _ name: String, from draft: DraftStore.Draft?, by caller: Caller
    ) throws(ProviderError) -> Answer<any Node> {
        guard canMake else {
            throw context.scope.live.policy.isReadOnly
                ? ProviderError(.readOnly, "this provider is configured read_only: nothing can be made in \(path)")
                : ProviderError(.notPermitted, "this provider cannot create a \(Item.kind.singular)")
        }
        let context = context
        let specification = try Drafting(context.scope).specification(
            try Parsing.platformName(name), draft, parameters: context.live.service.parameters, kind: Item.kind,
            facts: context.factNames)
        // The audit trail is read by others than those who know the secrets.
        let shown = specification.redacted(context.live.service.parameters)
        let request = context.scope.request(
            caller, "\(path)/\(name)",
            new: .map(shown.values.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }))
        return .later { () async throws(ProviderError) -> any Node in
            try await context.live.create(specification, request)
            guard let record = try await context.live.record(named: name).value() else {
                throw ProviderError(.failed, "\(context.path)/\(name) was created and is not listed yet")
            }
            return Self.node(context, record)
        }
    }

    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let context = context
        let path = path
        return .later { () async throws(ProviderError) in
            guard let record = try await context.live.record(named: name).value() else {
                throw ProviderError(.notFound, "there is no \(path)/\(name)")
            }
            let resource = ResourceReference(context, record)
            let whole = try await context.live.record(record.item.id, .init(detail: true)).value()
            try resource.permitRemoval(by: caller)
            let hidden = resource.workspace.hidden(of: resource.inode)
            let before = Item.schema.beforeDeletion(whole.item, context.scope.live.policy, hidden)
            let request = context.scope.request(caller, "\(path)/\(name)", old: .text(record.item.id.rawValue))
            do throws(ProviderError) {
                try await context.live.delete(record.item.id, request, before: before)
                resource.workspace.showAll(of: resource.inode)
            } catch {
                // What was hidden on the way is still there.
                resource.workspace.showAll(of: resource.inode)
                throw error
            }
        }
    }

    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        if let draft = node as? DraftDirectory { return try commit(draft, as: name, by: caller) }
        if let resource = node as? ResourceDirectory<Item> { return try rename(resource, to: name, by: caller) }
        if let element = node as? ElementDirectory<VirtualMachine>, Item.self == Disk.self {
            guard element.resource.scope === context.scope else {
                throw ProviderError(.unsupported, "a disk stays with its provider")
            }
            let volumes = context as? CollectionContext<Disk>
            return try DiskMoves.detach(element, as: name, by: caller) { volumes?.live.known($0)?.entryName }
        }
        throw ProviderError(.notPermitted, "\(node.path) cannot be moved to \(path)/\(name)")
    }

    private func commit(_ node: DraftDirectory, as name: String, by caller: Caller) throws(ProviderError) -> Answer<
        Void
    > {
        guard node.below.isEmpty, node.scope === context.scope, node.shelf == "drafts/\(Item.kind.rawValue)" else {
            throw ProviderError(
                .invalidValue, "\(node.path) is no draft of \(path): make it in drafts/\(Item.kind.rawValue)")
        }
        let directory = self
        let store = context.scope.drafts
        return try context.live.record(named: name).then { existing throws(ProviderError) in
            guard existing == nil else {
                throw ProviderError(.alreadyExists, "\(directory.path)/\(name) is there already")
            }
            let draft = store.draft(node.name, on: node.shelf)
            return try directory.create(name, from: draft, by: caller).map { _ throws(ProviderError) in
                try store.remove(node.name, from: node.shelf)
            }
        }
    }

    private func rename(
        _ node: ResourceDirectory<Item>, to name: String, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard node.resource.scope === context.scope else {
            throw ProviderError(.unsupported, "\(node.path) cannot be moved to another provider")
        }
        guard let rename = Item.schema.rename, let operation = Item.schema.renaming, context.scope.offers(operation)
        else {
            throw ProviderError(.unsupported, "this provider cannot rename a \(Item.kind.singular)")
        }
        let newName = try Parsing.platformName(name)
        let context = context
        let resource = node.resource
        return try context.live.record(named: name).then { existing throws(ProviderError) in
            if let existing, existing.item.id != resource.id {
                throw ProviderError(.alreadyExists, "\(context.path)/\(name) is there already")
            }
            return resource.apply(resource.path, old: .text(resource.path), new: .text(newName), by: caller) { item in
                item.name == newName ? nil : rename(newName)
            }
        }
    }
}

extension CollectionContext {
    /// The names that a backup of such a resource holds, and that a draft passes over where they are no parameters; those
    /// of an element's files as `GROUP/FILE`.
    var factNames: Set<String> {
        let files = groups.flatMap { group -> [String] in
            guard case .directories(let files) = group.shape else { return [] }
            return (files.map(\.name) + ["data"]).map { "\(group.name)/\($0)" }
        }
        return Set(attributes.map(\.name) + groups.map(\.name) + files + ["info", "info.json", "data"])
    }
}

/// Reads a collection by the names it had when reading began; what has gone since is passed over.
private struct CollectionReader<Item: Described>: DirectoryReader {
    let context: CollectionContext<Item>
    let names: [String]

    func entries(from position: Int, limit: Int) throws(ProviderError) -> Answer<[DirectoryEntry]> {
        var entries: [DirectoryEntry] = []
        for name in names.dropFirst(position).prefix(limit) {
            guard let record = context.live.known(named: name) else {
                // A name that is gone keeps its position, so that the ones after it keep theirs.
                entries.append(DirectoryEntry(name, MissingNode(path: "\(context.path)/\(name)")))
                continue
            }
            entries.append(DirectoryEntry(name, CollectionDirectory<Item>.node(context, record)))
        }
        return .now(entries)
    }
}

/// A name that was listed and is gone.
struct MissingNode: Node {
    let path: String

    var inode: UInt64 { Identity.inode(path: path) }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        throw ProviderError(.notFound, "there is no \(path)")
    }
}
