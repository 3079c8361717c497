public import ProviderAPI
import Synchronization

/// An object held open.
///
/// All openings of one object in this process see the same content, whichever wrote it, with one exception: while a
/// change too large for memory is on its way, those who only read see the version it replaces (`busy` where there is
/// none). Safe to call from any task; none of its calls blocks a thread, and each ends early when its task is cancelled.
public final class ObjectFile: Sendable {
    /// What of an object is on its way to the store.
    public enum Unstored: Sendable, Hashable {
        case nothing
        /// It was made or cut, and nothing was written to it yet.
        case creation
        /// What was written, or the reason why that failed.
        case content
    }

    let content: ObjectContent
    /// Whether it may be written to.
    public let isWritable: Bool
    private let isAppending: Bool
    private let reader: ReadAhead
    private let tree: ObjectTree
    private let isClosed = Mutex(false)
    /// The count of versions by others when the first bytes were read: those of another are no part of the same content.
    private let seen = Mutex<Int?>(nil)

    init(content: ObjectContent, isWritable: Bool, isAppending: Bool, reader: ReadAhead, tree: ObjectTree) {
        self.content = content
        self.isWritable = isWritable
        self.isAppending = isAppending
        self.reader = reader
        self.tree = tree
    }

    /// One that was never closed leaves nothing behind in the store.
    deinit {
        guard !isClosed.withLock({ $0 }) else { return }
        let (content, tree, isWritable) = (content, tree, isWritable)
        Task { await tree.leave(content, isWriter: isWritable, abandoning: true) }
    }

    /// Bytes now.
    public var size: Int {
        get async { await info.size }
    }

    /// The object as this opening sees it: with the size and time of what was written, and the etag of the version in
    /// the store (empty where there is none yet).
    public var info: ObjectInfo {
        get async { await content.current }
    }

    /// Up to `count` bytes from `offset`; fewer only at the end.
    ///
    /// Throws `replaced` when somebody else changed the object, `notFound` when it was deleted, `busy` when it is on its
    /// way to the store for the first time.
    public func read(offset: Int, count: Int) async throws(ProviderError) -> [UInt8] {
        do {
            return try await readSame(offset, count)
        } catch {
            // What was known when it was opened is no longer so, and none of it was read.
            guard error.code == .replaced || error.code == .notFound, seen.withLock({ $0 == nil }), !isWritable,
                let now = try await tree.storedObject(await content.key)
            else { throw error }
            await content.adopt(now)
            return try await readSame(offset, count)
        }
    }

    private func readSame(_ offset: Int, _ count: Int) async throws(ProviderError) -> [UInt8] {
        let adoptions = await content.adoptions
        try requireSame(adoptions)
        let bytes = try await content.read(offset: offset, count: count, isWriter: isWritable, through: reader)
        seen.withLock { $0 = $0 ?? adoptions }
        return bytes
    }

    private func requireSame(_ adoptions: Int) throws(ProviderError) {
        guard seen.withLock({ $0 ?? adoptions }) != adoptions else { return }
        throw ProviderError(.replaced, "it was changed by somebody else meanwhile; open it again")
    }

    /// The same, where nothing has to be waited for; nil where something has, and then nothing was done.
    public func readNow(offset: Int, count: Int) -> ArraySlice<UInt8>? {
        guard let (object, adoptions) = content.unchanged.withLock({ $0 }),
            seen.withLock({ $0 == adoptions })
        else { return nil }
        return reader.readNow(object, offset: offset, count: count)
    }

    /// Writes at an offset (at the end, whatever the offset, for one opened to append).
    ///
    /// Returns when the bytes are with the upload or in bounded memory. After an error nothing of the change is stored.
    public func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError) {
        try await requireWritable()
        guard offset >= 0 else { throw ProviderError(.invalidValue, "an offset cannot be negative") }
        try await content.write(bytes, at: isAppending ? nil : offset)
    }

    /// Cuts it off at a size, or lengthens it with zeros.
    public func truncate(to size: Int) async throws(ProviderError) {
        try await requireWritable()
        guard size >= 0 else { throw ProviderError(.invalidValue, "a size cannot be negative") }
        try await content.truncate(to: size)
    }

    /// What a ``flush()`` or a ``close()`` has to store.
    public var unstored: Unstored {
        get async { isWritable ? await content.unstored : .nothing }
    }

    /// Stores what was written, for each close(2) of a descriptor. A bare creation or truncation waits for more, at most
    /// until ``close()``, though the tree shows it at once.
    ///
    /// Throws `replaced` when the object is no longer what it was when it was opened; the store is then unchanged.
    public func flush() async throws(ProviderError) {
        if isWritable { try await content.commit(whole: false) }
    }

    /// Stores everything, for fsync(2).
    public func sync() async throws(ProviderError) {
        if isWritable { try await content.commit(whole: true) }
    }

    /// Stores what is left and ends the opening. It is ended even if this throws.
    public func close() async throws(ProviderError) {
        guard end() else { return }
        reader.close()
        do {
            if isWritable { try await content.commit(whole: true) }
        } catch {
            await tree.leave(content, isWriter: isWritable, abandoning: true)
            throw error
        }
        await tree.leave(content, isWriter: isWritable, abandoning: false)
    }

    /// Ends the opening and forgets what was written since the last commit; the store keeps the old object.
    public func abort() async {
        guard end() else { return }
        reader.close()
        await tree.leave(content, isWriter: isWritable, abandoning: true)
    }

    private func end() -> Bool {
        isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
    }

    private func requireWritable() async throws(ProviderError) {
        guard isWritable else {
            throw ProviderError(.notPermitted, "\(await content.key) is open for reading only; open it for writing")
        }
        try requireSame(await content.adoptions)
    }
}
