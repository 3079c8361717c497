import Glibc
public import ProviderAPI
import Synchronization

/// One bucket as a tree of directories and files.
///
/// A key is a path: what is between two `/` is a component. A component that cannot be a name, or that is an object and
/// a directory at once, is written so that it can be read back:
///
/// | in the key | as a name |
/// | --- | --- |
/// | nothing (`a//b`, a leading or a trailing `/`) | `%2F` |
/// | `.` and `..` | `%2E` and `%2E.` |
/// | a control character | `%` and two upper-case hexadecimal digits |
/// | an object that shares its name with a directory | its name and `%file`; the directory keeps the name |
/// | more than 255 bytes | directories, each name ending in `%+`, then the rest |
/// | `%` where one of these forms would be read | `%25` |
///
/// Every key has one path and every path at most one key. An empty object whose key ends in `/` stands for the directory
/// and is not shown in it. A directory also exists where a key is below it; one that loses its last object stays until
/// it is removed, as on a disk, for as long as this value lives.
///
/// What was written or deleted here shows at once, even where the store lists late. A look-up costs one call for the
/// object and one for one key below it, side by side; where many are made in one directory, one page of its listing
/// serves them for a second. All calls may be made from any task, run in parallel, end early
/// when the task is cancelled, and pass the store's errors on.
public final class ObjectTree: Sendable {
    struct Opening {
        let content: ObjectContent
        var count = 0
        var writers = 0
    }

    /// The name of the bucket.
    public let bucket: String
    let service: any ObjectService
    let recent: RecentChanges
    let absences: Absences
    let pages: KnownPages
    let memory: ObjectMemory
    let filesAhead: FilesAhead
    let openings = Mutex<[ExactKey: Opening]>([:])
    let now: @Sendable () -> Int

    /// The tree of a bucket.
    ///
    /// `memory` is shared by all trees of a mount. `inode` is the inode number that a path is shown with, by which some
    /// programs sort what they read. `uptime` is a clock that only moves forward, for how long own changes are
    /// remembered; `now` is the time in seconds since 1970, for files that are not stored yet.
    public init(
        bucket: String, service: any ObjectService, memory: ObjectMemory = ObjectMemory(),
        inode: @escaping @Sendable ([String]) -> UInt64 = { _ in 0 },
        uptime: (@Sendable () -> Duration)? = nil, now: (@Sendable () -> Int)? = nil
    ) {
        self.bucket = bucket
        self.service = service
        self.memory = memory
        let start = ContinuousClock.now
        let uptime = uptime ?? { ContinuousClock.now - start }
        recent = RecentChanges(uptime: uptime)
        absences = Absences(uptime: uptime)
        pages = KnownPages(uptime: uptime)
        filesAhead = FilesAhead(
            source: ObjectSource(service: service, bucket: bucket, memory: memory, ahead: nil), pages: pages,
            recent: recent, number: { inode(Self.path(ofKey: $0)) })
        self.now = now ?? { Int(Glibc.time(nil)) }
    }

    /// The path of a key, whether or not there is such an object.
    ///
    /// `besideDirectory` is to be given for an object that shares its key with a directory.
    public static func path(ofKey key: String, besideDirectory: Bool = false) -> [String] {
        let components = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return components.enumerated().flatMap { index, component in
            KeyName.names(
                of: String(decoding: component, as: UTF8.self),
                besideDirectory: besideDirectory && index == components.count - 1)
        }
    }

    /// The key of the object at a path; nil where no object can be.
    public static func key(ofPath path: [String]) -> String? { Location(path)?.key }

    // MARK: Look-up

    /// What is at a path; nil when there is nothing. The empty path is the bucket.
    public func entry(at path: [String]) async throws(ProviderError) -> ObjectEntry? {
        guard let location = Location(path) else { return nil }
        switch location {
        case .folder(let folder):
            if folder.isRoot { return .directory(modificationTime: nil) }
            return try await directory(folder)
        case .named(let parent, let component, let besideDirectory):
            let key = parent + component
            let folder = Folder(base: key + "/", pieces: [])
            // Side by side: a look-up waits for one answer of the store, not for two.
            async let object = Self.result { () async throws(ProviderError) in try await self.object(key) }
            async let directory = Self.result { () async throws(ProviderError) in try await self.directory(folder) }
            let (file, below) = try await (object.get(), directory.get())
            if besideDirectory { return below == nil ? nil : file.map { .file($0) } }
            if file == nil, below == nil { absences.note(key) }
            // The root of the key `dir/` is both the object and the directory, and empty it is only the directory.
            return below ?? file.map { .file($0) }
        }
    }

    /// The same, from a page of the directory's listing that is at most a second old where many names of it are looked up.
    /// Directories are asked for, and so are objects whose time or size the store has not told yet.
    public func lookUp(_ path: [String]) async throws(ProviderError) -> ObjectEntry? {
        guard case .named(let parent, let component, false)? = Location(path) else { return try await entry(at: path) }
        let key = parent + component
        guard let known = await known(key, in: parent), !known.isDirectory,
            await ownDirectory(key + "/") == nil
        else { return try await entry(at: path) }
        if let pending = await opened(key)?.pending { return .file(pending) }
        guard let info = recent.resolve(key, stored: known.object, listed: known.asked), !Self.isMarker(info)
        else {
            absences.note(key)
            return nil
        }
        return info.isTimeKnown && info.isContentKnown ? .file(info) : try await storedObject(key).map { .file($0) }
    }

    /// What a page tells of a key; nil where no page does.
    private func known(_ key: String, in parent: String) async -> KnownPages.Entry? {
        switch pages.look(key, in: parent) {
        case .known(let entry): return entry
        case .ask: return nil
        case .list(let start):
            let asked = recent.uptime()
            // A page that cannot be had is no failure: the object is asked for then.
            let page = await Self.result { () async throws(ProviderError) in
                try await self.service.page(of: self.bucket, prefix: parent, after: start.token)
            }
            guard case .success(let page) = page else { return nil }
            pages.note(page, of: parent, after: start, asked: asked)
            guard case .known(let entry) = pages.look(key, in: parent) else { return nil }
            return entry
        }
    }

    /// The object that is to be deleted; nil when there is none, or a directory has its name.
    func objectToDelete(_ location: Location, _ key: String) async throws(ProviderError) -> ObjectInfo? {
        if !location.isBesideDirectory, await opened(key)?.pending == nil,
            let known = await known(key, in: location.parent), !known.isDirectory,
            let info = recent.resolve(key, stored: known.object, listed: known.asked), !Self.isMarker(info)
        {
            return info
        }
        return try await object(key)
    }

    /// The object of a key, with what was done to it here; nil when there is none.
    func object(_ key: String) async throws(ProviderError) -> ObjectInfo? {
        guard !key.isEmpty, key.utf8.count <= Limits.key else { return nil }
        if let pending = await opened(key)?.pending { return pending }
        return try await storedObject(key)
    }

    /// The object of a key as it is in the store; nil when there is none.
    func storedObject(_ key: String) async throws(ProviderError) -> ObjectInfo? {
        guard !key.isEmpty, key.utf8.count <= Limits.key else { return nil }
        let asked = recent.uptime()
        let info = recent.resolve(key, stored: try await service.object(key, in: bucket), asked: asked)
        guard let info, !Self.isMarker(info) else { return nil }
        return info
    }

    /// The directory of a prefix; nil when nothing is there.
    func directory(_ folder: Folder) async throws(ProviderError) -> ObjectEntry? {
        guard folder.prefix.utf8.count <= Limits.key else { return nil }
        let asked = recent.uptime()
        let page = try await service.page(of: bucket, prefix: folder.prefix, after: nil, limit: 1)
        let objects = page.objects.filter { recent.resolve($0.key, stored: $0, listed: asked) != nil }
        if !objects.isEmpty || page.prefixes.contains(where: { !recent.isDeleted($0) }) || page.next != nil {
            let marker = objects.first { $0.key.isExactly(folder.prefix) }
            return .directory(modificationTime: marker?.modificationTime)
        }
        return await ownDirectory(folder.prefix)
    }

    /// The directory of a prefix by what was done here.
    private func ownDirectory(_ prefix: String) async -> ObjectEntry? {
        let own = await changes(below: prefix)
        if let marker = own.first(where: { $0.key.isExactly(prefix) }) {
            return .directory(modificationTime: marker.modificationTime)
        }
        let isKept = recent.keepsDirectory(prefix) || !recent.keptDirectories(below: prefix).isEmpty
        return own.isEmpty && !isKept ? nil : .directory(modificationTime: nil)
    }

    /// What was written here a moment ago, or is being written, with keys that begin so.
    func changes(below prefix: String) async -> [ObjectInfo] {
        var changes = recent.written(below: prefix)
        let contents = openings.withLock { openings in
            openings.filter { $0.key.bytes.starts(with: prefix.utf8) }.map(\.value.content)
        }
        for content in contents {
            guard let pending = await content.pending else { continue }
            changes.removeAll { $0.key.isExactly(pending.key) }
            changes.append(pending)
        }
        return changes
    }

    /// The content that is open under a key, if any.
    func opened(_ key: String) -> ObjectContent? {
        openings.withLock { $0[ExactKey(key)]?.content }
    }

    /// An empty object that stands for a directory.
    static func isMarker(_ info: ObjectInfo) -> Bool { info.size == 0 && info.key.utf8.last == UInt8(ascii: "/") }

    /// The outcome of a call as a value, for calls that run side by side.
    static func result<Value: Sendable>(
        of call: @Sendable () async throws(ProviderError) -> Value
    ) async -> Result<Value, ProviderError> {
        do throws(ProviderError) {
            return .success(try await call())
        } catch {
            return .failure(error)
        }
    }
}
