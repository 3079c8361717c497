import HTTPKit
import HTTPProvider
import ProviderAPI

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

    /// Pages are told by the last name of the one before.
    func list() async throws(ProviderError) -> [Bucket] {
        var buckets: [Bucket] = []
        var last: String?
        while true {
            var query: [(String, String?)] = [("format", "json"), ("limit", "1000")]
            if let last { query.append(("marker", last)) }
            let what = "list containers"
            let response = try await cloud.send(.get, .objectStore, "", query: query, to: what)
            guard !response.body.isEmpty else { return buckets }
            let page = try Cloud.decode([ContainerPayload].self, response.body, what)
            guard let end = page.last else { return buckets }
            buckets += page.map { Bucket(id: .init($0.name), name: $0.name) }
            last = end.name
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
    }

    func apply(_ change: Bucket.Change, to id: Bucket.ID, _ job: any JobReporter) async throws(ProviderError) -> Bucket
    {
        switch change {
        case .publicRead(let flag):
            var request = try await cloud.request(.post, .objectStore, path(id))
            request.headers["X-Container-Read"] = flag ? Self.everybody : ""
            request.isRepeatable = true
            _ = try await cloud.client(.objectStore).send(request, to: "change who may read \(id)")
        }
        return Bucket(id: id, name: id.rawValue)
    }
}
