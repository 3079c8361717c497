import ProviderAPI
import Synchronization

/// An object store in memory: small pages, calls that are counted and can be made to fail or wait.
final class MemoryStore: ObjectService {
    enum Call: Hashable, Sendable {
        case page, object, read, upload, append, copyRange, finish, abort, copy, delete, setPublic, isPublic, presign
        case setTime
    }

    struct Stored: Sendable {
        var info: ObjectInfo
        var bytes: [UInt8]
    }

    struct State: Sendable {
        var objects: [[UInt8]: Stored] = [:]
        var version = 0
        var calls: [Call: Int] = [:]
        var reads: [Range<Int>] = []
        var readsUnderWay = 0
        var mostReadsUnderWay = 0
        var limits: [Int] = []
        var largestAppend = 0
        var openUploads = 0
        /// Objects that no listing shows yet.
        var unlisted: Set<[UInt8]> = []
        /// Objects that listings tell of as if they were empty.
        var hollow: Set<[UInt8]> = []
        var publicKeys: Set<String> = []
        var clock = 1_700_000_000
        /// Whether the answer to an upload has the time of the object.
        var uploadsTellTime = true
    }

    let state = Mutex(State())
    private let pageSize: Int
    private let copiesRanges: Bool
    /// Called before each call; throws to make it fail, waits to make it slow.
    let onCall = Mutex<@Sendable (Call, Int) async throws(ProviderError) -> Void>({ _, _ in })

    /// Gives the bytes of a read to its sink instead of the store, in a way of its own; false where it does not.
    let onArrival = Mutex<@Sendable (any ByteSink, [UInt8]) async throws(ProviderError) -> Bool>({ _, _ in false })

    init(pageSize: Int = 3, copiesRanges: Bool = false) {
        self.pageSize = pageSize
        self.copiesRanges = copiesRanges
    }

    // MARK: What tests ask and do behind the tree's back

    func count(_ call: Call) -> Int { state.withLock { $0.calls[call] ?? 0 } }

    func resetCounts() { state.withLock { $0.calls = [:] } }

    var keys: [String] {
        state.withLock { state in
            state.objects.keys.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    func content(_ key: String) -> [UInt8]? { state.withLock { $0.objects[Array(key.utf8)]?.bytes } }

    @discardableResult
    func put(_ key: String, _ bytes: [UInt8] = [1], contentType: String? = nil) -> ObjectInfo {
        state.withLock { $0.put(key, bytes, contentType) }
    }

    func fail(_ call: Call, on number: Int? = nil, with code: ProviderError.Code = .unreachable) {
        onCall.withLock { hook in
            hook = { made, count throws(ProviderError) in
                if made == call, number == nil || number == count { throw ProviderError(code, "as the test asked") }
            }
        }
    }

    func before(_ call: Call, _ body: @escaping @Sendable () async throws(ProviderError) -> Void) {
        onCall.withLock { hook in
            hook = { made, _ throws(ProviderError) in if made == call { try await body() } }
        }
    }

    func enter(_ call: Call) async throws(ProviderError) {
        let count = state.withLock { state in
            state.calls[call, default: 0] += 1
            return state.calls[call] ?? 0
        }
        let hook = onCall.withLock { $0 }
        try await hook(call, count)
    }

    // MARK: ObjectService

    func page(of bucket: String, prefix: String, after token: String?) async throws(ProviderError) -> ObjectPage {
        try await page(of: bucket, prefix: prefix, after: token, limit: pageSize)
    }

    func page(of bucket: String, prefix: String, after token: String?, limit: Int)
        async throws(ProviderError) -> ObjectPage
    {
        try await enter(.page)
        return state.withLock { state in
            state.limits.append(limit)
            return state.page(prefix: Array(prefix.utf8), after: token.map { Array($0.utf8) }, limit: limit)
        }
    }

    func object(_ key: String, in bucket: String) async throws(ProviderError) -> ObjectInfo? {
        try await enter(.object)
        return state.withLock { $0.objects[Array(key.utf8)]?.info }
    }

    func read(
        _ key: String, in bucket: String, offset: Int, count: Int, etag: String?, into sink: any ByteSink
    ) async throws(ProviderError) {
        state.withLock { state in
            state.reads.append(offset..<offset + count)
            state.readsUnderWay += 1
            state.mostReadsUnderWay = max(state.mostReadsUnderWay, state.readsUnderWay)
        }
        defer { state.withLock { $0.readsUnderWay -= 1 } }
        try await enter(.read)
        let bytes = try slice(key, offset, count, etag)
        let hook = onArrival.withLock { $0 }
        if try await !hook(sink, bytes) { sink.take(whole: bytes) }
    }

    func slice(_ key: String, _ offset: Int, _ count: Int, _ etag: String?) throws(ProviderError) -> [UInt8] {
        guard let stored = state.withLock({ $0.objects[Array(key.utf8)] }) else {
            throw ProviderError(.notFound, "no \(key)")
        }
        if let etag, etag != stored.info.etag { throw ProviderError(.replaced, "\(key) changed") }
        return Array(stored.bytes.dropFirst(offset).prefix(count))
    }

    func upload(_ key: String, in bucket: String, contentType: String?, precondition: ObjectPrecondition)
        async throws(ProviderError) -> any ObjectUpload
    {
        try await enter(.upload)
        state.withLock { $0.openUploads += 1 }
        return MemoryUpload(
            store: self, key: key, contentType: contentType, precondition: precondition, copiesRanges: copiesRanges)
    }

    func copy(_ key: String, in bucket: String, to newKey: String, in newBucket: String)
        async throws(ProviderError) -> ObjectInfo
    {
        try await enter(.copy)
        let copy = state.withLock { state in
            state.objects[Array(key.utf8)].map { state.put(newKey, $0.bytes, $0.info.contentType) }
        }
        guard let copy else { throw ProviderError(.notFound, "no \(key)") }
        return copy
    }

    func delete(_ key: String, in bucket: String) async throws(ProviderError) {
        try await enter(.delete)
        state.withLock { $0.objects[Array(key.utf8)] = nil }
    }

    func setPublic(_ isPublic: Bool, _ key: String, in bucket: String) async throws(ProviderError) {
        try await enter(.setPublic)
        state.withLock { state in
            if isPublic { state.publicKeys.insert(key) } else { state.publicKeys.remove(key) }
        }
    }

    func isPublic(_ key: String, in bucket: String) async throws(ProviderError) -> Bool? {
        try await enter(.isPublic)
        return state.withLock { $0.publicKeys.contains(key) }
    }

    func presignedURL(_ key: String, in bucket: String) async throws(ProviderError) -> String? {
        try await enter(.presign)
        return "https://store.test/\(bucket)/\(key)?signature=1"
    }

    func setModificationTime(_ seconds: Int, _ key: String, in bucket: String, etag: String)
        async throws(ProviderError) -> ObjectInfo
    {
        try await enter(.setTime)
        return state.withLock { state in
            state.objects[Array(key.utf8)]?.info.modificationTime = seconds
            return state.objects[Array(key.utf8)]?.info
                ?? ObjectInfo(key: key, size: 0, modificationTime: 0, etag: "gone")
        }
    }
}

extension MemoryStore.State {
    mutating func put(_ key: String, _ bytes: [UInt8], _ contentType: String?) -> ObjectInfo {
        version += 1
        clock += 1
        let info = ObjectInfo(
            key: key, size: bytes.count, modificationTime: clock, etag: "v\(version)", contentType: contentType)
        objects[Array(key.utf8)] = MemoryStore.Stored(info: info, bytes: bytes)
        return info
    }

    func page(prefix: [UInt8], after token: [UInt8]?, limit: Int) -> ObjectPage {
        var page = ObjectPage(objects: [], prefixes: [])
        var last: [UInt8] = []
        let keys = objects.keys.filter { $0.starts(with: prefix) && !unlisted.contains($0) }
        for key in keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let slash = key.dropFirst(prefix.count).firstIndex(of: UInt8(ascii: "/"))
            let entry = slash.map { Array(key[...$0]) } ?? key
            if let token, !token.lexicographicallyPrecedes(entry) { continue }
            if entry == last { continue }
            if page.objects.count + page.prefixes.count == limit {
                page.next = String(decoding: last, as: UTF8.self)
                return page
            }
            last = entry
            if slash != nil {
                page.prefixes.append(String(decoding: entry, as: UTF8.self))
            } else if var info = objects[key]?.info {
                if hollow.contains(key) { (info.size, info.etag, info.isContentKnown) = (0, "hollow", false) }
                page.objects.append(info)
            }
        }
        return page
    }
}

/// An upload that keeps its bytes, or only counts them.
final class MemoryUpload: ObjectUpload {
    private let store: MemoryStore
    private let key: String
    private let contentType: String?
    private let precondition: ObjectPrecondition
    private let copiesRanges: Bool
    private let bytes = Mutex<[UInt8]>([])
    private let isEnded = Mutex(false)

    init(
        store: MemoryStore, key: String, contentType: String?, precondition: ObjectPrecondition, copiesRanges: Bool
    ) {
        self.store = store
        self.key = key
        self.contentType = contentType
        self.precondition = precondition
        self.copiesRanges = copiesRanges
    }

    func append(_ bytes: [UInt8]) async throws(ProviderError) {
        store.state.withLock { $0.largestAppend = max($0.largestAppend, bytes.count) }
        try await store.enter(.append)
        self.bytes.withLock { $0 += bytes }
    }

    func append(copying key: String, in bucket: String, offset: Int, count: Int, etag: String)
        async throws(ProviderError) -> Int
    {
        guard copiesRanges else { return 0 }
        try await store.enter(.copyRange)
        let part = try store.slice(key, offset, min(count, 1 << 20), etag)
        bytes.withLock { $0 += part }
        return part.count
    }

    func finish() async throws(ProviderError) -> ObjectInfo {
        try await store.enter(.finish)
        let bytes = bytes.withLock { $0 }
        let info = store.state.withLock { state -> ObjectInfo? in
            let now = state.objects[Array(key.utf8)]?.info.etag
            switch precondition {
            case .none: break
            case .absent: if now != nil { return nil }
            case .matches(let etag): if now != etag { return nil }
            }
            var info = state.put(key, bytes, contentType)
            if !state.uploadsTellTime {
                info.isTimeKnown = false
                info.modificationTime += 1
            }
            return info
        }
        guard let info else {
            throw ProviderError(precondition == .absent ? .alreadyExists : .replaced, "\(key): precondition failed")
        }
        end()
        return info
    }

    func abort() async {
        do throws(ProviderError) { try await store.enter(.abort) } catch { return }
        end()
    }

    private func end() {
        let wasEnded = isEnded.withLock { isEnded in
            defer { isEnded = true }
            return isEnded
        }
        if !wasEnded { store.state.withLock { $0.openUploads -= 1 } }
    }
}

/// What a call throws, for a test to compare; nil when it succeeds.
func code(of call: () async throws(ProviderError) -> Void) async -> ProviderError.Code? {
    do throws(ProviderError) {
        try await call()
        return nil
    } catch {
        return error.code
    }
}

/// Whether a condition comes to hold within ten seconds.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while !condition() {
        if ContinuousClock.now > end { return false }
        await Task.yield()
    }
    return true
}

/// Bytes that tell by themselves where they belong: they repeat only after a prime number of them.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    let start = (seed % block.count + block.count) % block.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + block.count)
    bytes += block[start...].prefix(count)
    while bytes.count < count { bytes += block.prefix(count - bytes.count) }
    return bytes
}

private let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
