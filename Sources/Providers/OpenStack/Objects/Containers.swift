import HTTPKit
import HTTPProvider
import ProviderAPI
import ProviderKit
import Synchronization

/// A container as a listing of the account tells it.
struct ContainerPayload: Decodable, Sendable {
    var name: String
    var count: Int
    var bytes: Int
}

/// The containers of the project's account in Object Store.
struct Containers: CollectionService {
    let cloud: Cloud
    let readers: ContainerReaders

    static let supported: Set<Operation> = [
        .listBuckets, .createBucket, .deleteBucket, .updateBucket, .annotateBucket, .listObjects, .readObject,
        .writeObject, .copyObject, .deleteObject,
    ]
    var operations: Set<Operation> { Self.supported }
    let parameters = [Parameter("public", .flag, "whether everybody may read its objects")]

    /// Pages are told by the last name of the one before. The containers of segments are not listed while those whose
    /// segments they hold are there.
    func list() async throws(ProviderError) -> [Bucket] {
        let names = try await names()
        let all = Set(names)
        return names.map { name in
            var bucket = Bucket(id: .init(name), name: name)
            bucket.isListed = Objects.owner(ofShelf: name).map { !all.contains($0) } ?? true
            bucket.isPublic = readers.isPublic(name)
            bucket.isComplete = false
            return bucket
        }
    }

    /// With their readers and what is noted, which a listing does not tell: a call each.
    func items(_ ids: [Bucket.ID]) async throws(ProviderError) -> [Bucket] {
        try await ids.concurrently { id async throws(ProviderError) -> Bucket? in
            guard let head = try await head(id.rawValue) else { return nil }
            var bucket = Bucket(id: id, name: id.rawValue)
            bucket.metadata = ContainerMetadata.all(head)
            if let owner = Objects.owner(ofShelf: id.rawValue) { bucket.isListed = try await self.head(owner) == nil }
            bucket.isPublic = readers.isPublic(id.rawValue)
            return bucket
        }.compactMap { $0 }
    }

    private func item(_ name: String) async throws(ProviderError) -> Bucket {
        guard let bucket = try await items([.init(name)]).first else {
            throw ProviderError(.notFound, "the container \(name) is no longer there")
        }
        return bucket
    }

    /// What is told of one; nil where there is none of that name. Its readers are known then.
    private func head(_ name: String) async throws(ProviderError) -> HTTPHeaders? {
        do throws(ProviderError) {
            let head = try await cloud.send(.head, .objectStore, name, to: "look at container \(name)").headers
            readers.learn(name, head)
            return head
        } catch {
            guard error.code == .notFound else { throw error }
            readers.forget(name)
            return nil
        }
    }

    private func names() async throws(ProviderError) -> [String] {
        var names: [String] = []
        while true {
            var query: [(String, String?)] = [("format", "json"), ("limit", "1000")]
            if let last = names.last { query.append(("marker", last)) }
            let what = "list containers"
            let response = try await cloud.send(.get, .objectStore, "", query: query, to: what)
            guard !response.body.isEmpty else { return names }
            let page = try Cloud.decode([ContainerPayload].self, response.body, what)
            guard !page.isEmpty else { return names }
            names += page.map(\.name)
        }
    }

    private func path(_ id: Bucket.ID) -> String { id.rawValue }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> Bucket {
        try specification.require(only: ["public"])
        let name = specification.name
        guard !name.contains("/"), name.utf8.count <= 256 else {
            throw ProviderError(.invalidValue, "'\(name)' cannot be a container: no slash, up to 256 bytes")
        }
        // A PUT of one that is there succeeds too.
        guard try await head(name) == nil else {
            throw ProviderError(.alreadyExists, "there is a container \(name) already")
        }
        let what = "create container \(name)"
        var request = try await cloud.request(.put, .objectStore, name)
        if specification.flag("public") == true { request.headers["X-Container-Read"] = Self.everybody }
        _ = try await cloud.client(.objectStore).send(request, to: what)
        return try await item(name)
    }

    /// Everybody may read the objects, and list them.
    static let everybody = ".r:*,.rlistings"

    func delete(_ id: Bucket.ID, _ job: any JobReporter) async throws(ProviderError) {
        do throws(ProviderError) {
            try await cloud.send(.delete, .objectStore, path(id), to: "delete container \(id)")
        } catch {
            guard error.code == .busy else { throw error }
            throw ProviderError(.notEmpty, "the container \(id) has objects: remove them first", cause: error.cause)
        }
        await undoing { () async throws(ProviderError) in
            // One with segments that are nobody's stays, and is listed now.
            try await cloud.send(.delete, .objectStore, Objects.shelf(of: id.rawValue), to: "delete container \(id)")
        }
    }

    func apply(_ change: Bucket.Change, to id: Bucket.ID, _ job: any JobReporter) async throws(ProviderError) -> Bucket
    {
        switch change {
        case .publicRead(let flag):
            // The segments first: a reader of a large object needs both.
            do throws(ProviderError) {
                try await setPublic(flag, Objects.shelf(of: id.rawValue), of: id)
            } catch {
                guard error.code == .notFound else { throw error }
            }
            try await setPublic(flag, id.rawValue, of: id)
        case .metadata(let key, let value):
            var request = try await cloud.request(.post, .objectStore, id.rawValue)
            let field = try ContainerMetadata.field(key, value)
            request.headers[field.name] = field.value
            request.isRepeatable = true
            _ = try await cloud.client(.objectStore).send(request, to: "note something about container \(id)")
        }
        return try await item(id.rawValue)
    }

    /// Who may read it besides, by name, still may; `.r:` stands for everybody, or for everybody from some site.
    private func setPublic(_ isPublic: Bool, _ container: String, of id: Bucket.ID) async throws(ProviderError) {
        let what = "change who may read \(id)"
        let head = try await cloud.send(.head, .objectStore, container, to: what).headers
        var request = try await cloud.request(.post, .objectStore, container)
        let others = ContainerReaders.words(head).filter { !ContainerReaders.isAnonymous($0) }
        request.headers["X-Container-Read"] = (others + (isPublic ? [Self.everybody] : [])).joined(separator: ",")
        request.isRepeatable = true
        _ = try await cloud.client(.objectStore).send(request, to: what)
    }
}

/// Whether everybody may read a container, as answers about it have told.
final class ContainerReaders: Sendable {
    private let known = Mutex<[String: Bool]>([:])

    /// The elements of a read list (Object Store, "Access Control Lists").
    static func words(_ headers: HTTPHeaders) -> [String] {
        (headers["X-Container-Read"] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
    }

    /// Whether an element is about those who do not sign in.
    static func isAnonymous(_ word: String) -> Bool {
        word == ".rlistings" || [".r:", ".ref:", ".referer:", ".referrer:"].contains { word.hasPrefix($0) }
    }

    /// Takes what an answer about a container tells.
    func learn(_ name: String, _ headers: HTTPHeaders) {
        let isPublic = Self.words(headers).contains { Self.isAnonymous($0) && $0.hasSuffix(":*") }
        known.withLock { $0[name] = isPublic }
    }

    func forget(_ name: String) { known.withLock { $0[name] = nil } }
    func isPublic(_ name: String) -> Bool? { known.withLock { $0[name] } }
}
