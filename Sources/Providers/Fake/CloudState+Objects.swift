import ProviderAPI

extension CloudState {
    mutating func createBucket(_ specification: Specification) throws(ProviderError) -> Bucket.ID {
        try specification.require(only: ["public"])
        let name = specification.name
        let isValid =
            (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".")
            }
        guard isValid else {
            throw ProviderError(
                .invalidValue, "\(name) is no name of a bucket: 3 to 63 lower-case letters, digits, - and .")
        }
        try Self.checkNew(name, on: buckets)
        let id = Bucket.ID("bucket-" + random.hex(8))
        var bucket = BucketRecord(facts: Bucket(id: id, name: name, creationTime: wallTime))
        bucket.isPublic = specification.flag("public") ?? false
        bucket.facts.metadata = [:]
        buckets.insert(bucket)
        emit(id, "created")
        return id
    }

    mutating func deleteBucket(_ id: Bucket.ID) throws(ProviderError) {
        let bucket = try buckets.get(id)
        guard bucket.objects.isEmpty else {
            throw ProviderError(.notEmpty, "the bucket \(bucket.facts.name) holds objects: delete them first")
        }
        buckets.remove(id)
        emit(id, "deleted")
    }

    func bucket(_ name: String) throws(ProviderError) -> BucketRecord {
        guard let bucket = buckets.find(name) else {
            throw ProviderError(.notFound, "there is no bucket \(name): list the buckets again")
        }
        return bucket
    }

    func object(_ key: String, in name: String) throws(ProviderError) -> BucketRecord.Stored {
        guard let object = try bucket(name)[key] else {
            throw ProviderError(.notFound, "there is no object \(key) in the bucket \(name)")
        }
        return object
    }

    func check(
        _ precondition: ObjectPrecondition, of key: String, in name: String
    ) throws(ProviderError) {
        let now = try bucket(name)[key]
        switch precondition {
        case .none: return
        case .absent where now == nil: return
        case .matches(let etag) where now?.info.etag == etag: return
        case .absent, .matches:
            throw ProviderError(.replaced, "\(key) in the bucket \(name) was changed meanwhile: read it again")
        }
    }

    /// Puts an object, the old one being replaced at this moment.
    @discardableResult
    mutating func put(
        _ content: BucketRecord.Stored.Content, size: Int, etag: String, type: String?, key: String,
        in name: String, precondition: ObjectPrecondition = .none
    ) throws(ProviderError) -> ObjectInfo {
        guard (1...1024).contains(key.utf8.count) else {
            throw ProviderError(.nameTooLong, "the key of an object has 1 to 1024 bytes")
        }
        try check(precondition, of: key, in: name)
        let id = try bucket(name).facts.id
        let info = ObjectInfo(
            key: key, size: size, modificationTime: wallTime, etag: etag, contentType: type, storageClass: "STANDARD")
        let object = BucketRecord.Stored(info: info, content: content)
        try checkContent(object.keptBytes - (try bucket(name)[key]?.keptBytes ?? 0))
        contentUsed += try buckets.update(id) { $0.put(object) }
        emit(id, "object written: \(key)")
        return info
    }

    mutating func deleteObject(_ key: String, in name: String) throws(ProviderError) {
        let id = try bucket(name).facts.id
        guard let bytes = try buckets.update(id, { $0.remove(key) }) else { return }
        contentUsed -= bytes
        emit(id, "object deleted: \(key)")
    }

    /// A version that must still be there, or `replaced`.
    func object(_ key: String, in name: String, etag: String) throws(ProviderError) -> BucketRecord.Stored {
        let object = try object(key, in: name)
        guard object.info.etag == etag else {
            throw ProviderError(.replaced, "\(key) in the bucket \(name) was changed meanwhile: open it again")
        }
        return object
    }

    mutating func setModificationTime(
        _ seconds: Int, _ key: String, in name: String, etag: String
    ) throws(ProviderError) -> ObjectInfo {
        let object = try object(key, in: name, etag: etag)
        let id = try bucket(name).facts.id
        let info = try buckets.update(id) { $0.setModificationTime(seconds, key) }
        emit(id, "object changed: \(key)")
        return info ?? object.info
    }

    mutating func setPublic(_ isPublic: Bool, _ key: String, in name: String) throws(ProviderError) {
        _ = try object(key, in: name)
        let id = try bucket(name).facts.id
        _ = try buckets.update(id) { $0.setPublic(isPublic, key) }
        emit(id, "object changed: \(key)")
    }
}

extension CloudState {
    mutating func change(_ change: Bucket.Change, of id: Bucket.ID) throws(ProviderError) {
        switch change {
        case .publicRead(let isPublic): try buckets.update(id) { $0.isPublic = isPublic }
        case .metadata(let key, let value): try buckets.update(id) { $0.facts.metadata?[key] = value }
        }
        emit(id, "changed")
    }
}
