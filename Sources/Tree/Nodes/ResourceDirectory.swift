import Inventory
import ProviderAPI

/// A resource as a directory of its attributes, groups and hidden helpers.
struct ResourceDirectory<Item: Described>: DirectoryNode {
    let resource: ResourceReference<Item>

    var inode: UInt64 { resource.inode }
    var path: String { resource.path }
    var resourceName: String? { resource.entryName }
    private var context: CollectionContext<Item> { resource.context }
    private var scope: Scope { resource.scope }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let validity = context.validity("")
        let isWritable = !scope.live.policy.isReadOnly
        return try resource.reading(resource.need("")) { record in
            NodeStatus(.directory, isWritable: isWritable, modified: record.modified, validity: validity)
        }
    }

    // MARK: Names

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        if !resource.workspace.isHidden(name, of: inode), let node = plain(name) {
            return .now(node)
        }
        if let scratch = scope.scratch.file(name, in: self) { return .now(scratch) }
        if let node = special(name) { return .now(node) }
        if let inline = Item.schema.inline {
            return try GroupDirectory(resource: resource, group: inline, directory: self).child(name, for: caller)
        }
        throw ProviderError(.notFound, "there is no \(path)/\(name)")
    }

    private func plain(_ name: String) -> (any Node)? {
        if let offered = context.offered.first(where: { $0.attribute.name == name }) {
            return AttributeFile(resource: resource, offered: offered)
        }
        if let group = context.groups.first(where: { $0.name == name }) {
            return GroupDirectory(resource: resource, group: group, directory: nil)
        }
        if let format = InfoFile<Item>.Format(rawValue: name), !context.attributes.isEmpty {
            return InfoFile(resource: resource, format: format)
        }
        if name == "data", let bulk = bulk { return BulkFile(resource: resource, service: bulk) }
        return nil
    }

    private var bulk: (any BulkService<Item>)? { context.bulk }

    private func special(_ name: String) -> (any Node)? {
        switch name {
        case ".error": ComputedFile(path: "\(path)/.error", failures: scope, of: path)
        case ".wait", ".serial", ".console":
            (resource as? ResourceReference<VirtualMachine>).flatMap { MachineSpecials.node(name, $0) }
        default: nil
        }
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        let resource = resource
        let context = context
        return try self.resource.record(detail: context.hasDetailInInfo, "info").then { record throws(ProviderError) in
            resource.workspace.noteListing(resource.inode, caller)
            let hidden = resource.workspace.hidden(of: resource.inode)
            var entries: [DirectoryEntry] = []
            for offered in context.offered
            where offered.attribute.isListed && !hidden.contains(offered.attribute.name)
                && offered.attribute.isPart(of: record.item)
            {
                entries.append(.init(offered.attribute.name, AttributeFile(resource: resource, offered: offered)))
            }
            for format in InfoFile<Item>.Format.allCases
            where !context.attributes.isEmpty && !hidden.contains(format.rawValue) {
                entries.append(.init(format.rawValue, InfoFile(resource: resource, format: format)))
            }
            if let bulk = context.bulk, !hidden.contains("data") {
                entries.append(.init("data", BulkFile(resource: resource, service: bulk)))
            }
            for group in context.groups where !hidden.contains(group.name) {
                entries.append(.init(group.name, GroupDirectory(resource: resource, group: group, directory: nil)))
            }
            if let inline = Item.schema.inline {
                let directory = GroupDirectory(resource: resource, group: inline, directory: nil)
                entries += directory.entries(record.item)
            }
            return .now(EntryList(entries))
        }
    }

    // MARK: Changes

    func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node> {
        if let group = context.groups.first(where: { $0.name == name }) {
            resource.workspace.show(name, of: inode)
            return .now(GroupDirectory(resource: resource, group: group, directory: nil))
        }
        guard let inline = Item.schema.inline else {
            throw ProviderError(.notPermitted, "no directory can be made in \(path)")
        }
        return try GroupDirectory(resource: resource, group: inline, directory: self).makeDirectory(name, by: caller)
    }

    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        if let inline = Item.schema.inline {
            return try GroupDirectory(resource: resource, group: inline, directory: self)
                .removeDirectory(name, by: caller)
        }
        guard context.groups.contains(where: { $0.name == name }) else {
            throw ProviderError(.notPermitted, "\(path)/\(name) cannot be removed")
        }
        try resource.permitRemovalOfPart(by: caller)
        try resource.permitRemoval(by: caller)
        guard resource.workspace.isRemoving(inode, caller) else {
            throw ProviderError(.notPermitted, "\(path)/\(name) is a part of it: remove what is in it")
        }
        resource.workspace.hide(name, of: inode, by: caller)
        return .done
    }

    /// Hides the name; never changes the resource.
    func removeFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        if scope.scratch.remove(name, in: inode) { return .done }
        guard plain(name) != nil else { throw ProviderError(.notFound, "there is no \(path)/\(name)") }
        try resource.permitRemovalOfPart(by: caller)
        try resource.permitRemoval(by: caller)
        resource.workspace.hide(name, of: inode, by: caller)
        return .done
    }

    func createFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<CreatedFile> {
        if let node = plain(name)?.asFile {
            // The name was hidden by an unlink: creating it is writing it.
            return try node.open(OpenMode(reading: false, writing: true, truncating: true), by: caller).map {
                CreatedFile(node: node, file: $0)
            }
        }
        guard ScratchStore.isScratchName(name) else {
            let known = context.attributes.filter { $0.write != nil }.map(\.name).joined(separator: ", ")
            throw ProviderError(.notPermitted, "there is no attribute \(name) here; what can be written: \(known)")
        }
        return try scope.scratch.make(name, in: self, by: caller)
    }

    /// A scratch file renamed over an attribute is a write of it; over another scratch name, a rename.
    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        if let attribute = node as? AttributeFile<Item>, attribute.resource.inode == inode,
            ScratchStore.isScratchName(name)
        {
            return try backUp(attribute, named: oldName, as: name, by: caller)
        }
        guard let scratch = node as? ScratchFile else {
            throw ProviderError(.notPermitted, "\(node.path) cannot be moved to \(path)/\(name)")
        }
        guard let target = plain(name) else {
            guard ScratchStore.isScratchName(name) else {
                throw ProviderError(.notPermitted, "there is no attribute \(name) in \(path)")
            }
            scope.scratch.rename(scratch.name, in: scratch.directory, to: name, in: inode)
            return .done
        }
        guard let attribute = target as? AttributeFile<Item> else {
            throw ProviderError(.notPermitted, "\(path)/\(name) cannot be written")
        }
        return try commit(scratch, to: attribute, by: caller)
    }

    /// What editors and `cp -b` do before they write: the content goes to scratch, and the name is hidden until it is
    /// created again or ten seconds pass. The resource stays as it is.
    private func backUp(
        _ attribute: AttributeFile<Item>, named oldName: String, as name: String, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard let content = try attribute.content() else {
            throw ProviderError(.notPermitted, "\(attribute.path) cannot be moved: it holds nothing")
        }
        try resource.permitChange()
        let directory = self
        return try content.map { content throws(ProviderError) in
            let store = directory.scope.scratch
            _ = store.remove(name, in: directory.inode)
            try store.create(name, in: directory.inode)
            try store.write(content.bytes, at: 0, name, in: directory.inode)
            directory.resource.workspace.hide(oldName, of: directory.inode, by: caller)
        }
    }

    private func commit(
        _ scratch: ScratchFile, to attribute: AttributeFile<Item>, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        let row = attribute.offered.attribute
        let bytes = scratch.bytes
        let resource = resource
        if let write = row.write, row.read != nil || !bytes.isEmpty {
            return try AttributeFile.apply(bytes, row, write, resource, caller).map { scratch.remove() }
        }
        // What a backup holds of an action, or of a fact that is as it was, asks for nothing.
        let isSame: Answer<Bool> = try attribute.content()?.map { $0.bytes == bytes } ?? .now(bytes.isEmpty)
        return try isSame.map { isSame throws(ProviderError) in
            guard isSame else {
                throw ProviderError(.notPermitted, "\(attribute.path) is a fact: this provider cannot change it")
            }
            resource.workspace.show(row.name, of: resource.inode)
            scratch.remove()
        }
    }

    // MARK: Extended attributes

    var extendedAttributes: [String] { ["user.infrafs.id", "user.infrafs.provider"] }

    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        try resource.extendedAttribute(name, at: path)
    }
}

/// A listing that is all there.
struct EntryList: DirectoryReader {
    private let entries: [DirectoryEntry]

    init(_ entries: [DirectoryEntry]) {
        self.entries = entries
    }

    func entries(from position: Int, limit: Int) throws(ProviderError) -> Answer<[DirectoryEntry]> {
        guard position < entries.count else { return .now([]) }
        return .now(Array(entries[position..<min(entries.count, position + limit)]))
    }
}
