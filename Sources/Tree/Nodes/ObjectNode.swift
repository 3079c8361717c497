import Inventory
import ObjectStore
import ProviderAPI
import Synchronization

/// An object as a file.
struct ObjectNode: FileNode {
    let bucket: BucketReference
    let components: [String]
    /// As the listing or the look-up that led here told it.
    let info: ObjectInfo
    private let epoch: Int
    private let told: Duration

    init(bucket: BucketReference, components: [String], info: ObjectInfo) {
        self.bucket = bucket
        self.components = components
        self.info = info
        epoch = bucket.scope.objectEpoch
        told = bucket.scope.workspace.time.uptime()
    }

    var inode: UInt64 { bucket.inode(components) }
    var path: String { bucket.path(components) }
    var isBulk: Bool { true }

    func moved(from old: String, to new: String) -> (any Node)? {
        bucket.moved(components, from: old, to: new).map { ObjectNode(bucket: bucket, components: $0, info: info) }
    }

    /// Whether what is known is of this moment, but for what was done here since.
    private var isRecent: Bool { bucket.scope.workspace.time.uptime() - told < .seconds(1) }
    /// Whether nothing was done here since either.
    private var isFresh: Bool { epoch == bucket.scope.objectEpoch && isRecent }

    func status() throws(ProviderError) -> Answer<NodeStatus> {
        if isFresh, info.isContentKnown { return .now(Self.status(info, bucket)) }
        let bucket = bucket
        let components = components
        return try bucket.ask("look up object") { tree async throws(ProviderError) -> NodeStatus in
            guard case .file(let info)? = try await tree.lookUp(components) else {
                throw ProviderError(.notFound, "there is no \(bucket.path(components))")
            }
            return Self.status(info, bucket)
        }
    }

    func statusForPublishing() throws(ProviderError) -> Answer<NodeStatus> {
        let bucket = bucket
        let components = components
        return try bucket.ask("look up readers") { tree async throws(ProviderError) -> NodeStatus in
            guard case .file(var info)? = try await tree.lookUp(components) else {
                throw ProviderError(.notFound, "there is no \(bucket.path(components))")
            }
            info.isPublic = try await tree.isPublic(components)
            return Self.status(info, bucket)
        }
    }

    private static func status(_ info: ObjectInfo, _ bucket: BucketReference) -> NodeStatus {
        NodeStatus(
            .file, isWritable: !bucket.scope.live.policy.isReadOnly, size: info.size,
            modified: Int64(info.modificationTime) * 1_000_000_000, validity: bucket.validity,
            isPublic: info.isPublic ?? false, allocated: info.size)
    }

    func open(_ mode: OpenMode, by caller: Caller) throws(ProviderError) -> Answer<any OpenedFile> {
        if mode.writing { try bucket.permit(.writeObject) }
        let bucket = bucket
        let components = components
        let options = ObjectTree.OpenOptions(
            isWritable: mode.writing, truncates: mode.truncating, appends: mode.appending)
        // The tree knows what was done here.
        let known = isRecent && !mode.writing ? info : nil
        return try bucket.ask("open object") { tree async throws(ProviderError) -> any OpenedFile in
            OpenObject(
                file: try await tree.open(components, options, known: known), bucket: bucket, components: components)
        }
    }

    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let components = components
        // What is kept is copied: by the store, or through here.
        let bytes = max(size, info.size)
        return try bucket.change(
            .writeObject, components, by: caller, dataTime: { BucketReference.time(for: bytes) }
        ) { tree throws(ProviderError) in
            try await tree.truncate(components, to: size)
        }
    }

    func setPublic(_ isPublic: Bool, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let components = components
        return try bucket.change(.writeObject, components, by: caller) { tree throws(ProviderError) in
            try await tree.setPublic(isPublic, components)
        }
    }

    func setModificationTime(_ seconds: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let components = components
        // Kept by a copy inside the store.
        let bytes = info.size
        return try bucket.change(
            .writeObject, components, by: caller, dataTime: { BucketReference.time(for: bytes) }
        ) { tree throws(ProviderError) in
            do throws(ProviderError) {
                try await tree.setModificationTime(seconds, components)
            } catch {
                // touch(1) is a success also where the store keeps no times.
                guard error.code == .unsupported else { throw error }
            }
        }
    }

    /// Listed are the ETag, which every object has, and what else is known, so that who copies the attributes of many
    /// objects asks for none of them; the others are asked for by their names. The signed URL opens the object to whoever
    /// has it, and is another each time.
    var extendedAttributes: [String] {
        Self.facts.filter { $0.name == "user.infrafs.etag" || $0.of(info) != nil }.map(\.name)
    }

    func extendedAttribute(_ name: String) throws(ProviderError) -> Answer<[UInt8]> {
        let path = path
        let missing = ProviderError(.noAttribute, "\(path) has no extended attribute \(name)")
        switch name {
        case "user.infrafs.url":
            let components = components
            return try bucket.ask("sign URL") { tree async throws(ProviderError) -> [UInt8] in
                guard let url = try await tree.presignedURL(components) else { throw missing }
                return Array(url.utf8)
            }
        case "user.infrafs.public":
            let components = components
            return try bucket.ask("look up readers") { tree async throws(ProviderError) -> [UInt8] in
                guard let isPublic = try await tree.isPublic(components) else { throw missing }
                return Array((isPublic ? "yes" : "no").utf8)
            }
        default:
            guard let fact = Self.facts.first(where: { $0.name == name }) else { throw missing }
            return try told(missing, fact.of)
        }
    }
}

extension ObjectNode {
    /// One that was just made is known without its ETag until it is asked for.
    private static let facts: [(name: String, of: @Sendable (ObjectInfo) -> String?)] = [
        ("user.infrafs.etag", { $0.etag.isEmpty ? nil : $0.etag }),
        ("user.infrafs.content_type", { $0.contentType }),
        ("user.infrafs.storage_class", { $0.storageClass }),
        ("user.infrafs.version", { $0.version }),
    ]

    /// A fact of the object; one that a listing left out is asked for.
    private func told(
        _ missing: ProviderError, _ fact: @escaping @Sendable (ObjectInfo) -> String?
    ) throws(ProviderError) -> Answer<[UInt8]> {
        if info.isContentKnown, let text = fact(info) { return .now(Array(text.utf8)) }
        let components = components
        return try bucket.ask("look up object") { tree async throws(ProviderError) -> [UInt8] in
            guard case .file(let info)? = try await tree.entry(at: components), let text = fact(info) else {
                throw missing
            }
            return Array(text.utf8)
        }
    }
}

/// An open object.
struct OpenObject: OpenedFile {
    let file: ObjectFile
    let bucket: BucketReference
    let components: [String]
    private let bare = BareCreation()

    init(file: ObjectFile, bucket: BucketReference, components: [String]) {
        self.file = file
        self.bucket = bucket
        self.components = components
    }

    var wantsFlush: Bool { file.isWritable }
    var isBulk: Bool { true }

    /// Any change may wait for all that was written before it.
    private var dataTime: @Sendable () async -> Duration? {
        let file = file
        return { BucketReference.time(for: await file.size) }
    }

    func read(offset: Int, count: Int, by caller: Caller) throws(ProviderError) -> Answer<[UInt8]> {
        let file = file
        return try bucket.call("read object", dataTime: { .zero }) { _ async throws(ProviderError) -> [UInt8] in
            try await file.read(offset: offset, count: count)
        }
    }

    func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>? { file.readNow(offset: offset, count: count) }

    func write(_ bytes: [UInt8], offset: Int, by caller: Caller) throws(ProviderError) -> Answer<Int> {
        let file = file
        bucket.scope.noteObjectChange()
        return try bucket.call("write object", dataTime: dataTime) { _ async throws(ProviderError) -> Int in
            try await file.write(bytes, offset: offset)
            return bytes.count
        }
    }

    func truncate(to size: Int, by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let file = file
        bucket.scope.noteObjectChange()
        return try bucket.call("truncate object", dataTime: dataTime) { _ async throws(ProviderError) in
            try await file.truncate(to: size)
        }
    }

    func flush(by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let file = file
        guard file.isWritable else { return .done }
        let change = try bucket.change(.writeObject, components, by: caller, dataTime: dataTime) {
            _ throws(ProviderError) in try await file.flush()
        }
        let request = bucket.scope.request(caller, path)
        return .later { () async throws(ProviderError) in
            switch await file.unstored {
            // Every process that inherited the descriptor closes it.
            case .nothing: return
            case .creation: bare.request.withLock { $0 = request }
            case .content: try await change.value()
            }
        }
    }

    func sync(by caller: Caller) throws(ProviderError) -> Answer<Void> {
        let file = file
        guard file.isWritable else { return .done }
        return try bucket.call("store object", dataTime: dataTime) { _ async throws(ProviderError) in
            try await file.sync()
        }
    }

    func close() async {
        let request = bare.request.withLock { $0 }
        do throws(ProviderError) {
            guard let request, await file.unstored == .creation else { return try await file.close() }
            try await bucket.noted(.writeObject, request) { () async throws(ProviderError) in try await file.close() }
        } catch {
            bucket.scope.live.failures.note(
                operation: "close", path: path, errno: "EIO", reason: error.description)
        }
    }

    private var path: String { bucket.path(components) }
}

/// Who made or cut an object and closed it with nothing written: it is stored when all have closed it.
private final class BareCreation: Sendable {
    let request = Mutex<AuditTrail.Request?>(nil)
}
