import OrderedCollections
import ProviderAPI
import Synchronization

/// What was learned of single objects, which a listing does not tell: the kept time, and whether everybody may read them.
/// Bounded; what was learned longest ago goes first.
final class FactsCache: Sendable {
    private struct Name: Hashable {
        let bucket: String
        let key: String
    }

    private struct State {
        var facts: OrderedDictionary<Name, ObjectFacts> = [:]
        var isPublic: OrderedDictionary<Name, Bool> = [:]
    }

    private static let limit = 20_000
    private let state = Mutex(State())

    func learn(_ facts: ObjectFacts, in bucket: String) {
        state.withLock { state in
            let name = Name(bucket: bucket, key: facts.info.key)
            state.facts[name] = nil
            state.facts[name] = facts
            if state.facts.count > Self.limit { state.facts.removeFirst() }
        }
    }

    func learn(isPublic: Bool?, _ key: String, in bucket: String) {
        state.withLock { state in
            let name = Name(bucket: bucket, key: key)
            state.isPublic[name] = nil
            guard let isPublic else { return }
            state.isPublic[name] = isPublic
            if state.isPublic.count > Self.limit { state.isPublic.removeFirst() }
        }
    }

    func forget(_ key: String, in bucket: String) {
        state.withLock { state in
            let name = Name(bucket: bucket, key: key)
            state.facts[name] = nil
            state.isPublic[name] = nil
        }
    }

    /// What is known of that version.
    func facts(_ key: String, in bucket: String, etag: String) -> ObjectFacts? {
        state.withLock { state in
            let facts = state.facts[Name(bucket: bucket, key: key)]
            return facts?.info.etag == etag ? facts : nil
        }
    }

    func isPublic(_ key: String, in bucket: String) -> Bool? {
        state.withLock { $0.isPublic[Name(bucket: bucket, key: key)] }
    }

    /// What is known of a version, with the time that the store tells of it now where it had not before.
    private func settled(_ listed: ObjectInfo, in bucket: String) -> ObjectFacts? {
        state.withLock { state in
            let name = Name(bucket: bucket, key: listed.key)
            guard var facts = state.facts[name], facts.info.etag == listed.etag else { return nil }
            guard facts.storedTime == nil else { return facts }
            facts.storedTime = listed.modificationTime
            if !facts.info.isTimeKnown {
                facts.info.modificationTime = listed.modificationTime
                facts.info.isTimeKnown = true
            }
            state.facts[name] = facts
            return facts
        }
    }

    /// What a listing told, with what is known beside it.
    func complete(_ listed: ObjectInfo, in bucket: String) -> ObjectInfo {
        var info = listed
        if let facts = settled(listed, in: bucket), facts.storedTime == listed.modificationTime {
            info.modificationTime = facts.info.modificationTime
            info.contentType = facts.info.contentType
            info.version = facts.info.version
        }
        info.isPublic = isPublic(listed.key, in: bucket)
        return info
    }
}
