import Inventory
import ProviderAPI

/// The extended attributes of a bucket: a bucket has no room for files about itself among its objects.
struct BucketAttributes: Sendable {
    let bucket: BucketReference

    /// Before a key of what is noted about the bucket.
    private static let metadata = "user.infrafs.metadata."

    private var path: String { bucket.path }

    /// What a name stands for: who may read it, what is noted, or what every resource has.
    func value(of name: String) throws(ProviderError) -> Answer<[UInt8]> {
        let path = path
        let resource = bucket.resource
        let missing = ProviderError(.noAttribute, "\(path) has no extended attribute \(name)")
        switch name {
        case "user.infrafs.public":
            return try resource.reading(Need(detail: true, polled: true)) { record throws(ProviderError) in
                guard let isPublic = record.item.isPublic else {
                    throw ProviderError(.noAttribute, "\(path): the platform does not tell who may read it")
                }
                return Array((isPublic ? "yes" : "no").utf8)
            }
        case "user.infrafs.metadata":
            guard bucket.scope.offers(.annotateBucket) else { throw missing }
            return try resource.reading(Need(detail: true, polled: true)) { record in
                let pairs = (record.item.metadata ?? [:]).sorted { $0.key < $1.key }
                return Array(pairs.map { "\($0.key): \($0.value)\n" }.joined().utf8)
            }
        default:
            guard let key = Self.key(name), bucket.scope.offers(.annotateBucket) else {
                return try resource.extendedAttribute(name, at: path)
            }
            return try resource.reading(Need(detail: true, polled: true)) { record throws(ProviderError) in
                guard let text = record.item.metadata?[key] else { throw missing }
                return Array(text.utf8)
            }
        }
    }

    /// The key that a name ends in; nil for one of another kind.
    private static func key(_ name: String) -> String? {
        guard name.hasPrefix(metadata), name.count > metadata.count else { return nil }
        return name.dropFirst(metadata.count).lowercased()
    }

    /// Notes something, or removes it; the others are facts.
    func set(
        _ name: String, to value: [UInt8]?, _ condition: AttributeCondition, by caller: Caller
    ) throws(ProviderError) -> Answer<Void> {
        guard let key = Self.key(name) else {
            guard value != nil else { throw ProviderError(.unsupported, "\(path): \(name) is a fact, and stays") }
            return .done
        }
        try bucket.permit(.annotateBucket)
        let text = try value.map { (bytes) throws(ProviderError) in try self.line(bytes, name) }
        let (resource, path) = (bucket.resource, path)
        return try resource.reading(Need(detail: true, polled: true)) { $0.item.metadata?[key] }.then {
            present throws(ProviderError) in
            guard present == nil || condition != .absent else {
                throw ProviderError(.alreadyExists, "\(path) has an extended attribute \(name) already")
            }
            guard present != nil || (condition != .present && text != nil) else {
                throw ProviderError(.noAttribute, "\(path) has no extended attribute \(name)")
            }
            return resource.apply(path, old: Value(present), new: Value(text), by: caller) { bucket in
                bucket.metadata?[key] == text ? nil : .metadata(key: key, value: text)
            }
        }
    }

    /// One line: what platforms keep beside a bucket is no more.
    private func line(_ bytes: [UInt8], _ name: String) throws(ProviderError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), text.contains(where: { !$0.isWhitespace }),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw ProviderError(.invalidValue, "\(path): \(name) is one line of text: remove it by setfattr -x")
        }
        return text
    }
}
