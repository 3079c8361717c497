import Inventory
import ProviderAPI
import Synchronization

/// Everything about a resource in one document: `info` (YAML) and `info.json`.
struct InfoFile<Item: Described>: FileNode {
    enum Format: String, CaseIterable {
        case yaml = "info"
        case json = "info.json"
    }

    let resource: ResourceReference<Item>
    let format: Format

    var inode: UInt64 { resource.inode(format.rawValue) }
    var path: String { "\(resource.path)/\(format.rawValue)" }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        try rendered(keeping: true).map(\.status)
    }

    func content() throws(ProviderError) -> Answer<Content>? { try rendered(keeping: false) }

    /// The document; `keeping` it for the one who reads it next.
    private func rendered(keeping: Bool) throws(ProviderError) -> Answer<Content> {
        let format = format
        let context = resource.context
        let validity = context.validity(format.rawValue)
        return try resource.reading(resource.need(detail: context.hasDetailInInfo, format.rawValue)) { record in
            let bytes = context.documents.take(record, format) ?? Self.render(record.item, format, context.scope)
            if keeping { context.documents.keep(bytes, of: record, format) }
            let status = NodeStatus(
                .file, isWritable: false, size: bytes.count, modified: record.modified(format.rawValue),
                validity: validity)
            return Content(bytes: bytes, status: status)
        }
    }

    private static func render(_ item: Item, _ format: Format, _ scope: Scope) -> [UInt8] {
        let info = Item.schema.info(item, scope.offers)
        return format == .yaml ? Rendering.yaml(info) : Rendering.jsonBytes(info)
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        guard !mode.writing else {
            throw ProviderError(.notPermitted, "\(path) is the sum of the other files: write those")
        }
        return try rendered(keeping: false).map { FixedFile(bytes: $0.bytes) }
    }
}

/// Documents that were made to tell their size, kept until they are read, so that each is made once. A record never
/// changes, so neither does its document.
final class RenderedDocuments<Item: Described>: Sendable {
    private struct Key: Hashable {
        let id: Item.ID
        let format: InfoFile<Item>.Format
    }

    private struct State {
        var documents: [Key: (record: Record<Item>, bytes: [UInt8])] = [:]
        var size = 0
    }

    private let state = Mutex(State())
    /// Bytes that are kept at most; with more of them nobody reads what was kept first before it has to go.
    private static var limit: Int { 1 << 20 }

    /// Keeps a document.
    func keep(_ bytes: [UInt8], of record: Record<Item>, _ format: InfoFile<Item>.Format) {
        state.withLock { state in
            if state.size + bytes.count > Self.limit { state = State() }
            let old = state.documents.updateValue((record, bytes), forKey: Key(id: record.item.id, format: format))
            state.size += bytes.count - (old?.bytes.count ?? 0)
        }
    }

    /// The document of a record, which is not kept any more; nil where it has to be made.
    func take(_ record: Record<Item>, _ format: InfoFile<Item>.Format) -> [UInt8]? {
        state.withLock { state in
            let key = Key(id: record.item.id, format: format)
            guard let known = state.documents.removeValue(forKey: key) else { return nil }
            state.size -= known.bytes.count
            return known.record === record ? known.bytes : nil
        }
    }
}
