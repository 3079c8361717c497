import ProviderAPI

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
    private let budget: ReadBudget
    private let now: @Sendable () -> Int
    private let changing = AsyncLock()

    /// The key; a rename changes it.
    private(set) var key: String
    /// The version in the store.
    var base: ObjectInfo?
    /// Bytes now, and how many of the old version's are still part of it.
    var size: Int
    var baseLimit: Int
    var buffer = WriteBuffer()
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
    private let contentType: String?
    private var copying: ReadAhead?

    /// The content of a version, or of an object still to be made.
    init(
        key: String, base: ObjectInfo?, contentType: String?, bucket: String, service: any ObjectService,
        recent: RecentChanges, budget: ReadBudget, now: @escaping @Sendable () -> Int
    ) {
        self.key = key
        self.base = base
        self.contentType = base?.contentType ?? contentType
        self.bucket = bucket
        self.service = service
        self.recent = recent
        self.budget = budget
        self.now = now
        size = base?.size ?? 0
        baseLimit = base?.size ?? 0
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

    /// A newer version was found in the store while nothing was on the way.
    func adopt(_ info: ObjectInfo) {
        guard !isDirty, failure == nil, !isRemoved, base?.etag != info.etag else { return }
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
        guard run >= Limits.part || buffer.isFull else { return }
        if isRemoved {
            if !buffer.isFull { return }
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
        keptTime = nil
        changeTime = now()
    }

    // MARK: Storing

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

    private var gone: ProviderError { ProviderError(.notFound, "\(key) was removed") }

    /// The version that is stored now.
    private func settle(on info: ObjectInfo) {
        base = info
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
    }

    /// Nothing of the change is kept: the error has been told to one writer, and a later success would contradict it.
    @discardableResult
    private func fail(_ error: ProviderError) async -> ProviderError {
        let error = asConflict(error)
        failure = failure ?? error
        if error.code == .replaced { recent.forget(key) }
        await abandonUpload()
        buffer = WriteBuffer()
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
        let reader = copying ?? ReadAhead(service: service, bucket: bucket, budget: budget)
        copying = reader
        let bytes = try await reader.read(base, offset: streamed, count: min(count, Limits.part))
        try await upload.append(bytes)
        streamed += bytes.count
    }

    // MARK: Reading

    /// Up to `count` bytes from `offset`. Throws `busy` for a reader of what is on its way to the store for the first
    /// time, and `replaced` when somebody else changed the object.
    func read(offset: Int, count: Int, isWriter: Bool, through reader: ReadAhead) async throws(ProviderError) -> [UInt8]
    {
        guard offset >= 0, count > 0 else { return [] }
        if !isDirty || failure != nil { return try await readBase(offset, count, isWriter, reader) }
        if streamed > 0, !isWriter {
            guard base != nil else {
                throw ProviderError(.busy, "\(key) is being written; read it when its writer has closed it")
            }
            return try await readBase(offset, count, isWriter, reader)
        }
        if offset < streamed {
            if isRemoved { throw gone }
            try await commit(whole: true)
            return try await read(offset: offset, count: count, isWriter: isWriter, through: reader)
        }
        return try await readChanged(offset, count, reader)
    }

    private func readBase(_ offset: Int, _ count: Int, _ isWriter: Bool, _ reader: ReadAhead)
        async throws(ProviderError) -> [UInt8]
    {
        if isWriter, let failure { throw failure }
        guard let base else { return [] }
        do {
            return try await reader.read(base, offset: offset, count: count)
        } catch {
            // A version that was replaced by a change of our own is no longer the one to read.
            if error.code == .replaced, let new = self.base, new.etag != base.etag {
                return try await reader.read(new, offset: offset, count: count)
            }
            if error.code == .replaced || error.code == .notFound { recent.forget(base.key) }
            throw error
        }
    }

    private func readChanged(_ offset: Int, _ count: Int, _ reader: ReadAhead) async throws(ProviderError) -> [UInt8] {
        guard offset < size else { return [] }
        let end = offset + min(count, size - offset)
        // One moment of the content: changes made while the store answers are not half of it.
        let (changes, old, oldEnd) = (buffer, base, min(baseLimit, end))
        var bytes: [UInt8] = []
        if let old, offset < oldEnd, !changes.covers(offset..<oldEnd) {
            bytes = try await reader.read(old, offset: offset, count: oldEnd - offset)
        }
        bytes += [UInt8](repeating: 0, count: end - offset - bytes.count)
        changes.overlay(&bytes, at: offset)
        return bytes
    }
}
