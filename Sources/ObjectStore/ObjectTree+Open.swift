public import ProviderAPI
import Synchronization

extension ObjectTree {
    /// How an object is opened.
    public struct OpenOptions: Sendable {
        /// Whether it may be written to.
        public var isWritable: Bool
        /// Whether it begins empty; what was there is replaced when the new content is stored.
        public var truncates: Bool
        /// Whether every write goes to the end.
        public var appends: Bool
        /// Whether it is made where there is none.
        public var creates: Bool
        /// Whether it must not be there.
        public var isExclusive: Bool

        /// Options; by themselves, for reading only.
        public init(
            isWritable: Bool = false, truncates: Bool = false, appends: Bool = false, creates: Bool = false,
            isExclusive: Bool = false
        ) {
            self.isWritable = isWritable
            self.truncates = truncates
            self.appends = appends
            self.creates = creates
            self.isExclusive = isExclusive
        }
    }

    /// Opens an object. A new one shows in the tree at once and is made when it is stored.
    ///
    /// `known` is what a look-up gave a moment ago, to spare another: who finds it replaced with the first read gets what
    /// is there now. Throws `notFound`, `isDirectory`, `alreadyExists` (of an exclusive creation), and `nameTooLong` or
    /// `invalidValue` for a path that no key has.
    public func open(_ path: [String], _ options: OpenOptions = OpenOptions(), known: ObjectInfo? = nil)
        async throws(ProviderError) -> ObjectFile
    {
        guard let location = Location(path) else {
            throw options.creates ? Self.impossible(path) : Self.notFound(path)
        }
        guard let key = location.key else { throw Self.isDirectory(path) }
        if options.creates, key.utf8.count > Limits.key { throw Self.tooLong(path) }
        var pending: ObjectInfo?
        var stored: ObjectInfo?
        if let content = opened(key) { pending = await content.pending }
        let isAbsent = options.creates && pending == nil ? await isAbsent(key) : false
        if pending == nil, !isAbsent { stored = try await current(key, known) }
        let isNew = pending == nil && stored == nil
        if !isNew, options.creates, options.isExclusive { throw Self.alreadyExists(path) }
        if isNew, !isAbsent { try await requireRoom(at: location, path, options) }
        let content = await join(key, stored: stored, isWriter: options.isWritable)
        do {
            if isNew { await content.create(exclusive: options.isExclusive) }
            if options.truncates, options.isWritable { try await content.truncate(to: 0) }
        } catch {
            await leave(content, isWriter: options.isWritable, abandoning: false)
            throw error
        }
        return ObjectFile(
            content: content, isWritable: options.isWritable, isAppending: options.appends,
            reader: ReadAhead(
                service: service, bucket: bucket, memory: memory, ahead: options.isWritable ? nil : filesAhead),
            tree: self)
    }

    /// Cuts an object off, or lengthens it with zeros, and stores it.
    public func truncate(_ path: [String], to size: Int) async throws(ProviderError) {
        let file = try await open(path, OpenOptions(isWritable: true, truncates: size == 0))
        do {
            try await file.truncate(to: size)
        } catch {
            await file.abort()
            throw error
        }
        try await file.close()
    }

    /// Whether an object can be made at a path where there is none.
    private func requireRoom(at location: Location, _ path: [String], _ options: OpenOptions)
        async throws(ProviderError)
    {
        guard case .named(let parent, let component, let besideDirectory) = location else {
            throw Self.isDirectory(path)
        }
        let below = try await directory(Folder(base: parent + component + "/", pieces: []))
        if besideDirectory {
            // Without the directory it would show under its plain name.
            guard options.creates, options.isWritable else { throw Self.notFound(path) }
            guard below != nil else { throw Self.impossible(path) }
            return
        }
        if below != nil { throw Self.isDirectory(path) }
        guard options.creates, options.isWritable else { throw Self.notFound(path) }
        if component.isEmpty { throw Self.impossible(path) }
    }

    /// Whether it is known without asking that a key stands for nothing.
    func isAbsent(_ key: String) async -> Bool {
        guard absences.take(key), recent.resolve(key, stored: nil) == nil, opened(key) == nil else { return false }
        return await changes(below: key + "/").isEmpty
    }

    /// The object as the caller knows it, unless something was done to it here since, or as the store has it.
    private func current(_ key: String, _ known: ObjectInfo?) async throws(ProviderError) -> ObjectInfo? {
        guard let known, known.key.isExactly(key), !known.etag.isEmpty, known.isContentKnown, opened(key) == nil
        else {
            return try await storedObject(key)
        }
        return recent.resolve(key, stored: known)
    }

    /// The content of a key for one more opening: one that is open already, or a new one.
    private func join(_ key: String, stored: ObjectInfo?, isWriter: Bool) async -> ObjectContent {
        let opened = opened(key)
        let isShareable = await opened?.isShareable(isStored: stored != nil) ?? false
        let content = openings.withLock { openings in
            let index = ExactKey(key)
            var opening: Opening
            // Another may have been made while this one asked.
            if let found = openings[index], found.content !== opened || isShareable {
                opening = found
            } else {
                opening = Opening(content: makeContent(key, stored))
            }
            opening.count += 1
            if isWriter { opening.writers += 1 }
            openings[index] = opening
            return opening.content
        }
        if let stored { await content.adopt(stored) }
        return content
    }

    private func makeContent(_ key: String, _ stored: ObjectInfo?) -> ObjectContent {
        ObjectContent(
            key: key, base: stored, contentType: ContentType.guess(key), bucket: bucket, service: service,
            recent: recent, memory: memory, now: now)
    }

    /// One opening less. The last writer's going ends the change, or gives it up.
    func leave(_ content: ObjectContent, isWriter: Bool, abandoning: Bool) async {
        let writers = openings.withLock { openings -> Int in
            guard let index = openings.first(where: { $0.value.content === content })?.key,
                var opening = openings[index]
            else { return 0 }
            opening.count -= 1
            if isWriter { opening.writers -= 1 }
            openings[index] = opening.count == 0 ? nil : opening
            return opening.writers
        }
        if isWriter, abandoning, writers == 0 { await content.abandon() }
    }

    static func isDirectory(_ path: [String]) -> ProviderError {
        ProviderError(.isDirectory, "\(path.joined(separator: "/")) is a directory")
    }

    static func tooLong(_ path: [String]) -> ProviderError {
        ProviderError(.nameTooLong, "\(path.joined(separator: "/")): a key has at most \(Limits.key) bytes")
    }

    static func impossible(_ path: [String]) -> ProviderError {
        ProviderError(
            .invalidValue, "\(path.joined(separator: "/")): no key is written that way; %file, %+, %2F stand for keys")
    }
}
