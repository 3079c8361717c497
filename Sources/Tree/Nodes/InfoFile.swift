import Inventory
import ProviderAPI

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
        try rendered().map(\.status)
    }

    func content() throws(ProviderError) -> Answer<Content>? { try rendered() }

    private func rendered() throws(ProviderError) -> Answer<Content> {
        let format = format
        let context = resource.context
        let validity = context.validity(format.rawValue)
        return try resource.reading(resource.need(detail: context.hasDetailInInfo, format.rawValue)) { record in
            let info = Item.schema.info(record.item, context.scope.offers)
            let bytes = format == .yaml ? Rendering.yaml(info) : Rendering.jsonBytes(info)
            let status = NodeStatus(
                .file, isWritable: false, size: bytes.count, modified: record.modified(format.rawValue),
                validity: validity)
            return Content(bytes: bytes, status: status)
        }
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        guard !mode.writing else {
            throw ProviderError(.notPermitted, "\(path) is the sum of the other files: write those")
        }
        return try rendered().map { FixedFile(bytes: $0.bytes) }
    }
}
