import Inventory
import ProviderAPI
import Synchronization

/// The bulk content of a volume or an image.
struct BulkFile<Item: Described>: FileNode {
    let resource: ResourceReference<Item>
    let service: any BulkService<Item>

    var inode: UInt64 { resource.inode("data") }
    var path: String { "\(resource.path)/data" }

    private var writing: Operation { Item.kind == .disks ? .writeDisk : .writeImage }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let isWritable = !resource.scope.live.policy.isReadOnly && resource.scope.offers(writing)
        return try resource.record(detail: false, "size").map { record in
            NodeStatus(
                .file, isWritable: isWritable, size: Self.size(record.item), modified: record.modified(""),
                validity: .none)
        }
    }

    /// Bytes, as the item tells them: exactly for what can be read.
    private static func size(_ item: Item) -> Int {
        switch item {
        case let disk as Disk: disk.capacity ?? (disk.size ?? 0) << 30
        case let image as Image: image.size ?? 0
        case let iso as ISO: iso.size ?? 0
        default: 0
        }
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        let resource = resource
        let service = service
        if mode.writing {
            guard resource.scope.offers(writing) else { throw .unsupported(writing) }
            let name = resource.context.live.known(resource.id)?.item.name ?? ""
            try resource.scope.live.policy.permit(Item.kind, name)
        }
        return .later { () async throws(ProviderError) -> any OpenedFile in
            let content = try await resource.scope.live.call("open data") {
                () async throws(ProviderError) -> any BulkContent in
                try await service.content(of: resource.id, writable: mode.writing)
            }
            return OpenBulk(content: content, live: resource.scope.live)
        }
    }
}

private struct OpenBulk: OpenedFile {
    let content: any BulkContent
    let live: LiveProvider

    var size: Int? { content.size }
    var wantsFlush: Bool { true }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        let content = content
        let live = live
        return .later { () async throws(ProviderError) -> [UInt8] in
            try await live.call("read data") { () async throws(ProviderError) -> [UInt8] in
                try await content.read(offset: offset, count: count)
            }
        }
    }

    func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int> {
        let content = content
        let live = live
        return .later { () async throws(ProviderError) -> Int in
            try await live.call("write data") { () async throws(ProviderError) in
                try await content.write(bytes, offset: offset)
            }
            return bytes.count
        }
    }

    func seek(offset: Int, hole: Bool) throws(ProviderError) -> Answer<Int?> {
        let content = content
        let live = live
        return .later { () async throws(ProviderError) -> Int? in
            try await live.call("map data") { () async throws(ProviderError) -> Int? in
                try await content.seek(offset: offset, hole: hole)
            }
        }
    }

    func flush(by caller: Caller) throws(ProviderError) -> Answer<Void> { .done }

    func close() async {
        do throws(ProviderError) { try await content.close() } catch {
            live.failures.note(operation: "close", path: "\(live.name)/data", errno: "EIO", reason: error.description)
        }
    }
}
