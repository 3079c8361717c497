public import ProviderAPI
import Synchronization

extension ObjectTree {
    /// Gives an object or a directory another path: copies inside the store and deletes the original, since no store has
    /// a rename. Not atomic: for a moment both are there; whatever fails, at least one of them is whole.
    ///
    /// A directory is copied object by object before the first original goes; if a copy fails, the copies are deleted
    /// and the original is as it was. Without `replace`, a target that is there is `alreadyExists`; with it, a file
    /// replaces a file and a directory an empty one. Throws `notFound`, `notEmpty`, `isDirectory`, `notDirectory`,
    /// `invalidValue` (into itself, or a path that no key has).
    public func rename(_ path: [String], to newPath: [String], replace: Bool) async throws(ProviderError) {
        guard let source = Location(path) else { throw Self.notFound(path) }
        guard let target = Location(newPath) else { throw Self.impossible(newPath) }
        guard let entry = try await entry(at: path) else { throw Self.notFound(path) }
        let existing = try await self.entry(at: newPath)
        if existing != nil, !replace { throw Self.alreadyExists(newPath) }
        switch entry {
        case .file(let info):
            guard let newKey = target.key else { throw Self.isDirectory(newPath) }
            if case .directory? = existing { throw Self.isDirectory(newPath) }
            if existing == nil, target.isBesideDirectory { throw Self.impossible(newPath) }
            try Self.requirePossible(newKey, newPath)
            if newKey.isExactly(info.key) { return }
            try await move(info, to: newKey)
        case .directory:
            if case .file? = existing {
                throw ProviderError(.notDirectory, "\(newPath.joined(separator: "/")) is not a directory")
            }
            guard let old = source.folder?.marker, let new = target.folder?.marker else {
                throw Self.impossible(newPath)
            }
            if old.isExactly(new) { return }
            try await moveDirectory(old, path, to: new, newPath, isThere: existing != nil)
        }
    }

    /// Copies an object inside the store, without its content passing through here, and gives the copy.
    ///
    /// What is open and written so far is stored first. The target is replaced if it is there.
    @discardableResult
    public func copy(_ path: [String], to newPath: [String]) async throws(ProviderError) -> ObjectInfo {
        let info = try await stored(path)
        guard let location = Location(newPath), let newKey = location.key else { throw Self.impossible(newPath) }
        try Self.requirePossible(newKey, newPath)
        let copy = try await service.copy(info.key, in: bucket, to: newKey, in: bucket)
        recent.wrote(copy)
        await opened(newKey)?.adopt(copy, isOwn: true)
        return copy
    }

    private static func requirePossible(_ key: String, _ path: [String]) throws(ProviderError) {
        if key.isEmpty { throw impossible(path) }
        if key.utf8.count > Limits.key { throw tooLong(path) }
    }

    // MARK: One object

    private func move(_ info: ObjectInfo, to newKey: String) async throws(ProviderError) {
        let replaced = opened(newKey)
        if let content = opened(info.key), await content.isUsable {
            try await content.rename { base throws(ProviderError) in try await self.moveStored(base, to: newKey) }
            if let replaced { await forget(replaced) }
            attach(content, to: newKey)
        } else {
            _ = try await moveStored(info, to: newKey)
            if let replaced { await forget(replaced) }
        }
        recent.keepDirectory(Self.parent(of: info.key))
    }

    private func moveStored(_ info: ObjectInfo, to newKey: String) async throws(ProviderError) -> ObjectInfo {
        let copy = try await service.copy(info.key, in: bucket, to: newKey, in: bucket)
        recent.wrote(copy)
        try await delete(info.key, info)
        return copy
    }

    /// Another object took the name of one that is open. A change of it that is stored before this is noticed fails on
    /// its own condition.
    private func forget(_ content: ObjectContent) async {
        detach(content)
        _ = await Self.result { () async throws(ProviderError) in try await content.remove {} }
    }

    private func attach(_ content: ObjectContent, to newKey: String) {
        openings.withLock { openings in
            guard let index = openings.first(where: { $0.value.content === content })?.key else { return }
            openings[ExactKey(newKey)] = openings.removeValue(forKey: index)
        }
    }

    // MARK: A directory

    private func moveDirectory(_ old: String, _ path: [String], to new: String, _ newPath: [String], isThere: Bool)
        async throws(ProviderError)
    {
        guard !new.hasBytes(of: old) else {
            throw ProviderError(.invalidValue, "\(path.joined(separator: "/")) cannot be moved into itself")
        }
        if isThere {
            try await forEachPage(of: newPath) { children throws(ProviderError) in
                guard children.isEmpty else { throw Self.notEmpty(newPath) }
                return true
            }
        }
        try await storeOpened(below: old)
        defer { pages.forget() }
        do {
            try await copyAll(old, to: new)
        } catch {
            await undo(new, keepingMarker: isThere)
            throw error
        }
        try await deleteOriginals(of: new, below: old)
        recent.dropDirectory(old)
        recent.keepDirectory(Self.parent(of: old))
        recent.keepDirectory(new)
    }

    private func storeOpened(below prefix: String) async throws(ProviderError) {
        let contents = openings.withLock { openings in
            openings.filter { $0.key.bytes.starts(with: prefix.utf8) }.map(\.value.content)
        }
        for content in contents where await content.isUsable { try await content.commit(whole: true) }
    }

    private func copyAll(_ old: String, to new: String) async throws(ProviderError) {
        try await forEachObject(below: old) { info throws(ProviderError) in
            let key = new + info.key.dropping(old)
            guard key.utf8.count <= Limits.key else {
                throw ProviderError(.nameTooLong, "\(key): a key has at most \(Limits.key) bytes")
            }
            self.recent.wrote(try await self.service.copy(info.key, in: self.bucket, to: key, in: self.bucket))
        }
    }

    /// Deletes what has a copy, by the list of the copies: an object that came to the old place meanwhile is not lost.
    private func deleteOriginals(of new: String, below old: String) async throws(ProviderError) {
        do {
            try await forEachObject(below: new) { info throws(ProviderError) in
                let key = old + info.key.dropping(new)
                if let content = self.opened(key), await content.isUsable {
                    // Copied once more, since something may have been written to it in between.
                    try await content.rename { base throws(ProviderError) in
                        try await self.moveStored(base, to: info.key)
                    }
                    self.attach(content, to: info.key)
                } else {
                    try await self.delete(key, nil)
                }
            }
        } catch {
            throw ProviderError(
                error.code, "\(new) is complete, but not all of \(old) could be deleted; remove it",
                cause: error.description,
                retryAfter: error.retryAfter)
        }
    }

    /// Takes back a copy that was not completed, in a task of its own since the caller may have been cancelled.
    private func undo(_ new: String, keepingMarker: Bool) async {
        let task = Task {
            _ = await Self.result { () async throws(ProviderError) in
                try await self.forEachObject(below: new) { info throws(ProviderError) in
                    if keepingMarker, info.key.isExactly(new) { return }
                    try await self.delete(info.key, info)
                }
            }
        }
        if !Task.isCancelled { await task.value }
    }

    /// Calls `body` for every object below a prefix, several at a time, holding one page of each level.
    private func forEachObject(
        below prefix: String, _ body: @escaping @Sendable (ObjectInfo) async throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        var token: String?
        var own = recent.written(below: prefix)
        repeat {
            let asked = recent.uptime()
            let page = try await service.page(of: bucket, prefix: prefix, after: token)
            let seen = Set(page.objects.map { ExactKey($0.key) })
            own.removeAll { seen.contains(ExactKey($0.key)) || page.prefixes.contains(where: $0.key.hasBytes(of:)) }
            let objects = page.objects.compactMap { recent.resolve($0.key, stored: $0, listed: asked) }
            try await Self.inParallel(objects, body)
            for below in page.prefixes { try await forEachObject(below: below, body) }
            token = page.next
        } while token != nil
        try await Self.inParallel(own, body)
    }

    /// Several at a time; the first error ends the rest.
    private static func inParallel(
        _ objects: [ObjectInfo], _ body: @escaping @Sendable (ObjectInfo) async throws(ProviderError) -> Void
    ) async throws(ProviderError) {
        let failure = await withTaskGroup(of: ProviderError?.self) { group in
            var failure: ProviderError?
            for (index, object) in objects.enumerated() {
                if index >= Limits.parallelCopies, let ended = await group.next() { failure = failure ?? ended }
                if failure != nil { break }
                group.addTask {
                    let result = await result { () async throws(ProviderError) in try await body(object) }
                    if case .failure(let error) = result { return error }
                    return nil
                }
            }
            // Those under way are waited for, not cancelled: a copy given up in the middle may still come to be.
            for await ended in group { failure = failure ?? ended }
            return failure
        }
        if let failure { throw failure }
    }
}
