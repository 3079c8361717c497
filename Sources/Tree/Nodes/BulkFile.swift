import Inventory
import ProviderAPI
import Synchronization

/// The bulk content of a volume or an image: `disks/DISK/data`, `images/IMAGE/data`.
struct BulkFile<Item: Described>: FileNode {
    let resource: ResourceReference<Item>
    let service: any BulkService<Item>

    var inode: UInt64 { resource.inode("data") }
    var path: String { "\(resource.path)/data" }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let isWritable = Item.mayWriteContent(resource.scope)
        return try resource.record(detail: false, "size").map { record in
            let facts = record.item.bulkFacts
            return NodeStatus(
                .file, isWritable: isWritable, size: facts.size, modified: record.modified(""), validity: .none,
                allocated: min(facts.allocation ?? facts.size, facts.size))
        }
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        let open = OpenBulk.open(service, resource.id, mode, path: path, resource.scope, Item.writing, caller)
        guard mode.writing else { return open }
        guard resource.scope.offers(Item.writing) else { throw .unsupported(Item.writing) }
        let resource = resource
        return .later { () async throws(ProviderError) -> any OpenedFile in
            try await resource.context.live.permitWriting(resource.id)
            return try await open.value()
        }
    }
}

extension Described {
    fileprivate static var writing: ProviderAPI.Operation { kind == .disks ? .writeDisk : .writeImage }

    fileprivate static func mayWriteContent(_ scope: Scope) -> Bool {
        !scope.live.policy.isReadOnly && scope.offers(writing)
    }

    /// Bytes, as the item tells them: of the content, and those that it takes.
    fileprivate var bulkFacts: (size: Int, allocation: Int?) {
        switch self {
        case let disk as Disk: (disk.capacity ?? (disk.size ?? 0) << 30, disk.allocation)
        case let image as Image: (image.size ?? 0, image.allocation)
        case let iso as ISO: (iso.size ?? 0, iso.allocation)
        default: (0, nil)
        }
    }
}

/// The content of the volume behind a machine's disk. It is reachable by name and not listed: a copy of a machine's
/// directory is its configuration, and the content is listed in `disks/`.
struct MachineDiskData: FileNode {
    let machine: ResourceReference<VirtualMachine>
    let disk: String
    let service: any BulkService<Disk>
    let path: String
    let inode: UInt64

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let isWritable = Disk.mayWriteContent(machine.scope)
        return try found().map { disk, modified in
            let size = disk.capacity ?? (disk.size ?? 0) << 30
            return NodeStatus(
                .file, isWritable: isWritable, size: size, modified: modified, validity: .none,
                allocated: min(disk.allocation ?? size, size))
        }
    }

    /// The disk as its machine tells it, and when the machine last changed.
    private func found() throws(ProviderError) -> Answer<(VirtualMachine.Disk, Int64)> {
        let name = disk
        let path = path
        return try machine.record(detail: true, "disks").map { record throws(ProviderError) in
            guard let disk = record.item.disks.first(where: { $0.name == name }) else {
                throw ProviderError(.notFound, "there is no \(path)")
            }
            return (disk, record.modified("disks"))
        }
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        let node = self
        let scope = machine.scope
        return try found().then { disk, _ throws(ProviderError) in
            guard let volume = disk.volume else {
                throw ProviderError(.unsupported, "\(node.path): no pool has the volume of this disk")
            }
            let open = OpenBulk.open(node.service, volume, mode, path: node.path, scope, .writeDisk, caller)
            guard mode.writing else { return open }
            guard scope.offers(.writeDisk) else { throw .unsupported(.writeDisk) }
            try node.machine.permitChange()
            return .later { () async throws(ProviderError) -> any OpenedFile in
                try await scope.live.permitWriting(volume: volume)
                return try await open.value()
            }
        }
    }
}

/// Bulk content, open. What `O_TRUNC` asks for is done with the first write, since a truncation alone changes nothing.
private final class OpenBulk: OpenedFile {
    private struct State {
        /// Whether the old content has still to be emptied before the first write.
        var mustEmpty: Bool
        var wasWritten = false
        /// The thread of the last write that no flush has stored.
        var writer: Int32?
        /// Where the last write ended, at the farthest.
        var end = 0
        /// Whether somebody was told of a failure.
        var hasTold = false
        /// How many changes and flushes are under way: no write passes them.
        var pending = 0
    }

    private let content: any BulkContent
    private let live: LiveProvider
    private let path: String
    private let isWritable: Bool
    private let isAppending: Bool
    /// Notes that it was written, once, or why it could not be.
    private let audit: @Sendable (ProviderError?) -> Void
    private let state: Mutex<State>
    /// Writes of one opening go one after the other.
    private let order = KeyedQueue<Int>()

    private init(
        _ content: any BulkContent, _ mode: OpenMode, path: String, live: LiveProvider,
        audit: @escaping @Sendable (ProviderError?) -> Void
    ) {
        self.content = content
        self.live = live
        self.audit = audit
        self.path = path
        isWritable = mode.writing
        isAppending = mode.appending
        state = Mutex(State(mustEmpty: mode.truncating))
    }

    static func open<Item: Resource>(
        _ service: any BulkService<Item>, _ id: Item.ID, _ mode: OpenMode, path: String, _ scope: Scope,
        _ writing: Operation, _ caller: Caller
    ) -> Answer<any OpenedFile> {
        let live = scope.live
        let request = mode.writing ? scope.request(caller, path, new: .text("content")) : nil
        return .later { () async throws(ProviderError) -> any OpenedFile in
            let audit = { @Sendable (error: ProviderError?) in
                if let request { live.audit.note(request, operation: writing, error: error) }
            }
            do throws(ProviderError) {
                let content = try await live.call("open data") { () async throws(ProviderError) -> any BulkContent in
                    try await service.content(of: id, writable: mode.writing)
                }
                return OpenBulk(content, mode, path: path, live: live, audit: audit)
            } catch {
                audit(error)
                throw error
            }
        }
    }

    var size: Int? { state.withLock { max($0.wasWritten ? $0.end : 0, content.size) } }
    var wantsFlush: Bool { isWritable }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        let content = content
        return later("read data") { () async throws(ProviderError) -> [UInt8] in
            try await content.read(offset: offset, count: count)
        }
    }

    func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>? { content.readNow(offset: offset, count: count) }

    func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int> {
        if writeNow(bytes, offset: offset, by: caller) { return .now(bytes.count) }
        return inOrder("write data") { () async throws(ProviderError) -> Int in
            try await self.empty()
            let place = self.isAppending ? self.size ?? offset : offset
            self.state.withLock { $0.writer = caller.pid }
            try await self.content.write(bytes, offset: place)
            let isFirst = self.state.withLock { state in
                defer { state.wasWritten = true }
                state.end = max(state.end, place + bytes.count)
                return !state.wasWritten
            }
            if isFirst { self.audit(nil) }
            return bytes.count
        }
    }

    /// A write that follows others, where there is room for it, goes without a task.
    private func writeNow(_ bytes: [UInt8], offset: Int, by caller: Caller) -> Bool {
        state.withLock { state in
            guard state.pending == 0, state.wasWritten, !state.mustEmpty, !isAppending,
                content.writeNow(bytes, offset: offset)
            else { return false }
            state.writer = caller.pid
            state.end = max(state.end, offset + bytes.count)
            return true
        }
    }

    private func empty() async throws(ProviderError) {
        guard state.withLock({ $0.mustEmpty }) else { return }
        try await content.truncate(to: 0)
        state.withLock { state in
            state.mustEmpty = false
            state.wasWritten = true
        }
        audit(nil)
    }

    /// Makes it longer; shorter only what was written through this opening (the end of a sparse copy).
    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard isWritable, size > 0 else { return .done }
        return inOrder("truncate data") { () async throws(ProviderError) in
            guard self.state.withLock({ $0.wasWritten || $0.mustEmpty }) || size > self.content.size else { return }
            try await self.empty()
            try await self.content.truncate(to: size)
            let isFirst = self.state.withLock { state in
                defer { state.wasWritten = true }
                state.end = size
                return !state.wasWritten
            }
            if isFirst { self.audit(nil) }
        }
    }

    func seek(offset: Int, hole: Bool) throws(ProviderError) -> Answer<Int?> {
        let content = content
        return later("map data") { () async throws(ProviderError) -> Int? in
            try await content.seek(offset: offset, hole: hole)
        }
    }

    func flush(by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard state.withLock({ $0.wasWritten }) else { return .done }
        // Another process that has the file open, too, may be killed: the writer goes on.
        let isKilled = caller.isKilled && state.withLock { $0.writer } == caller.pid
        return inOrder("store data") { () async throws(ProviderError) in
            self.state.withLock { $0.writer = nil }
            if isKilled { try await self.content.abandon() } else { try await self.content.flush() }
        }
    }

    /// After all that was asked for before.
    private func inOrder<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable () async throws(ProviderError) -> Value
    ) -> Answer<Value> {
        later(what) { () async throws(ProviderError) -> Value in
            self.state.withLock { $0.pending += 1 }
            defer { self.state.withLock { $0.pending -= 1 } }
            return try await self.order.run(0, body)
        }
    }

    private func later<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable () async throws(ProviderError) -> Value
    ) -> Answer<Value> {
        .later { () async throws(ProviderError) -> Value in
            do throws(ProviderError) {
                return try await self.live.call(what, body)
            } catch {
                self.state.withLock { $0.hasTold = true }
                throw error
            }
        }
    }

    func close() async {
        let isWhole = state.withLock { $0.writer == nil }
        do throws(ProviderError) {
            if isWhole { try await content.close() } else { try await content.abandon() }
        } catch {
            guard !state.withLock({ $0.hasTold }) else { return }
            live.failures.note(operation: "close", path: path, errno: "EIO", reason: error.description)
        }
    }
}
