import Inventory
import ProviderAPI

/// A file whose whole text is worked out when it is asked for, from memory.
struct ComputedFile: FileNode {
    /// What a write does.
    typealias Write = @Sendable (_ bytes: [UInt8], _ caller: Caller) throws(ProviderError) -> Answer<Void>

    let path: String
    private let clock: ContentClock
    private let render: @Sendable () throws(ProviderError) -> Answer<[UInt8]>
    private let write: Write?
    private let isDocument: Bool

    init(
        path: String, clock: ContentClock, isDocument: Bool = false, write: Write? = nil,
        _ render: @escaping @Sendable () -> [UInt8]
    ) {
        self.init(path: path, clock: clock, isDocument: isDocument, write: write, answering: { .now(render()) })
    }

    init(
        path: String, clock: ContentClock, isDocument: Bool = false, write: Write? = nil,
        answering render: @escaping @Sendable () throws(ProviderError) -> Answer<[UInt8]>
    ) {
        self.path = path
        self.clock = clock
        self.write = write
        self.isDocument = isDocument
        self.render = render
    }

    /// The last failure at a path or below it.
    init(path: String, failures scope: Scope, of target: String) {
        self.init(path: path, clock: scope.clock) {
            Rendering.bytes(.text(scope.failureText(target)))
        }
    }

    var inode: UInt64 { Identity.inode(path: path) }

    func status() throws(ProviderError) -> Answer<NodeStatus> { try rendered().map(\.status) }

    func content() throws(ProviderError) -> Answer<Content>? { try rendered() }

    private func rendered() throws(ProviderError) -> Answer<Content> {
        let node = self
        return try render().map { bytes in
            let status = NodeStatus(
                .file, isWritable: node.write != nil, size: bytes.count,
                modified: node.clock.modified(node.inode, bytes), validity: .none)
            return Content(bytes: bytes, status: status)
        }
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        guard mode.writing else { return try rendered().map { FixedFile(bytes: $0.bytes) } }
        guard let write else { throw ProviderError(.notPermitted, "\(path) cannot be written") }
        return .now(ValueFile(isDocument: isDocument, start: [], isAppending: mode.appending, apply: write))
    }
}

/// A file that only takes writes: a read gives nothing.
struct ControlFile: FileNode {
    let path: String
    let modified: Int64
    let write: ComputedFile.Write

    var inode: UInt64 { Identity.inode(path: path) }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.file, isWritable: true, modified: modified, validity: .untilChanged))
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        .now(ValueFile(isDocument: false, start: [], isAppending: false, apply: write))
    }
}

/// A journal as a file that grows.
struct JournalNode: FileNode {
    let path: String
    let journal: Journal
    let clock: ContentClock

    var inode: UInt64 { Identity.inode(path: path) }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        let (count, changed) = journal.extent
        let modified = clock.modified(inode, UInt64(count) + 1, changed: count > 0 ? changed : nil)
        return .now(NodeStatus(.file, isWritable: false, size: count, modified: modified, validity: .none))
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        guard !mode.writing else { throw ProviderError(.notPermitted, "\(path) cannot be written") }
        return .now(JournalFile(journal: journal))
    }
}

/// A directory whose entries are worked out when they are asked for, from memory.
struct FixedDirectory: DirectoryNode {
    let path: String
    let inode: UInt64
    private let modified: Int64
    private let validity: Validity
    private let listed: @Sendable () -> [DirectoryEntry]
    private let unlisted: @Sendable (String) -> (any Node)?
    private let remove: (@Sendable (String) throws(ProviderError) -> Void)?

    init(
        path: String, modified: Int64, validity: Validity = .untilChanged,
        unlisted: @escaping @Sendable (String) -> (any Node)? = { _ in nil },
        remove: (@Sendable (String) throws(ProviderError) -> Void)? = nil,
        _ listed: @escaping @Sendable () -> [DirectoryEntry]
    ) {
        self.path = path
        self.inode = Identity.inode(path: path)
        self.modified = modified
        self.validity = validity
        self.listed = listed
        self.unlisted = unlisted
        self.remove = remove
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        .now(NodeStatus(.directory, isWritable: remove != nil, modified: modified, validity: validity))
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        if let entry = listed().first(where: { $0.name == name }) { return .now(entry.node) }
        if let node = unlisted(name) { return .now(node) }
        throw ProviderError(.notFound, "there is no \(path)/\(name)")
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        .now(EntryList(listed()))
    }

    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard let remove else { throw ProviderError(.notPermitted, "\(path)/\(name) cannot be removed") }
        try remove(name)
        return .done
    }
}
