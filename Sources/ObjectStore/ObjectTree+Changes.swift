public import ProviderAPI
import Synchronization

extension ObjectTree {
    /// Makes a directory: an empty object whose key is the prefix. Throws `alreadyExists`, `nameTooLong`.
    public func makeDirectory(_ path: [String]) async throws(ProviderError) {
        guard let location = Location(path), let folder = location.folder else { throw Self.impossible(path) }
        guard let marker = folder.marker, marker.utf8.count <= Limits.key else {
            throw folder.isRoot
                ? Self.alreadyExists(path) : folder.marker == nil ? Self.impossible(path) : Self.tooLong(path)
        }
        if !(await isAbsent(String(marker.dropLast()))), try await entry(at: path) != nil {
            throw Self.alreadyExists(path)
        }
        let upload = try await service.upload(
            marker, in: bucket, contentType: "application/x-directory", precondition: .absent)
        do {
            recent.wrote(try await upload.finish())
            pages.noteEmpty(marker)
        } catch {
            let giveUp = Task { await upload.abort() }
            if !Task.isCancelled { await giveUp.value }
            throw error
        }
    }

    /// Removes an empty directory. Throws `notFound`, `notDirectory`, and `notEmpty` while there is a key below it.
    public func removeDirectory(_ path: [String]) async throws(ProviderError) {
        guard let folder = Location(path)?.folder else { throw Self.notFound(path) }
        guard !folder.isRoot else { throw ProviderError(.busy, "a bucket is not removed from inside") }
        var isEmpty = true
        do {
            try await forEachPage(of: path) { children in
                isEmpty = children.isEmpty
                return isEmpty
            }
        } catch {
            // What a long name goes on in is there with its object, and gone with it.
            if error.code == .notFound, folder.marker == nil { return }
            guard error.code == .notFound, try await entry(at: path) != nil else { throw error }
            throw ProviderError(.notDirectory, "\(path.joined(separator: "/")) is not a directory")
        }
        guard isEmpty else { throw Self.notEmpty(path) }
        guard let marker = folder.marker else { return }
        let stored = try await service.object(marker, in: bucket)
        if recent.resolve(marker, stored: stored) != nil { try await delete(marker, nil) }
        recent.dropDirectory(marker)
        pages.forget()
        recent.keepDirectory(Self.parent(of: marker))
    }

    /// Deletes an object. Throws `notFound`, `isDirectory`.
    public func remove(_ path: [String]) async throws(ProviderError) {
        guard let location = Location(path) else { throw Self.notFound(path) }
        guard let key = location.key else { throw Self.isDirectory(path) }
        guard let info = try await objectToDelete(location, key) else {
            throw try await entry(at: path) == nil ? Self.notFound(path) : Self.isDirectory(path)
        }
        try await removeObject(info)
        recent.keepDirectory(Self.parent(of: key))
    }

    /// Opens an object to everybody, or closes it.
    public func setPublic(_ isPublic: Bool, _ path: [String]) async throws(ProviderError) {
        var info = try await stored(path)
        try await service.setPublic(isPublic, info.key, in: bucket)
        info.isPublic = isPublic
        recent.wrote(info)
    }

    /// Whether everybody may read an object, as the platform has it now; nil where it does not tell. One that is on its
    /// way to the store for the first time is nobody's yet.
    public func isPublic(_ path: [String]) async throws(ProviderError) -> Bool? {
        guard let location = Location(path), let key = location.key else { throw Self.notFound(path) }
        if let content = opened(key), await content.pending != nil, await content.base == nil { return false }
        return try await service.isPublic(key, in: bucket)
    }

    /// A URL by which anybody can read an object for some time; nil where the platform has none.
    public func presignedURL(_ path: [String]) async throws(ProviderError) -> String? {
        try await service.presignedURL(try await stored(path).key, in: bucket)
    }

    /// Keeps a time (seconds since 1970) for an object where the platform can; throws `unsupported` where not.
    public func setModificationTime(_ seconds: Int, _ path: [String]) async throws(ProviderError) {
        // What is on its way takes its time with it.
        if let key = Location(path)?.key, let content = opened(key), try await content.keep(time: seconds) { return }
        let info = try await stored(path)
        let new = try await service.setModificationTime(seconds, info.key, in: bucket, etag: info.etag)
        recent.wrote(new)
        await opened(info.key)?.adopt(new, isOwn: true)
    }

    // MARK: Pieces

    /// The object at a path, with everything written to it stored.
    func stored(_ path: [String]) async throws(ProviderError) -> ObjectInfo {
        guard let location = Location(path), let key = location.key else {
            throw Location(path) == nil ? Self.notFound(path) : Self.isDirectory(path)
        }
        if let content = opened(key), await content.pending != nil { try await content.commit(whole: true) }
        guard let info = try await object(key) else {
            throw try await entry(at: path) == nil ? Self.notFound(path) : Self.isDirectory(path)
        }
        return info
    }

    /// Deletes an object, also one that is open and not stored yet.
    func removeObject(_ info: ObjectInfo) async throws(ProviderError) {
        guard let content = opened(info.key) else { return try await delete(info.key, info) }
        try await content.remove { () async throws(ProviderError) in try await self.delete(info.key, nil) }
        detach(content)
    }

    /// Deletes a key in the store: that version, or whatever is there.
    func delete(_ key: String, _ version: ObjectInfo?) async throws(ProviderError) {
        try await service.delete(key, in: bucket)
        recent.deleted(key, version)
    }

    /// The content has no name any more; who has it open keeps it.
    func detach(_ content: ObjectContent) {
        openings.withLock { openings in
            guard let index = openings.first(where: { $0.value.content === content })?.key else { return }
            openings[index] = nil
        }
    }

    /// The prefix a key is directly below.
    static func parent(of key: String) -> String {
        let bytes = Array(key.utf8.dropLast(key.utf8.last == UInt8(ascii: "/") ? 1 : 0))
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(decoding: bytes[...slash], as: UTF8.self)
    }

    static func alreadyExists(_ path: [String]) -> ProviderError {
        ProviderError(.alreadyExists, "\(path.joined(separator: "/")) is there already")
    }

    static func notEmpty(_ path: [String]) -> ProviderError {
        ProviderError(.notEmpty, "\(path.joined(separator: "/")) still holds objects; remove them first")
    }
}
