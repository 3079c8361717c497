/// A long operation's line to whoever waits for it.
public protocol JobReporter: Sendable {
    /// The platform has taken the operation on: the caller's write may return.
    func accepted()
    /// How far it is, 0 to 100.
    func progress(_ percent: Int)
}

/// How far a provider's events tell of changes in a collection.
public enum EventCoverage: Sendable, Hashable {
    /// Nothing is told: what is known ages, and is asked for again.
    case none
    /// Every change is told, but for these attributes (named as their files), which are asked for again as they age.
    case all(except: Set<String>)
}

/// One kind of resource of a provider.
public protocol CollectionService<Item>: Sendable {
    /// What it holds.
    associatedtype Item: Resource

    /// What it can do; the tree shows nothing else.
    var operations: Set<Operation> { get }
    /// What creation takes.
    var parameters: [Parameter] { get }
    /// What making an element of one of an item's directories takes, by the directory's name (`snapshots`).
    var elementParameters: [String: [Parameter]] { get }
    /// How far events tell of changes.
    var eventCoverage: EventCoverage { get }

    /// All of them in a constant number of calls, whatever their number. An odd one is listed with its
    /// ``Resource/fault``; ``ProviderError`` only when nothing can be told.
    func list() async throws(ProviderError) -> [Item]

    /// These, complete and fresh; those that are gone are left out.
    func items(_ ids: [Item.ID]) async throws(ProviderError) -> [Item]

    /// What creation would make of a specification, as far as that can be told without asking the platform: its own
    /// values for what is not set filled in. Throws what creation would refuse, by the parameter's name.
    func plan(_ specification: Specification) throws(ProviderError) -> Specification

    /// Creates one, as a whole or not at all. `alreadyExists` where the name is taken.
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Item

    /// Deletes it, and what is its own and nobody else's. `busy` or `notEmpty` where its state does not allow it.
    func delete(_ id: Item.ID, _ job: any JobReporter) async throws(ProviderError)

    /// Carries out one change and returns the item as it is after.
    func apply(_ change: Item.Change, to id: Item.ID, _ job: any JobReporter) async throws(ProviderError) -> Item
}

extension CollectionService {
    /// A service that creates nothing takes no parameters.
    public var parameters: [Parameter] { [] }
    /// Elements are made by their name alone.
    public var elementParameters: [String: [Parameter]] { [:] }
    /// Those that are wanted of all, for a platform that cannot be asked for some and whose listing is complete.
    public func items(_ ids: [Item.ID]) async throws(ProviderError) -> [Item] {
        let wanted = Set(ids)
        return try await list().filter { wanted.contains($0.id) }
    }
    /// No events unless the service says so.
    public var eventCoverage: EventCoverage { .none }

    /// A service that knows no better takes a specification as it is.
    public func plan(_ specification: Specification) throws(ProviderError) -> Specification { specification }

    /// Refuses: a service that creates overrides this.
    public func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Item {
        throw ProviderError(.unsupported, "this provider cannot create a \(Item.kind.singular)")
    }

    /// Refuses: a service that deletes overrides this.
    public func delete(_ id: Item.ID, _ job: any JobReporter) async throws(ProviderError) {
        throw ProviderError(.unsupported, "this provider cannot delete a \(Item.kind.singular)")
    }

    /// Refuses: a service that changes overrides this.
    public func apply(_ change: Item.Change, to id: Item.ID, _ job: any JobReporter) async throws(ProviderError)
        -> Item
    {
        throw .unsupported(change.operation)
    }
}

/// Bulk content of a volume or an image, open for ranged access.
public protocol BulkContent: Sendable {
    /// Bytes.
    var size: Int { get }
    /// Up to `count` bytes from `offset`; fewer only at the end.
    func read(offset: Int, count: Int) async throws(ProviderError) -> [UInt8]
    /// The same, where nothing has to be waited for; nil where `read` has to be asked.
    func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>?
    /// Writes there; ``ProviderError/Code/unsupported`` where the platform cannot.
    func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError)
    /// The same, where nothing has to be waited for; false, and nothing is written, where `write` has to be asked.
    func writeNow(_ bytes: [UInt8], offset: Int) -> Bool
    /// The start of the next data (`hole` false) or hole (`hole` true) at or after `offset`; nil past the end.
    func seek(offset: Int, hole: Bool) async throws(ProviderError) -> Int?
    /// Makes it end there, and what was behind that is gone; zeros where it ended before. What cannot change its length
    /// (a block device) keeps it, with zeros behind `size`.
    func truncate(to size: Int) async throws(ProviderError)
    /// What was written is stored after this.
    func flush() async throws(ProviderError)
    /// The same, and nothing is held for it any more.
    func close() async throws(ProviderError)
    /// Its writer was killed, or the mount ends, with content that no ``flush()`` has stored. What is of use only as a whole
    /// is given up, which is told by throwing; by default as ``close()``.
    func abandon() async throws(ProviderError)
}

extension BulkContent {
    /// Nothing is at hand.
    public func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>? { nil }
    /// Every write waits.
    public func writeNow(_ bytes: [UInt8], offset: Int) -> Bool { false }
    /// For a platform that cannot.
    public func truncate(to size: Int) async throws(ProviderError) {
        throw ProviderError(.unsupported, "the length of this content cannot be changed")
    }
    /// Nothing to do where a write is stored at once.
    public func flush() async throws(ProviderError) {}
    /// What was written is there.
    public func abandon() async throws(ProviderError) { try await close() }
}

/// A collection whose items have bulk content.
public protocol BulkService<Item>: CollectionService {
    /// Opens the content of one.
    func content(of id: Item.ID, writable: Bool) async throws(ProviderError) -> any BulkContent
}

/// A two-way stream of bytes, such as a serial console.
public protocol ByteStream: Sendable {
    /// The next bytes, at least one; empty at the end.
    func read(upTo count: Int) async throws(ProviderError) -> [UInt8]
    /// Sends bytes.
    func write(_ bytes: [UInt8]) async throws(ProviderError)
    /// Ends it.
    func close() async
}

/// Machines with consoles.
public protocol ConsoleService: Sendable {
    /// Where a viewer connects; for platforms that make the address on demand.
    func console(of id: VirtualMachine.ID) async throws(ProviderError) -> String
    /// The serial line of a running machine.
    func serial(of id: VirtualMachine.ID) async throws(ProviderError) -> any ByteStream
}

/// The platform's own facts.
public protocol HostService: Sendable {
    /// Named facts, in order, in one call or a few. One that could not be had is empty, and the fact `fault` then says why.
    func info() async throws(ProviderError) -> [Value.Entry]
}

/// Faults that a user can rehearse: a text for each name, as files of `.inject/`.
public protocol FaultService: Sendable {
    /// What each is set to now; empty where it is off.
    var faults: [Value.Entry] { get }
    /// Sets one; `invalidValue` where the text means nothing.
    func setFault(_ name: String, to text: String) throws(ProviderError)
}
