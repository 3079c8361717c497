import Inventory
import ProviderAPI

/// One attribute of a resource as a file.
struct AttributeFile<Item: Described>: FileNode {
    let resource: ResourceReference<Item>
    let offered: OfferedAttribute<Item>

    private var attribute: Attribute<Item> { offered.attribute }
    var inode: UInt64 { resource.inode(offered.attribute.name) }
    var path: String { "\(resource.path)/\(offered.attribute.name)" }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        if let content = try content() {
            if case .now(let content) = content { return .now(content.status) }
            return try content.map { $0.status }
        }
        let isWritable = offered.isWritable
        return try resource.reading(.init(polled: offered.isPolled)) { record in
            NodeStatus(.file, isWritable: isWritable, modified: record.modified(""), validity: .untilChanged)
        }
    }

    func content() throws(ProviderError) -> Answer<Content>? {
        guard let read = offered.attribute.read else { return nil }
        let offered = offered
        let validity = resource.context.validity(polled: offered.isPolled)
        let need = Need(detail: offered.attribute.isDetail, polled: offered.isPolled)
        let path = path
        return try resource.reading(need) { record throws(ProviderError) in
            guard offered.attribute.isPart(of: record.item) else {
                throw ProviderError(.notFound, "there is no \(path)")
            }
            let bytes = Rendering.bytes(read(record.item))
            let status = NodeStatus(
                .file, isWritable: offered.isWritable, size: bytes.count,
                modified: record.modified(offered.attribute.name), validity: validity)
            return Content(bytes: bytes, status: status)
        }
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        let attribute = attribute
        guard mode.writing else {
            guard let content = try content() else { return .now(FixedFile(bytes: [])) }
            return try content.map { FixedFile(bytes: $0.bytes) }
        }
        if resource.scope.live.policy.isReadOnly {
            throw ProviderError(.readOnly, "this provider is configured read_only: \(path) cannot be written")
        }
        guard let write = attribute.write, offered.isWritable else {
            throw ProviderError(.notPermitted, "\(path) is a fact: this provider cannot change it")
        }
        let resource = resource
        let apply: ValueFile.Apply = { bytes, caller throws(ProviderError) in
            try Self.apply(bytes, attribute, write, resource, caller)
        }
        let hasStart = (write.isDocument || mode.reading) && !mode.truncating && attribute.read != nil
        guard let start = hasStart ? try content() : nil else {
            return .now(ValueFile(isDocument: write.isDocument, start: [], isAppending: mode.appending, apply: apply))
        }
        return try start.map { content in
            ValueFile(
                isDocument: write.isDocument, start: content.bytes, isAppending: mode.appending, apply: apply)
        }
    }

    /// A whole value: parsed here, so that rubbish is refused at once, and again against the item when its turn comes.
    static func apply(
        _ bytes: [UInt8], _ attribute: Attribute<Item>, _ write: Attribute<Item>.Write,
        _ resource: ResourceReference<Item>, _ caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        let text = write.isDocument ? try Parsing.text(bytes) : try Parsing.line(bytes)
        let known = resource.context.live.known(resource.id)?.item
        let old = known.flatMap { attribute.read?($0) } ?? .none
        resource.workspace.show(attribute.name, of: resource.inode)
        return resource.apply(
            "\(resource.path)/\(attribute.name)", old: old, new: .text(text), by: caller
        ) { item throws(ProviderError) in try write.change(text, item) }
    }

    var extendedAttributes: [String] { [] }

    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        try resource.extendedAttribute(name, at: path)
    }
}
