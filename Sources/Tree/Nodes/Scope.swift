import Inventory
import ObjectStore
import ProviderAPI
import Synchronization

/// One provider with what the tree keeps beside it: what every node of it needs at hand.
final class Scope: Sendable {
    let live: LiveProvider
    let workspace: Workspace
    let scratch: ScratchStore
    let drafts: DraftStore
    let operations: Set<Operation>
    let clock: ContentClock
    /// The buckets whose store does not answer.
    let silences: Silences
    /// When the first mount began, nanoseconds since 1970: the time of what never changes.
    let started: Int64
    private let objectChanges = Mutex(0)
    private let hostCache = Mutex<(facts: [Value.Entry], read: Duration)?>(nil)
    private let memory: ObjectMemory
    private let objectTrees = Mutex<[String: ObjectTree]>([:])

    init(
        live: LiveProvider, drafts: DraftStore, memory: ObjectMemory, time: TimeSource,
        job: @escaping @Sendable (_ pid: Int32) -> Int32
    ) {
        self.memory = memory
        self.live = live
        started = live.times?.since ?? time.wall()
        clock = ContentClock(time: time, ledger: live.times)
        self.drafts = drafts
        workspace = Workspace(time: time, job: job)
        silences = Silences(time: time)
        scratch = ScratchStore(time: time)
        var operations = live.provider.operations
        if live.provider.events() != nil { operations.insert(.events) }
        self.operations = operations
    }

    var name: String { live.name }

    /// The operations whose collections the platform has, as far as is known.
    var presentOperations: [Operation] {
        let absent = live.provider.absentKinds
        return operations.filter { $0.kind.map { !absent.contains($0) } ?? true }.sorted()
    }

    func offers(_ operation: Operation?) -> Bool {
        guard let operation else { return true }
        return operations.contains(operation)
    }

    /// The objects of a bucket: one value for each, since it remembers what was just written.
    func objects(of bucket: String) -> ObjectTree? {
        guard let service = live.provider.objects else { return nil }
        return objectTrees.withLock { trees in
            if let tree = trees[bucket] { return tree }
            let name = name
            let tree = ObjectTree(bucket: bucket, service: service, memory: memory) {
                Identity.inode(object: $0, of: bucket, name)
            }
            trees[bucket] = tree
            return tree
        }
    }

    /// Counts what was done to objects here: what was told of one before may not hold after.
    var objectEpoch: Int { objectChanges.withLock { $0 } }

    func noteObjectChange() {
        objectChanges.withLock { $0 += 1 }
    }

    /// The platform's own facts, at most as old as the policy's cache allows.
    func hostFacts() throws(ProviderError) -> Answer<[Value.Entry]> {
        guard let host = live.provider.host else { throw .unsupported(.hostInfo) }
        let live = live
        let now = workspace.time.uptime()
        if let known = hostCache.withLock({ $0 }), now - known.read < live.policy.cache { return .now(known.facts) }
        return .later { () async throws(ProviderError) -> [Value.Entry] in
            let facts = try await live.call("host info") { () async throws(ProviderError) -> [Value.Entry] in
                try await host.info()
            }
            self.hostCache.withLock { $0 = (facts, now) }
            if let fault = facts.first(where: { $0.key == "fault" })?.value.plainText, !fault.isEmpty {
                live.failures.note(
                    operation: "host info", path: "\(self.name)/host/fault", errno: "EIO", reason: fault)
            }
            return facts
        }
    }

    func request(_ caller: Caller, _ path: String, old: Value = .none, new: Value = .none) -> AuditTrail.Request {
        AuditTrail.Request(
            uid: caller.uid, pid: caller.pid, command: caller.command, path: path, old: old, new: new)
    }

    /// The last failure at a path or below it, as `.error` prints it.
    func failureText(_ path: String) -> String {
        guard let failure = live.failures.last(at: path) else { return "" }
        return failure.line
    }
}

/// A collection with its schema, as the nodes below it need it.
final class CollectionContext<Item: Described>: Sendable {
    let scope: Scope
    let live: LiveCollection<Item>
    let path: String
    /// The attributes that this provider offers.
    let attributes: [Attribute<Item>]
    /// The same, with what is so of each for as long as the mount lasts.
    let offered: [OfferedAttribute<Item>]
    /// The directories that this provider offers.
    let groups: [Group<Item>]
    let hasDetailInInfo: Bool

    init(scope: Scope, service: any CollectionService<Item>) {
        self.scope = scope
        let schema = Item.schema
        live = LiveCollection(service, of: scope.live, identity: schema.identity) { schema.differences($0, $1) }
        path = "\(scope.name)/\(Item.kind.rawValue)"
        let attributes = schema.attributes.filter { scope.offers($0.requires) }
        self.attributes = attributes
        let live = live
        offered = attributes.map { OfferedAttribute($0, isPolled: live.isPolled($0.name), scope) }
        groups = schema.groups.filter { scope.offers($0.requires) }
        hasDetailInInfo =
            schema.attributes.contains(where: \.isDetail) || !schema.groups.isEmpty || schema.inline != nil
    }

    /// The content of its items, where the provider gives it.
    var bulk: (any BulkService<Item>)? {
        guard scope.offers(Item.kind == .disks ? .readDisk : .readImage) else { return nil }
        return live.service as? any BulkService<Item>
    }

    func validity(_ attribute: String) -> Validity { validity(polled: live.isPolled(attribute)) }

    func validity(polled: Bool) -> Validity {
        live.validity(polled: polled).map(Validity.lasting) ?? .untilChanged
    }

    func inode(_ id: Item.ID, _ attribute: String) -> UInt64 {
        Identity.inode(scope.name, Item.kind, id.rawValue, attribute)
    }
}

extension LiveCollection {
    /// Whether an attribute (by its path below the resource) is asked for again as it ages.
    func isPolled(_ attribute: String) -> Bool {
        guard let unwatchedAttributes else { return true }
        guard !unwatchedAttributes.isEmpty else { return false }
        if attribute == "info" || attribute == "info.json" { return true }
        return unwatchedAttributes.contains(String(attribute.prefix { $0 != "/" }))
    }
}

/// An attribute with what a provider and its configuration make of it.
final class OfferedAttribute<Item: Described>: Sendable {
    let attribute: Attribute<Item>
    /// Whether it is asked for again as it ages.
    let isPolled: Bool
    /// Whether the provider can change it, and may.
    let isWritable: Bool

    init(_ attribute: Attribute<Item>, isPolled: Bool, _ scope: Scope) {
        self.attribute = attribute
        self.isPolled = isPolled
        let operations = attribute.write?.operations ?? []
        isWritable = !scope.live.policy.isReadOnly && !operations.isDisjoint(with: scope.operations)
    }
}

extension Caller {
    /// The process's name (`/proc/PID/comm`, proc(5)); empty where it cannot be read.
    var command: String { ProcessName.of(pid) }
}
