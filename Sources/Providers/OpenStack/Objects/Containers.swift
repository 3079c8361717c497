import HTTPKit
import HTTPProvider
import ProviderAPI
import ProviderKit

/// A container as a listing of the account tells it.
struct ContainerPayload: Decodable, Sendable {
    var name: String
    var count: Int
    var bytes: Int
}

/// The containers of the project's account in Object Store.
struct Containers: CollectionService {
    let cloud: Cloud

    static let supported: Set<Operation> = [
        .listBuckets, .createBucket, .deleteBucket, .updateBucket, .listObjects, .readObject, .writeObject,
        .copyObject, .deleteObject,
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
            return bucket
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
        guard try await items([.init(name)]).isEmpty else {
            throw ProviderError(.alreadyExists, "there is a container \(name) already")
        }
        let what = "create container \(name)"
        var request = try await cloud.request(.put, .objectStore, name)
        if specification.flag("public") == true { request.headers["X-Container-Read"] = Self.everybody }
        _ = try await cloud.client(.objectStore).send(request, to: what)
        return Bucket(id: .init(name), name: name)
    }

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
        }
        return Bucket(id: id, name: id.rawValue)
    }

    private func setPublic(_ isPublic: Bool, _ container: String, of id: Bucket.ID) async throws(ProviderError) {
        var request = try await cloud.request(.post, .objectStore, container)
        request.headers["X-Container-Read"] = isPublic ? Self.everybody : ""
        request.isRepeatable = true
        _ = try await cloud.client(.objectStore).send(request, to: "change who may read \(id)")
    }
}
