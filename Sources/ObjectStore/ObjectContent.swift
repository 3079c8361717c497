import ProviderAPI
import Synchronization

/// The content of one object as everything that has it open here sees it: the version in the store, and the changes
/// on the way there.
///
/// What is changed out of order waits in memory (at most `Limits.changes`); what is written from the start in order goes
/// to an upload in parts. Unchanged ranges of an old version are copied inside the store where it can, else streamed
/// through, each time on the condition that the version is still that.
actor ObjectContent {
    let service: any ObjectService
    let bucket: String
    let recent: RecentChanges
    private let memory: ObjectMemory
    private let now: @Sendable () -> Int
    private let changing = AsyncLock()
    /// The version in the store while nothing is changed here, and how many there were by others: what can be read
    /// without a turn of this actor.
    nonisolated let unchanged: Mutex<(info: ObjectInfo, adoptions: Int)?>
    /// How often a version that others made took the place of the one that was known.
    private(set) var adoptions = 0

    /// The key; a rename changes it.
    private(set) var key: String
    /// The version in the store.
    var base: ObjectInfo?
    /// Bytes now, and how many of the old version's are still part of it.
    var size: Int
    var baseLimit: Int
    var buffer = WriteBuffer()
    /// Bytes of the buffer that the memory of all knows of.
    private var held = 0
    /// The upload under way, and how much of the new content it has.
    var upload: (any ObjectUpload)?
    var streamed = 0
    private(set) var isDirty = false
    private(set) var hasWritten = false
    private(set) var failure: ProviderError?
    private(set) var isRemoved = false
    private var isExclusive = false
    private var changeTime = 0
    /// A time that was set for what is on the way.
    private var keptTime: Int?
    private var contentType: String?
    private var copying: ReadAhead?

    /// The content of a version, or of an object still to be made.
    init(
        key: String, base: ObjectInfo?, contentType: String?, bucket: String, service: any ObjectService,
        recent: RecentChanges, memory: ObjectMemory, now: @escaping @Sendable () -> Int
    ) {
        self.key = key
        self.base = base
        unchanged = Mutex(base.map { ($0, 0) })
        self.contentType = base?.contentType ?? contentType
        self.bucket = bucket
        self.service = service
        self.recent = recent
        self.memory = memory
        self.now = now
        size = base?.size ?? 0
        baseLimit = base?.size ?? 0
    }

    deinit { memory.give(held) }

    /// Tells the memory of all what waits here.
    private func account() {
        memory.hold(buffer.count - held)
        held = buffer.count
    }

    // MARK: What it is

    /// The object as it will be; nil when it is gone or nothing is on the way.
    var pending: ObjectInfo? {
        guard isDirty, failure == nil, !isRemoved else { return nil }
        return current
    }

    /// The object as its writers see it.
    var current: ObjectInfo {
        guard isDirty, failure == nil else {
            return base
                ?? ObjectInfo(key: key, size: 0, modificationTime: changeTime, etag: "", contentType: contentType)
        }
        return ObjectInfo(
            key: key, size: size, modificationTime: changeTime, etag: base?.etag ?? "", contentType: contentType,
            storageClass: base?.storageClass)
    }

    /// Whether it still stands for what is under its key.
    var isUsable: Bool { failure == nil && !isRemoved }

    /// Whether an opening may share it, given whether the store has the object.
    func isShareable(isStored: Bool) -> Bool { isUsable && (isDirty || isStored) }

    /// A version was found in the store while nothing was on the way: of somebody else, or made here by other means.
    func adopt(_ info: ObjectInfo, isOwn: Bool = false) {
        guard !isDirty, failure == nil, !isRemoved else { return }
        contentType = info.contentType ?? contentType
        if base?.etag == info.etag {
            // A listing says less than a look-up does.
            if info.contentType != nil { base = info }
            return
        }
        if !isOwn { adoptions += 1 }
        settle(on: info)
    }

    /// Deletes the object while no change of it can be stored; what is written from here on goes nowhere.
    func remove(_ delete: @Sendable () async throws(ProviderError) -> Void) async throws(ProviderError) {
        try await changing.acquire()
        defer { changing.release() }
        try await delete()
        isRemoved = true
        await abandonUpload()
    }

    /// Gives the object another key, with everything written so far.
    func rename(_ move: @Sendable (ObjectInfo) async throws(ProviderError) -> ObjectInfo) async throws(ProviderError) {
        try await changing.acquire()
        defer { changing.release() }
        if let failure { throw failure }
        if isDirty { try await store() }
        guard let base else { throw ProviderError(.notFound, "there is no \(key)") }
        let info = try await move(base)
        key = info.key
        settle(on: info)
    }

    // MARK: Changes

    /// A new object, to be made when it is closed. An exclusive one must not be there by then.
    func create(exclusive: Bool) {
        guard base == nil, !isDirty else { return }
        isExclusive = exclusive
        touch()
    }

    /// Puts bytes at an offset, or at the end, and gives how the size is then.
    @discardableResult
    func write(_ bytes: [UInt8], at offset: Int?) async throws(ProviderError) -> Int {
        try await changing.acquire()
        defer { changing.release() }
        if let failure { throw failure }
        guard !bytes.isEmpty else { return size }
        let offset = offset ?? size
        try check(size: offset, and: bytes.count)
        // What is with the upload cannot be changed any more: store it, and go on from that version.
        if offset < streamed { try await store() }
        touch()
        hasWritten = true
        buffer.write(bytes, at: offset)
        size = max(size, offset + bytes.count)
        try await drain()
        return size
    }

    /// Sends on what memory is not for.
    private func drain() async throws(ProviderError) {
        let run = buffer.length(at: streamed)
        account()
        // While others hold much, what cannot go on in parts of a fair size goes on early.
        let isFull = buffer.isFull || (memory.isExceeded && buffer.count > Limits.part)
        guard run >= Limits.part || isFull else { return }
        if isRemoved {
            if !isFull { return }
            throw ProviderError(.noSpace, "\(key) was removed; what is still written to it is kept in memory only")
        }
        do {
            try await stream(upTo: run >= Limits.part ? streamed + run : buffer.end)
        } catch {
            throw await fail(error)
        }
    }

    /// Cuts it off, or lengthens it with zeros.
    func truncate(to end: Int) async throws(ProviderError) {
        try await changing.acquire()
        defer { changing.release() }
        if let failure { throw failure }
        guard end != size else { return }
        try check(size: end)
        if end == 0 {
            await abandonUpload()
        } else if end < streamed {
            try await store()
        }
        touch()
        if end > 0 { hasWritten = true }
        buffer.truncate(to: end)
        account()
        baseLimit = min(baseLimit, end)
        size = end
    }

    private func check(size: Int, and more: Int = 0) throws(ProviderError) {
        guard (0...Limits.object - more).contains(size) else {
            throw ProviderError(.tooLarge, "\(key): an object holds at most \(Limits.object >> 40) TiB")
        }
    }

    /// Sets the time of what is on the way, which is stored with it; false where nothing is.
    func keep(time: Int) async throws(ProviderError) -> Bool {
        try await changing.acquire()
        defer { changing.release() }
        if let failure { throw failure }
        guard isDirty, !isRemoved else { return false }
        keptTime = time
        changeTime = time
        return true
    }

    private func touch() {
        isDirty = true
        unchanged.withLock { $0 = nil }
        keptTime = nil
        changeTime = now()
    }

    // MARK: Storing

    /// What a ``commit(whole:)`` would do now.
    var unstored: ObjectFile.Unstored {
        if failure != nil { return .content }
        guard isDirty, !isRemoved else { return .nothing }
        return hasWritten ? .content : .creation
    }

    /// Makes the object what was written. Without `whole`, one that was only created or cut waits: a shell that
    /// redirects closes one copy of the descriptor before anything is written to the other.
    func commit(whole: Bool) async throws(ProviderError) {
        try await changing.acquire()
        defer { changing.release() }
        if let failure { throw failure }
        guard isDirty, !isRemoved, whole || hasWritten else { return }
        try await store()
    }

    /// Forgets what was written; the store keeps what it has.
    func abandon() async {
        // In a task of its own: whoever gives up may have been cancelled, and a change under way has to end first.
        let task = Task {
            guard (try? await changing.acquire()) != nil else { return }
            defer { changing.release() }
            if isDirty { await fail(ProviderError(.cancelled, "\(key): the change was given up")) }
        }
        if !Task.isCancelled { await task.value }
    }

    private func store() async throws(ProviderError) {
        guard !isRemoved else { throw gone }
        do {
            try await stream(upTo: size)
            let upload = try await beginUpload()
            var info = try await upload.finish()
            // An upload that was begun before its time was known has another.
            if let keptTime, info.modificationTime != keptTime {
                info = try await withTime(keptTime, info)
            }
            recent.wrote(info)
            settle(on: info)
        } catch {
            throw await fail(error)
        }
    }

    private func withTime(_ time: Int, _ info: ObjectInfo) async throws(ProviderError) -> ObjectInfo {
        do throws(ProviderError) {
            return try await service.setModificationTime(time, info.key, in: bucket, etag: info.etag)
        } catch {
            // The content is stored; a store that keeps no times is no failure.
            if error.code == .unsupported { return info }
            throw error
        }
    }

    var gone: ProviderError { ProviderError(.notFound, "\(key) was removed") }

    /// The version that is stored now.
    private func settle(on info: ObjectInfo) {
        base = info
        let adoptions = adoptions
        unchanged.withLock { $0 = (info, adoptions) }
        size = info.size
        baseLimit = info.size
        buffer = WriteBuffer()
        upload = nil
        streamed = 0
        copying = nil
        isDirty = false
        hasWritten = false
        isExclusive = false
        keptTime = nil
        account()
    }

    /// Nothing of the change is kept: the error has been told to one writer, and a later success would contradict it.
    @discardableResult
    private func fail(_ error: ProviderError) async -> ProviderError {
        let error = asConflict(error)
        failure = failure ?? error
        unchanged.withLock { $0 = nil }
        if error.code == .replaced { recent.forget(key) }
        await abandonUpload()
        buffer = WriteBuffer()
        account()
        return error
    }

    /// What a store says of a condition that did not hold, in one word.
    private func asConflict(_ error: ProviderError) -> ProviderError {
        let isConflict = base == nil ? error.code == .alreadyExists && !isExclusive : error.code == .notFound
        guard isConflict else { return error }
        return ProviderError(
            .replaced, "\(key) was changed by somebody else meanwhile; nothing was written", cause: error.description)
    }

    private func abandonUpload() async {
        let upload = upload
        self.upload = nil
        streamed = 0
        guard let upload else { return }
        let task = Self.giveUp(upload)
        // Who was interrupted does not wait for the store once more.
        if !Task.isCancelled { await task.value }
    }

    /// In a task of its own: a cancelled one could make no call.
    @discardableResult
    private static func giveUp(_ upload: any ObjectUpload) -> Task<Void, Never> {
        Task { await upload.abort() }
    }

    private func beginUpload() async throws(ProviderError) -> any ObjectUpload {
        if let upload { return upload }
        let precondition: ObjectPrecondition
        if let base {
            precondition = base.etag.isEmpty ? .none : .matches(etag: base.etag)
        } else {
            precondition = .absent
        }
        let begun = try await service.upload(
            key, in: bucket, contentType: contentType, modificationTime: keptTime, precondition: precondition)
        upload = begun
        return begun
    }

    /// Sends the new content up to there. The caller holds the lock.
    private func stream(upTo end: Int) async throws(ProviderError) {
        while streamed < end {
            let upload = try await beginUpload()
            if buffer.length(at: streamed) > 0 {
                let bytes = buffer.takeFirst()
                // Before the call: what has left the buffer cannot be read from the old version.
                streamed += bytes.count
                account()
                try await upload.append(bytes)
            } else {
                try await fill(upTo: min(buffer.start ?? end, end), upload)
            }
        }
    }

    /// One step through a range that nobody wrote: of the old version, or zeros behind it.
    private func fill(upTo end: Int, _ upload: any ObjectUpload) async throws(ProviderError) {
        guard let base, streamed < baseLimit else {
            let count = min(end - streamed, Limits.zeros)
            try await upload.append([UInt8](repeating: 0, count: count))
            streamed += count
            return
        }
        let count = min(end, baseLimit) - streamed
        let copied = try await upload.append(
            copying: base.key, in: bucket, offset: streamed, count: count, etag: base.etag)
        if copied > 0 {
            streamed += copied
            return
        }
        let reader = copying ?? ReadAhead(service: service, bucket: bucket, memory: memory)
        copying = reader
        let bytes = try await reader.read(base, offset: streamed, count: min(count, Limits.part))
        try await upload.append(bytes)
        streamed += bytes.count
    }
}
