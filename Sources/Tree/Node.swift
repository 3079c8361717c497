public import Inventory
public import ProviderAPI

/// Who asks: the process at the other end of a request.
public struct Caller: Sendable, Hashable {
    /// User id.
    public var uid: UInt32
    /// Group id.
    public var gid: UInt32
    /// Process id, as the mount's own namespace sees it; 0 for the daemon itself.
    public var pid: Int32
    /// Whether a signal ends it: what it closes then, the kernel closes for it, and it is no word of its own that what it
    /// wrote is whole. Told with ``OpenedFile/flush(by:)``.
    public var isKilled = false

    /// A caller.
    public init(uid: UInt32 = 0, gid: UInt32 = 0, pid: Int32 = 0) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
    }
}

/// How long a reader may keep what it was told.
public enum Validity: Sendable, Hashable {
    /// Until ``Tree/observe(_:)`` says that it changed.
    case untilChanged
    /// For this long.
    case lasting(Duration)
    /// Ask again each time.
    case none
}

/// What `stat` tells, all from one moment.
public struct NodeStatus: Sendable, Hashable {
    /// What a path can be.
    public enum Kind: Sendable, Hashable { case directory, file, link }

    /// What it is.
    public var kind: Kind
    /// Whether anything in it can be changed: the write bit.
    public var isWritable: Bool
    /// Whether the platform lets everybody read it (objects and buckets).
    public var isPublic: Bool
    /// Whether only the owner of the mount may read it, whatever `umask` says.
    public var isPrivate: Bool
    /// Bytes, exactly; 0 for actions and streams.
    public var size: Int
    /// When its content last changed, nanoseconds since 1970.
    public var modified: Int64
    /// How long this holds.
    public var validity: Validity
    /// Bytes that it takes where it is kept, for bulk content; nil for all else: its size.
    public var allocated: Int?

    /// A status.
    public init(
        _ kind: Kind, isWritable: Bool, size: Int = 0, modified: Int64, validity: Validity, isPublic: Bool = false,
        isPrivate: Bool = false, allocated: Int? = nil
    ) {
        self.kind = kind
        self.isWritable = isWritable
        self.isPublic = isPublic
        self.isPrivate = isPrivate
        self.size = size
        self.modified = modified
        self.validity = validity
        self.allocated = allocated
    }
}

/// A path of the tree. Small, cheap to make, without state of its own: what it shows is looked up when it is asked.
public protocol Node: Sendable {
    /// The same for the same thing across refreshes and remounts; never 0.
    var inode: UInt64 { get }
    /// Its path below the mount point, for messages and the audit trail.
    var path: String { get }
    /// What `stat` tells.
    func status() throws(ProviderError) -> Answer<NodeStatus>
    /// The same for who is about to `chmod` it: with ``NodeStatus/isPublic`` as the platform has it, where that costs a call.
    func statusForPublishing() throws(ProviderError) -> Answer<NodeStatus>
    /// `chmod o+r` and `o-r`, where the platform has something of the kind; success without effect elsewhere.
    func setPublic(_ isPublic: Bool, by caller: Caller) throws(ProviderError) -> Answer<Void>
    /// Keeps a time (seconds since 1970), where the platform can; success without effect elsewhere.
    func setModificationTime(_ seconds: Int, by caller: Caller) throws(ProviderError) -> Answer<Void>
    /// Names of the extended attributes that can be listed.
    var extendedAttributes: [String] { get }
    /// One extended attribute; ``ProviderError/Code/noAttribute`` where there is none of that name.
    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]>
    /// Sets one of the tree's own, which begin with `user.infrafs.`; nil removes it. Success without effect for a fact, so
    /// that a backup can be put back; a fact is not removed: ``ProviderError/Code/unsupported``.
    func setExtendedAttribute(_ name: String, to value: [UInt8]?, _ condition: AttributeCondition, by caller: Caller)
        throws(ProviderError) -> Answer<Void>
    /// Whether requests for it may take as long as bulk data takes: they have deadlines of their own.
    var isBulk: Bool { get }
    /// Itself at the place that it has since a directory above it was renamed; nil where nothing but that directory's name
    /// was changed.
    func moved(from old: String, to new: String) -> (any Node)?
    /// Itself where it is a file, nil where it is not: what each request asks, for less than a cast costs.
    var asFile: (any FileNode)? { get }
    /// Itself where it is a directory, nil where it is not.
    var asDirectory: (any DirectoryNode)? { get }
    /// The name of the resource that it stands for as a whole, nil where it is anything else: two of one inode and one such
    /// name are interchangeable.
    var resourceName: String? { get }
}

extension Node {
    /// Not bulk data.
    public var isBulk: Bool { false }
    /// Where it is does not depend on names above it.
    public func moved(from old: String, to new: String) -> (any Node)? { nil }
    /// Not a file.
    public var asFile: (any FileNode)? { nil }
    /// Not a directory.
    public var asDirectory: (any DirectoryNode)? { nil }
    /// What `stat` tells.
    public func statusForPublishing() throws(ProviderError) -> Answer<NodeStatus> { try status() }
    /// Not a resource.
    public var resourceName: String? { nil }
    /// Success without effect.
    public func setPublic(_ isPublic: Bool, by caller: Caller) throws(ProviderError) -> Answer<Void> { .done }

    /// Nothing here keeps other times than those of its changes.
    public func setModificationTime(_ seconds: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> { .done }
    /// None.
    public var extendedAttributes: [String] { [] }
    /// None.
    public func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        throw ProviderError(.noAttribute, "\(path) has no extended attribute \(name)")
    }
    /// Facts only.
    public func setExtendedAttribute(
        _ name: String, to value: [UInt8]?, _ condition: AttributeCondition, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard value != nil else { throw ProviderError(.unsupported, "\(path): \(name) is a fact, and stays") }
        return .done
    }
}

/// What setting an extended attribute expects of what is there (setxattr(2), its flags).
public enum AttributeCondition: Sendable {
    case none
    /// There is none of that name: ``ProviderError/Code/alreadyExists`` else.
    case absent
    /// There is one: ``ProviderError/Code/noAttribute`` else.
    case present
}

/// One line of a listing.
public struct DirectoryEntry: Sendable {
    /// Its name.
    public var name: String
    /// What has that name.
    public var node: any Node

    /// A line.
    public init(_ name: String, _ node: any Node) {
        self.name = name
        self.node = node
    }
}

/// A directory being read: a listing as it was when reading began, or as far as it has come.
public protocol DirectoryReader: Sendable {
    /// Some entries from a position on, in order; none at the end. Positions count entries from 0.
    func entries(from position: Int, limit: Int) throws(ProviderError) -> Answer<[DirectoryEntry]>
}

/// A directory.
public protocol DirectoryNode: Node {
    /// The node of that name; ``ProviderError/Code/notFound`` only where it is certain that there is none.
    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node>
    /// Begins to read it.
    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader>
    /// `mkdir`.
    func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node>
    /// `rmdir`.
    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void>
    /// `unlink`.
    func removeFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void>
    /// `open` with `O_CREAT` of a name that is not there.
    func createFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<CreatedFile>
    /// `open` with `O_CREAT` of a name that may be there or not, where one call tells; nil where it has to be looked up.
    func openFile(_ name: String, _ mode: OpenMode, exclusive: Bool, by caller: Caller) throws(ProviderError)
        -> Answer<CreatedFile>?
    /// `rename` of a node of another directory, or of this one, to here. `replacing` tells whether the name may exist.
    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void>
}

/// A file that was just created, open.
public struct CreatedFile: Sendable {
    /// Its node.
    public var node: any FileNode
    /// Open for writing (and reading).
    public var file: any OpenedFile

    /// A created file.
    public init(node: any FileNode, file: any OpenedFile) {
        self.node = node
        self.file = file
    }
}

extension DirectoryNode {
    /// Itself.
    public var asDirectory: (any DirectoryNode)? { self }
    /// It has to be looked up.
    public func openFile(_ name: String, _ mode: OpenMode, exclusive: Bool, by caller: Caller) throws(ProviderError)
        -> Answer<CreatedFile>?
    { nil }
    /// Refuses.
    public func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node> {
        throw ProviderError(.notPermitted, "no directory can be made in \(path)")
    }
    /// Refuses.
    public func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        throw ProviderError(.notPermitted, "\(path)/\(name) cannot be removed")
    }
    /// Refuses.
    public func removeFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        throw ProviderError(.notPermitted, "\(path)/\(name) cannot be removed")
    }
    /// Refuses.
    public func createFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<CreatedFile> {
        throw ProviderError(.notPermitted, "no file can be made in \(path)")
    }
    /// Refuses, never with a code on which `mv` would copy and delete.
    public func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        throw ProviderError(.notPermitted, "\(node.path) cannot be moved to \(path)/\(name)")
    }
}

/// How a file is opened.
public struct OpenMode: Sendable, Hashable {
    /// For reading.
    public var reading: Bool
    /// For writing.
    public var writing: Bool
    /// `O_TRUNC`.
    public var truncating: Bool
    /// `O_APPEND`.
    public var appending: Bool

    /// A mode.
    public init(reading: Bool = true, writing: Bool = false, truncating: Bool = false, appending: Bool = false) {
        self.reading = reading
        self.writing = writing
        self.truncating = truncating
        self.appending = appending
    }
}

/// The whole content of a state file, rendered from one moment.
public struct Content: Sendable, Hashable {
    /// What a reader sees.
    public var bytes: [UInt8]
    /// Its `stat`, from the same moment.
    public var status: NodeStatus

    /// Content.
    public init(bytes: [UInt8], status: NodeStatus) {
        self.bytes = bytes
        self.status = status
    }
}

/// A file.
public protocol FileNode: Node {
    /// The whole content, for a state file opened for reading only: the kernel may cache its pages. nil for what is not
    /// rendered whole (actions, streams, bulk data, documents being written).
    func content() throws(ProviderError) -> Answer<Content>?
    /// Opens it in any other way. What it gives is read and written without the kernel's page cache.
    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile>
    /// `truncate` by path, or by a handle that has no ``OpenedFile``. Never changes a resource.
    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void>
}

extension FileNode {
    /// Itself.
    public var asFile: (any FileNode)? { self }
    /// Not rendered whole.
    public func content() throws(ProviderError) -> Answer<Content>? { nil }
    /// Success without effect: what `>` sends before its write.
    public func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> { .done }
}

/// An open file: one for each open, shared by the duplicates of its descriptor.
public protocol OpenedFile: Sendable {
    /// Whether `close` must be asked (an error at close can still be told); else no flush is sent.
    var wantsFlush: Bool { get }
    /// Whether it is a stream: no positions, reads wait for data.
    var isStream: Bool { get }
    /// Whether requests may take as long as their data takes: they have deadlines of their own.
    var isBulk: Bool { get }
    /// Bytes as this opening sees them; nil where the node's status tells.
    var size: Int? { get }
    /// Up to `count` bytes from `offset`; fewer only at the end.
    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]>
    /// The same, where nothing has to be waited for; nil where `read` has to be asked.
    func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>?
    /// Writes; the answer is how many bytes were taken.
    func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int>
    /// `ftruncate`.
    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void>
    /// `close` of one descriptor: applies what was written, if anything was since the last time.
    func flush(by caller: Caller) throws(ProviderError) -> Answer<Void>
    /// `fsync`: applies what was written, and it is stored after this.
    func sync(by caller: Caller) throws(ProviderError) -> Answer<Void>
    /// `lseek` for data and holes; nil past the end.
    func seek(offset: Int, hole: Bool) throws(ProviderError) -> Answer<Int?>
    /// Whether a read would find something now; else `notify` is called once when it would. nil: always.
    func poll(_ notify: (@Sendable () -> Void)?) -> Bool?
    /// The last descriptor is closed.
    func close() async
}

extension OpenedFile {
    /// No flush.
    public var wantsFlush: Bool { false }
    /// Not a stream.
    public var isStream: Bool { false }
    /// Not bulk data.
    public var isBulk: Bool { false }
    /// As the node's status tells.
    public var size: Int? { nil }
    /// Nothing to read.
    public func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> { .now([]) }
    /// `read` tells at once what it can.
    public func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>? { nil }
    /// Refuses.
    public func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int> {
        throw ProviderError(.notPermitted, "this file cannot be written")
    }
    /// Success without effect.
    public func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> { .done }
    /// Nothing to apply.
    public func flush(by caller: Caller) throws(ProviderError) -> Answer<Void> { .done }
    /// The same as a flush.
    public func sync(by caller: Caller) throws(ProviderError) -> Answer<Void> { try flush(by: caller) }
    /// All of it is data.
    public func seek(offset: Int, hole: Bool) throws(ProviderError) -> Answer<Int?> {
        guard let size, offset < size else { return .now(nil) }
        return .now(hole ? size : offset)
    }
    /// Always ready.
    public func poll(_ notify: (@Sendable () -> Void)?) -> Bool? { nil }
    /// Nothing to do.
    public func close() async {}
}

/// A symbolic link.
public protocol LinkNode: Node {
    /// Where it points.
    func target() throws(ProviderError) -> Answer<String>
}

/// Something that readers may have kept is no longer so.
public enum TreeChange: Sendable, Hashable {
    /// The content or the status of a node.
    case node(inode: UInt64)
    /// A name of a directory now stands for something else, or for nothing.
    case entry(parent: UInt64, name: String, removed: UInt64?)
    /// Everything at a path and below it.
    case subtree(path: String)
}
