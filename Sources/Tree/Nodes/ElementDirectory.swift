import Inventory
import ProviderAPI

/// One element of a resource as a directory of its files: `disks/vda`, `dns/ZONE/NAME`.
struct ElementDirectory<Item: Described>: DirectoryNode {
    let resource: ResourceReference<Item>
    let group: Group<Item>
    let element: String

    private var relative: String { group.path(element) }
    var inode: UInt64 { resource.inode(relative) }
    var path: String { "\(resource.path)/\(relative)" }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let relative = relative
        let validity = resource.context.validity(relative)
        let isWritable = !resource.scope.live.policy.isReadOnly
        return try resource.record(detail: false, relative).map { record in
            NodeStatus(.directory, isWritable: isWritable, modified: record.modified(relative), validity: validity)
        }
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let directory = self
        guard !resource.workspace.isHidden("\(relative)/\(name)", of: resource.inode) else {
            throw ProviderError(.notFound, "there is no \(path)/\(name)")
        }
        if let scratch = resource.scope.scratch.file(name, in: self) { return .now(scratch) }
        return try resource.reading(resource.need(detail: true, relative)) { record throws(ProviderError) in
            if name == "data", let data = directory.data(in: record.item) { return data }
            guard let file = directory.group.files(of: record.item, directory.element).first(where: { $0.name == name })
            else { throw ProviderError(.notFound, "there is no \(directory.path)/\(name)") }
            return directory.node(file)
        }
    }

    /// The content of a machine's disk, where there is a volume behind it.
    private func data(in item: Item) -> (any Node)? {
        guard group.name == "disks", let machine = resource as? ResourceReference<VirtualMachine>,
            resource.scope.offers(.readDisk),
            let service = resource.scope.live.provider.disks as? any BulkService<Disk>,
            (item as? VirtualMachine)?.disks.first(where: { $0.name == element })?.volume != nil
        else { return nil }
        return MachineDiskData(
            machine: machine, disk: element, service: service, path: "\(path)/data",
            inode: resource.inode("\(relative)/data"))
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        let directory = self
        return try resource.reading(resource.need(detail: true, relative)) { record in
            let hidden = directory.resource.workspace.hidden(of: directory.resource.inode)
            return EntryList(
                directory.group.files(of: record.item, directory.element)
                    .filter { !hidden.contains("\(directory.relative)/\($0.name)") }
                    .map { DirectoryEntry($0.name, directory.node($0)) })
        }
    }

    private func node(_ file: Group<Item>.File) -> ElementFile<Item> {
        ElementFile(resource: resource, group: group, element: element, file: file)
    }

    /// Hides a fact of the element; removes a record set for real.
    func removeFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        if resource.scope.scratch.remove(name, in: inode) { return .done }
        try resource.permitRemovalOfPart(by: caller)
        guard case .open(_, _, let remove) = group.shape, name != "ttl" else {
            if resource.workspace.isRemoving(resource.inode, caller) { try resource.permitRemoval(by: caller) }
            resource.workspace.hide("\(relative)/\(name)", of: resource.inode, by: caller)
            return .done
        }
        let element = element
        return resource.apply("\(path)/\(name)", old: .text(name), new: .none, by: caller) {
            item throws(ProviderError) in try remove(item, element, name)
        }
    }

    func createFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<CreatedFile> {
        resource.workspace.show("\(relative)/\(name)", of: resource.inode)
        if ScratchStore.isScratchName(name) { return try resource.scope.scratch.make(name, in: self, by: caller) }
        if case .open(_, let make, _) = group.shape {
            let node = node(try make(name))
            return .now(CreatedFile(node: node, file: node.creation()))
        }
        guard case .directories(let files) = group.shape, let file = files.first(where: { $0.name == name }) else {
            throw ProviderError(.notPermitted, "there is no \(path)/\(name)")
        }
        let node = node(file)
        return try node.open(OpenMode(reading: false, writing: true, truncating: true), by: caller).map {
            CreatedFile(node: node, file: $0)
        }
    }

    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard let scratch = node as? ScratchFile else {
            throw ProviderError(.notPermitted, "\(node.path) cannot be moved to \(path)/\(name)")
        }
        let directory = self
        return try child(name, for: caller).then { target throws(ProviderError) in
            guard let file = target as? ElementFile<Item> else {
                throw ProviderError(.notPermitted, "\(directory.path)/\(name) cannot be written")
            }
            return try file.write(scratch.bytes, by: caller).map { scratch.remove() }
        }
    }

    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        try resource.extendedAttribute(name, at: path)
    }
}

/// One file of an element: `disks/vda/size`, `metadata/KEY`, `dns/ZONE/NAME/A`.
struct ElementFile<Item: Described>: FileNode {
    let resource: ResourceReference<Item>
    let group: Group<Item>
    let element: String
    let file: Group<Item>.File

    private var relative: String {
        if case .files = group.shape { return group.path(element) }
        return "\(group.path(element))/\(file.name)"
    }
    var inode: UInt64 { resource.inode(relative) }
    var path: String { "\(resource.path)/\(relative)" }

    private var isWritable: Bool {
        guard let write = file.write, !resource.scope.live.policy.isReadOnly else { return false }
        return resource.scope.offers(write.operation)
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> { try rendered().map(\.status) }

    func content() throws(ProviderError) -> Answer<Content>? { try rendered() }

    private func rendered() throws(ProviderError) -> Answer<Content> {
        let node = self
        let relative = relative
        let validity = resource.context.validity(relative)
        let isWritable = isWritable
        return try resource.reading(resource.need(detail: true, relative)) { record throws(ProviderError) in
            let isMade = node.resource.workspace.made(of: node.resource.inode).contains(node.group.path(node.element))
            guard isMade || node.group.elements(record.item).contains(node.element) else {
                throw ProviderError(.notFound, "there is no \(node.path)")
            }
            let bytes = Rendering.bytes(node.file.read(record.item, node.element))
            let status = NodeStatus(
                .file, isWritable: isWritable, size: bytes.count, modified: record.modified(relative),
                validity: validity)
            return Content(bytes: bytes, status: status)
        }
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        guard mode.writing else { return try rendered().map { FixedFile(bytes: $0.bytes) } }
        if resource.scope.live.policy.isReadOnly {
            throw ProviderError(.readOnly, "this provider is configured read_only: \(path) cannot be written")
        }
        guard let write = file.write, isWritable else {
            throw ProviderError(.notPermitted, "\(path) is a fact: this provider cannot change it")
        }
        guard write.isDocument, !mode.truncating else { return .now(opened([], isAppending: mode.appending)) }
        let node = self
        return try rendered().map { node.opened($0.bytes, isAppending: mode.appending) }
    }

    /// Open for its first write, when the element is not there yet.
    func creation() -> any OpenedFile { opened([], isAppending: false) }

    private func opened(_ start: [UInt8], isAppending: Bool) -> any OpenedFile {
        let node = self
        return ValueFile(isDocument: file.write?.isDocument ?? false, start: start, isAppending: isAppending) {
            bytes, caller throws(ProviderError) in try node.write(bytes, by: caller)
        }
    }

    /// Applies a whole value.
    func write(_ bytes: [UInt8], by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard let write = file.write, isWritable else {
            throw ProviderError(.notPermitted, "\(path) is a fact: this provider cannot change it")
        }
        let text = write.isDocument ? try Parsing.text(bytes) : try Parsing.line(bytes)
        let element = element
        let old = resource.context.live.known(resource.id).map { file.read($0.item, element) } ?? .none
        resource.workspace.show(relative, of: resource.inode)
        return resource.apply(path, old: old, new: .text(text), by: caller) { item throws(ProviderError) in
            try write.change(text, item, element)
        }
    }

    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        try resource.extendedAttribute(name, at: path)
    }
}
