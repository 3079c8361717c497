import Inventory
import ObjectStore
import ProviderAPI

/// Buckets as nodes: over ``ObjectTree``, which knows what a person expects of a directory of files.
enum BucketNodes {
    static func directory(_ context: CollectionContext<Bucket>, _ record: Record<Bucket>) -> any Node {
        ObjectDirectory(
            bucket: BucketReference(
                resource: ResourceReference(context, record), name: record.item.name,
                path: "\(context.path)/\(record.entryName)",
                inode: context.inode(record.item.id, ""), modified: record.modified),
            components: [], time: nil)
    }

    static func node(_ bucket: BucketReference, _ components: [String], _ entry: ObjectEntry) -> any Node {
        switch entry {
        case .file(let info): ObjectNode(bucket: bucket, components: components, info: info)
        case .directory(let time): ObjectDirectory(bucket: bucket, components: components, time: time)
        }
    }
}

/// One bucket as its nodes share it.
final class BucketReference: Sendable {
    let resource: ResourceReference<Bucket>
    let scope: Scope
    let name: String
    let path: String
    let inode: UInt64
    let modified: Int64

    init(resource: ResourceReference<Bucket>, name: String, path: String, inode: UInt64, modified: Int64) {
        self.resource = resource
        scope = resource.scope
        self.name = name
        self.path = path
        self.inode = inode
        self.modified = modified
    }

    var validity: Validity { .lasting(min(scope.live.policy.cache, .seconds(1))) }

    func inode(_ components: [String]) -> UInt64 {
        components.isEmpty ? inode : Identity.inode(object: components, of: name, scope.name)
    }

    func path(_ components: [String]) -> String { ([path] + components).joined(separator: "/") }

    /// The components that some have since a directory above them was renamed.
    func moved(_ components: [String], from old: String, to new: String) -> [String]? {
        guard let old = self.components(of: old), let new = self.components(of: new),
            components.starts(with: old)
        else { return nil }
        return new + components.dropFirst(old.count)
    }

    private func components(of path: String) -> [String]? {
        guard path.hasPrefix(self.path + "/") else { return nil }
        return path.dropFirst(self.path.count + 1).split(separator: "/").map(String.init)
    }

    func tree() throws(ProviderError) -> ObjectTree {
        guard let tree = scope.objects(of: name) else { throw .unsupported(.listObjects) }
        return tree
    }

    /// Asks the store what there is. Where it did not answer a moment ago, that is the answer: the kernel lets those who
    /// ask in one directory wait for one another, and each would wait for the whole deadline.
    func ask<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable (ObjectTree) async throws(ProviderError) -> Value
    ) throws(ProviderError) -> Answer<Value> {
        let answer = try call(what, body)
        return .later { () async throws(ProviderError) -> Value in
            try await self.scope.silences.asking(self.name) { () async throws(ProviderError) -> Value in
                try await answer.value()
            }
        }
    }

    /// Calls the store, within the provider's limits; where data is moved, with the time for it.
    func call<Value: Sendable>(
        _ what: String, dataTime: @escaping @Sendable () async -> Duration? = { nil },
        _ body: @escaping @Sendable (ObjectTree) async throws(ProviderError) -> Value
    ) throws(ProviderError) -> Answer<Value> {
        let tree = try tree()
        let live = scope.live
        return .later { () async throws(ProviderError) -> Value in
            let time = await dataTime()
            return try await live.call(what, dataTime: time) { () async throws(ProviderError) -> Value in
                try await body(tree)
            }
        }
    }

    /// The time that bytes take on the slowest line that is one still, a megabit a second. A store that hangs is noticed
    /// long before, since each request to it ends when nothing moves.
    static func time(for bytes: Int) -> Duration { .seconds(bytes >> 17) }
    /// What the copies of a directory may take, which can hold any number of objects.
    static var longest: Duration { .seconds(24 * 60 * 60) }

    /// The same for a change: refused where the policy says so, and noted in the audit trail.
    func change(
        _ operation: Operation, _ components: [String], by caller: Caller,
        dataTime: @escaping @Sendable () async -> Duration? = { nil },
        _ body: @escaping @Sendable (ObjectTree) async throws(ProviderError) -> Void
    ) throws(ProviderError) -> Answer<Void> {
        try permit(operation)
        scope.noteObjectChange()
        let answer = try call(operation.rawValue, dataTime: dataTime, body)
        let request = scope.request(caller, path(components))
        return .later { () async throws(ProviderError) in
            try await self.noted(operation, request) { () async throws(ProviderError) in try await answer.value() }
        }
    }

    /// Carries out a change and notes it in the audit trail.
    func noted(
        _ operation: Operation, _ request: AuditTrail.Request, _ body: () async throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        defer { scope.noteObjectChange() }
        do throws(ProviderError) {
            try await body()
            scope.live.audit.note(request, operation: operation, error: nil)
        } catch {
            scope.live.audit.note(request, operation: operation, error: error)
            throw error
        }
    }

    /// Whether everybody may read it, as far as is known now.
    var isPublic: Bool { resource.context.live.known(resource.id)?.item.isPublic ?? false }

    /// Opens the whole of it to everybody, or closes it.
    func setPublic(_ isPublic: Bool, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard scope.offers(.updateBucket) else { return .done }
        let words = (old: Value.text(isPublic ? "private" : "public"), new: Value.text(isPublic ? "public" : "private"))
        return resource.apply(path, old: words.old, new: words.new, by: caller) { bucket in
            bucket.isPublic == isPublic ? nil : .publicRead(isPublic)
        }
    }

    func permit(_ operation: Operation) throws(ProviderError) {
        try scope.live.policy.permit(.buckets, name)
        guard scope.offers(operation) else { throw .unsupported(operation) }
    }
}

/// A bucket, or a directory in it.
struct ObjectDirectory: DirectoryNode {
    let bucket: BucketReference
    let components: [String]
    let time: Int?

    var inode: UInt64 { bucket.inode(components) }
    var path: String { bucket.path(components) }
    var isBulk: Bool { true }

    func moved(from old: String, to new: String) -> (any Node)? {
        bucket.moved(components, from: old, to: new).map { ObjectDirectory(bucket: bucket, components: $0, time: time) }
    }

    func status() throws(ProviderError) -> Answer<NodeStatus> { .now(status(isPublic: isBucket && bucket.isPublic)) }

    private var isBucket: Bool { components.isEmpty }

    private func status(isPublic: Bool) -> NodeStatus {
        NodeStatus(
            .directory, isWritable: !bucket.scope.live.policy.isReadOnly,
            modified: time.map { Int64($0) * 1_000_000_000 } ?? bucket.modified, validity: bucket.validity,
            isPublic: isPublic)
    }

    func statusForPublishing() throws(ProviderError) -> Answer<NodeStatus> {
        guard isBucket, bucket.scope.offers(.updateBucket) else { return try status() }
        let directory = self
        return try bucket.resource.reading(Need(detail: true, polled: true)) { record in
            directory.status(isPublic: record.item.isPublic ?? false)
        }
    }

    /// A bucket as a whole; its directories are not on the platform.
    func setPublic(_ isPublic: Bool, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        guard isBucket else { return .done }
        return try bucket.setPublic(isPublic, by: caller)
    }

    /// Those of a bucket, which may cost a call, so that they are in no list.
    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        guard isBucket else { throw ProviderError(.noAttribute, "\(path) has no extended attribute \(name)") }
        return try BucketAttributes(bucket: bucket).value(of: name)
    }

    func setExtendedAttribute(
        _ name: String, to value: [UInt8]?, _ condition: AttributeCondition, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard isBucket || value != nil else {
            throw ProviderError(.noAttribute, "\(path) has no extended attribute \(name)")
        }
        guard isBucket else { return .done }
        return try BucketAttributes(bucket: bucket).set(name, to: value, condition, by: caller)
    }

    func child(_ name: String, for caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let bucket = bucket
        let components = components + [name]
        return try bucket.ask("look up object") { tree async throws(ProviderError) -> any Node in
            guard let entry = try await tree.lookUp(components) else {
                throw ProviderError(.notFound, "there is no \(bucket.path(components))")
            }
            return BucketNodes.node(bucket, components, entry)
        }
    }

    func reader(for caller: Caller) throws(ProviderError) -> Answer<any DirectoryReader> {
        _ = try bucket.tree()
        return .now(ObjectReader(bucket: bucket, components: components))
    }

    func makeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<any Node> {
        let bucket = bucket
        let components = components + [name]
        let answer = try bucket.change(.writeObject, components, by: caller) { tree throws(ProviderError) in
            try await tree.makeDirectory(components)
        }
        return try answer.map { ObjectDirectory(bucket: bucket, components: components, time: nil) }
    }

    func removeDirectory(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let components = components + [name]
        return try bucket.change(.deleteObject, components, by: caller) { tree throws(ProviderError) in
            try await tree.removeDirectory(components)
        }
    }

    func removeFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let components = components + [name]
        return try bucket.change(.deleteObject, components, by: caller) { tree throws(ProviderError) in
            try await tree.remove(components)
        }
    }

    func createFile(_ name: String, by caller: Caller) throws(ProviderError) -> Answer<CreatedFile> {
        try create(name, ObjectTree.OpenOptions(isWritable: true, truncates: true, creates: true))
    }

    func openFile(_ name: String, _ mode: OpenMode, exclusive: Bool, by caller: Caller) throws(ProviderError)
        -> Answer<CreatedFile>?
    {
        guard mode.writing else { return nil }
        return try create(
            name,
            ObjectTree.OpenOptions(
                isWritable: true, truncates: mode.truncating, appends: mode.appending, creates: true,
                isExclusive: exclusive))
    }

    private func create(_ name: String, _ options: ObjectTree.OpenOptions) throws(ProviderError) -> Answer<CreatedFile>
    {
        let bucket = bucket
        let components = components + [name]
        try bucket.permit(.writeObject)
        bucket.scope.noteObjectChange()
        return try bucket.ask("create object") { tree throws(ProviderError) -> CreatedFile in
            let file = try await tree.open(components, options)
            let node = ObjectNode(bucket: bucket, components: components, info: await file.info)
            return CreatedFile(node: node, file: OpenObject(file: file, bucket: bucket, components: components))
        }
    }

    func adopt(
        _ node: any Node, named oldName: String, from oldParent: any DirectoryNode, as name: String, replacing: Bool,
        by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard let from = oldParent as? ObjectDirectory, from.bucket.inode == bucket.inode else {
            // Bulk data from elsewhere: a copy is what the user means.
            throw ProviderError(.crossDevice, "\(node.path) can only be copied to \(path)/\(name)")
        }
        let old = from.components + [oldName]
        let new = components + [name]
        let time = (node as? ObjectNode).map { BucketReference.time(for: $0.info.size) } ?? BucketReference.longest
        return try bucket.change(.copyObject, new, by: caller, dataTime: { time }) { tree throws(ProviderError) in
            try await tree.rename(old, to: new, replace: replacing)
        }
    }
}

/// Reads a directory of objects page by page.
private final class ObjectReader: DirectoryReader {
    private let bucket: BucketReference
    private let components: [String]
    private let pages = PageCursor()

    init(bucket: BucketReference, components: [String]) {
        self.bucket = bucket
        self.components = components
    }

    func entries(from position: Int, limit: Int) throws(ProviderError) -> Answer<[DirectoryEntry]> {
        let reader = self
        return .later { () async throws(ProviderError) -> [DirectoryEntry] in
            let children = try await reader.pages.children(from: position, limit: limit) {
                token async throws(ProviderError) -> ObjectTree.ListingPage in
                try await reader.bucket.ask("list objects") {
                    (tree) async throws(ProviderError) -> ObjectTree.ListingPage in
                    try await tree.list(reader.components, after: token)
                }.value()
            }
            return children.map { child in
                DirectoryEntry(
                    child.name, BucketNodes.node(reader.bucket, reader.components + [child.name], child.entry))
            }
        }
    }
}

/// The page of a listing that is being read: one at a time is kept, and reading again from before it starts anew.
private actor PageCursor {
    private var first = 0
    private var page: ObjectTree.ListingPage?

    func children(
        from position: Int, limit: Int,
        _ fetch: @Sendable (ObjectTree.ListingToken?) async throws(ProviderError) -> ObjectTree.ListingPage
    ) async throws(ProviderError) -> [ObjectChild] {
        if position < first || page == nil {
            first = 0
            page = try await fetch(nil)
        }
        while let current = page {
            if position < first + current.children.count {
                return Array(current.children[(position - first)...].prefix(limit))
            }
            guard let next = current.next else { return [] }
            page = try await fetch(next)
            first += current.children.count
        }
        return []
    }
}
