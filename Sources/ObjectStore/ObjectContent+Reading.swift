import ProviderAPI

extension ObjectContent {
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
