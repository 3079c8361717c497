import Inventory
import ProviderAPI

/// The elements of a resource as a directory: `disks`, `nics`, `snapshots`, `metadata`. An inline group has no directory
/// of its own: its elements are entries of the resource's, `directory`.
struct GroupDirectory<Item: Described>: DirectoryNode {
    let resource: ResourceReference<Item>
    let group: Group<Item>
    let directory: ResourceDirectory<Item>?

    var inode: UInt64 { group.name.isEmpty ? resource.inode : resource.inode(group.name) }
    var path: String { group.name.isEmpty ? resource.path : "\(resource.path)/\(group.name)" }

    private var canMake: Bool {
        guard !resource.scope.live.policy.isReadOnly else { return false }
        if case .open = group.shape { return resource.scope.offers(.updateDNS) }
        return group.make.map { resource.scope.offers($0.operation) } ?? false
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let validity = resource.context.validity(group.name)
        let isWritable = canMake
        return try resource.reading(resource.need(group.name)) { record in
            NodeStatus(
                .directory, isWritable: isWritable, modified: record.modified(group.name), validity: validity)
        }
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let resource = resource
        let group = group
        let path = path
        if let scratch = resource.scope.scratch.file(name, in: self) { return .now(scratch) }
        guard let element = EntryName.decode(name), !isHidden(name) else { throw missing(name) }
        return try resource.reading(resource.need(detail: true, group.name)) { record throws(ProviderError) in
            let isMade = resource.workspace.made(of: resource.inode).contains(group.path(element))
            guard isMade || group.elements(record.item).contains(element) else {
                throw ProviderError(.notFound, "there is no \(path)/\(name)")
            }
            return Self.node(resource, group, element)
        }
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        try resource.reading(resource.need(detail: true, group.name)) { record in EntryList(self.entries(record.item)) }
    }

    /// What a listing shows of an item.
    func entries(_ item: Item) -> [DirectoryEntry] {
        let made = resource.workspace.made(of: resource.inode).filter { group.name.isEmpty && !$0.contains("/") }
        let names = Set(group.elements(item)).union(made.compactMap(EntryName.decode))
        return names.sorted().compactMap { element in
            let name = EntryName.encode(element)
            return isHidden(name) ? nil : DirectoryEntry(name, Self.node(resource, group, element))
        }
    }

    private func isHidden(_ name: String) -> Bool {
        resource.workspace.isHidden(group.name.isEmpty ? name : "\(group.name)/\(name)", of: resource.inode)
    }

    private func missing(_ name: String) -> ProviderError { ProviderError(.notFound, "there is no \(path)/\(name)") }

    private static func node(
        _ resource: ResourceReference<Item>, _ group: Group<Item>, _ element: String
    ) -> any Node {
        if case .files(let file) = group.shape {
            return ElementFile(resource: resource, group: group, element: element, file: file)
        }
        return ElementDirectory(resource: resource, group: group, element: element)
    }

    // MARK: Changes

    func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node> {
        guard let element = EntryName.decode(name) else {
            throw ProviderError(.invalidValue, "'\(name)' is no encoded name: write % as %25")
        }
        try permitMaking()
        let resource = resource
        let group = group
        if case .open = group.shape {
            resource.workspace.make(group.path(element), of: resource.inode)
            return .now(Self.node(resource, group, element))
        }
        guard case .directories = group.shape, let make = group.make, canMake else {
            throw ProviderError(.notPermitted, "no directory can be made in \(path)")
        }
        let answer = resource.apply("\(path)/\(name)", old: .none, new: .text(element), by: caller) {
            item throws(ProviderError) in try make.change(element, item)
        }
        return try answer.map { Self.node(resource, group, element) }
    }

    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard let element = EntryName.decode(name) else { throw missing(name) }
        try resource.permitRemovalOfPart(by: caller)
        let relative = group.path(element)
        if case .files = group.shape { throw ProviderError(.notDirectory, "\(path)/\(name) is a file") }
        if resource.workspace.isRemoving(resource.inode, caller) {
            try resource.permitRemoval(by: caller)
            resource.workspace.hide(relative, of: resource.inode, by: caller)
            return .done
        }
        if case .open = group.shape { return try removeOpen(element, relative, by: caller) }
        return try removeElement(element, relative, by: caller)
    }

    func removeFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        if resource.scope.scratch.remove(name, in: inode) { return .done }
        guard case .files = group.shape, let element = EntryName.decode(name) else {
            throw ProviderError(.isDirectory, "\(path)/\(name) is a directory")
        }
        try resource.permitRemovalOfPart(by: caller)
        if resource.workspace.isRemoving(resource.inode, caller) {
            try resource.permitRemoval(by: caller)
            resource.workspace.hide(group.path(element), of: resource.inode, by: caller)
            return .done
        }
        return try removeElement(element, group.path(element), by: caller)
    }

    private func removeElement(
        _ element: String, _ relative: String, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard let remove = group.remove, resource.scope.offers(remove.operation) else {
            throw ProviderError(.notPermitted, "\(path)/\(element) cannot be removed")
        }
        let resource = resource
        let group = group
        let removal = resource.apply("\(resource.path)/\(relative)", old: .text(element), new: .none, by: caller) {
            item throws(ProviderError) in
            guard group.elements(item).contains(element) else {
                throw ProviderError(.notFound, "there is no \(resource.path)/\(relative)")
            }
            return try remove.change(element, item)
        }
        return .later { () async throws(ProviderError) in
            // What was hidden on the way is gone now, or still there.
            defer { resource.workspace.show(relative, of: resource.inode) }
            try await removal.value()
            resource.workspace.unmake(relative, of: resource.inode)
        }
    }

    /// A directory that exists as long as something is in it.
    private func removeOpen(
        _ element: String, _ relative: String, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        let resource = resource
        let group = group
        return try resource.reading(resource.need(detail: true, group.name)) { record throws(ProviderError) in
            guard !group.elements(record.item).contains(element) else {
                throw ProviderError(.notEmpty, "\(resource.path)/\(relative) still has records")
            }
            resource.workspace.unmake(relative, of: resource.inode)
        }
    }

    private func permitMaking() throws(ProviderError) {
        guard resource.scope.live.policy.isReadOnly else { return }
        throw ProviderError(.readOnly, "this provider is configured read_only: nothing can be made in \(path)")
    }

    func createFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<CreatedFile> {
        if ScratchStore.isScratchName(name), name.hasPrefix(".") || name.hasPrefix("sed") {
            return try resource.scope.scratch.make(name, in: self, by: caller)
        }
        try permitMaking()
        guard case .files(let file) = group.shape, canMake, let element = EntryName.decode(name) else {
            throw ProviderError(.notPermitted, "no file can be made in \(path)")
        }
        _ = try Parsing.name(element)
        resource.workspace.show(group.path(element), of: resource.inode)
        resource.workspace.make(group.path(element), of: resource.inode)
        let node = ElementFile(resource: resource, group: group, element: element, file: file)
        return .now(CreatedFile(node: node, file: node.creation()))
    }

    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        if let scratch = node as? ScratchFile, case .files(let file) = group.shape,
            let element = EntryName.decode(name)
        {
            let target = ElementFile(resource: resource, group: group, element: element, file: file)
            return try target.write(scratch.bytes, by: caller).map { scratch.remove() }
        }
        if let draft = node as? DraftDirectory { return try commit(draft, as: name, by: caller) }
        if let disk = node as? ResourceDirectory<Disk>, group.name == "disks",
            let machine = resource as? ResourceReference<VirtualMachine>
        {
            return try DiskMoves.attach(disk.resource, to: machine, by: caller)
        }
        throw ProviderError(.notPermitted, "\(node.path) cannot be moved to \(path)/\(name)")
    }

    /// Makes an element as a draft of `drafts/GROUP` describes it.
    private func commit(_ draft: DraftDirectory, as name: String, by caller: Caller) throws(ProviderError) -> Answer<
        Void
    > {
        guard draft.below.isEmpty, draft.scope === resource.scope, draft.shelf == "drafts/\(group.name)",
            let make = group.make, let change = group.makeFromDraft
        else { throw ProviderError(.notPermitted, "\(draft.path) is no draft of \(path)") }
        try permitMaking()
        guard resource.scope.offers(make.operation) else { throw .unsupported(make.operation) }
        let store = resource.scope.drafts
        let specification = try Drafting(resource.scope).specification(
            try Parsing.platformName(name), store.draft(draft.name, on: draft.shelf),
            parameters: draft.shelfNode.parameters, kind: draft.shelfNode.kind, facts: draft.shelfNode.facts)
        let answer = resource.apply("\(path)/\(name)", old: .none, new: .text(specification.name), by: caller) { _ in
            change(specification)
        }
        return try answer.map { _ throws(ProviderError) in try store.remove(draft.name, from: draft.shelf) }
    }
}
