import FoundationEssentials
import HTTPKit
import HTTPProvider
import ProviderAPI
import Synchronization

/// The services of one cloud: requests, documents, listings page by page.
final class Cloud: Sendable {
    /// The entry's name in the configuration.
    let name: String
    let keystone: Keystone
    /// Where machines are reached from: the network that floating addresses come from; nil: the only external one.
    let externalNetwork: String?
    let time: HTTPTime
    let silences = Silences()
    let ownRequests: OwnRequests
    private let clients: [CloudService: ServiceClient]
    let endpoints = Mutex<[CloudService: ServiceEndpoint]>([:])

    /// How many entries a page is asked to have at most.
    private static let pageLimit = 1000
    /// How often a listing is begun whose pages were lost to deletions.
    private static let attempts = 4

    init(name: String, account: Account, externalNetwork: String?, http: HTTPClient, time: HTTPTime = .system) {
        self.name = name
        self.externalNetwork = externalNetwork
        self.time = time
        ownRequests = OwnRequests(uptime: time.uptime)
        let keystone = Keystone(name: name, account: account, client: http, time: time)
        self.keystone = keystone
        clients = Dictionary(
            uniqueKeysWithValues: CloudService.allCases.map { service in
                let client = ServiceClient(
                    http, authenticator: keystone, interpreter: CloudFaults(), time: time)
                return (service, client)
            })
    }

    // MARK: Documents

    static func encode(_ document: JSONValue) throws(ProviderError) -> [UInt8] {
        do {
            return [UInt8](try JSONEncoder().encode(document))
        } catch {
            throw ProviderError(.invalidValue, "a text cannot be written as JSON", cause: "\(error)")
        }
    }

    static func decode<Payload: Decodable>(
        _ type: Payload.Type, _ body: [UInt8], _ what: String, collection: String = ""
    ) throws(ProviderError) -> Payload {
        let decoder = JSONDecoder()
        if let key = WrappedName.key { decoder.userInfo[key] = collection }
        do {
            return try decoder.decode(type, from: Data(body))
        } catch {
            throw ProviderError(.malformedReply, "\(what): the answer makes no sense", cause: Self.place(error))
        }
    }

    /// Where in a document the decoder gave up; not what stood there.
    private static func place(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "" }
        let context: DecodingError.Context
        switch error {
        case .dataCorrupted(let found), .keyNotFound(_, let found), .typeMismatch(_, let found),
            .valueNotFound(_, let found):
            context = found
        @unknown default: return ""
        }
        return "at " + context.codingPath.map(\.stringValue).joined(separator: ".") + ": " + context.debugDescription
    }

    // MARK: Requests

    /// A request to a service; `unsupported` where the catalogue has none.
    func request(
        _ method: HTTPMethod, _ service: CloudService, _ path: String, query: [(String, String?)] = [],
        body: JSONValue? = nil
    ) async throws(ProviderError) -> HTTPRequest {
        let endpoint = try await endpoint(of: service)
        var request = HTTPRequest(method, endpoint.base.appending(path: path).with(query))
        request.headers["Accept"] = "application/json"
        if let version = endpoint.microversion, let name = service.microversion?.name {
            request.headers["OpenStack-API-Version"] = "\(name) \(version)"
        }
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = .bytes(try Self.encode(body))
        }
        return request
    }

    /// Sends it; an answer that refuses is thrown.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ service: CloudService, _ path: String, query: [(String, String?)] = [],
        body: JSONValue? = nil, to what: String
    ) async throws(ProviderError) -> HTTPResponse {
        let request = try await request(method, service, path, query: query, body: body)
        let client = try client(service)
        guard service == .compute, method != .get else { return try await client.send(request, to: what) }
        return try await ownRequests.note { () async throws(ProviderError) in
            try await client.send(request, to: what)
        }
    }

    /// Sends it and reads the one document of that name in the answer: `{"server": {...}}`.
    func document<Payload: Decodable & Sendable>(
        _ type: Payload.Type, _ key: String, _ method: HTTPMethod, _ service: CloudService, _ path: String,
        query: [(String, String?)] = [], body: JSONValue? = nil, to what: String
    ) async throws(ProviderError) -> Payload {
        let response = try await send(method, service, path, query: query, body: body, to: what)
        guard !key.isEmpty else { return try Self.decode(type, response.body, what) }
        return try Self.decode(Envelope<Payload>.self, response.body, what, collection: key).payload
    }

    /// The same of a `GET`.
    func document<Payload: Decodable & Sendable>(
        _ type: Payload.Type, _ key: String, _ service: CloudService, _ path: String, to what: String
    ) async throws(ProviderError) -> Payload {
        try await document(type, key, .get, service, path, to: what)
    }

    /// The same, where there may be none: nil for 404.
    func found<Payload: Decodable & Sendable>(
        _ type: Payload.Type, _ key: String, _ service: CloudService, _ path: String, to what: String
    ) async throws(ProviderError) -> Payload? {
        do throws(ProviderError) {
            return try await document(type, key, service, path, to: what)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Every entry of a listing, page after page. It begins again when the entry that the next page should follow was
    /// deleted meanwhile: Nova, Glance and Designate answer 400 then, Cinder and Neutron 404.
    func list<Payload: Decodable & Sendable>(
        _ type: Payload.Type, _ collection: String, _ service: CloudService, _ path: String,
        query: [(String, String?)] = [], to what: String
    ) async throws(ProviderError) -> [Listed<Payload>] {
        var attempt = 1
        while true {
            var pages = 0
            do throws(ProviderError) {
                return try await allPages(failing: { ProviderError(.malformedReply, "\(what): \($0)") }) {
                    (marker: String?) async throws(ProviderError) in
                    let page = try await page(type, collection, service, path, query: query, marker: marker, to: what)
                    pages += 1
                    return (page.entries, page.entries.isEmpty ? nil : page.marker)
                }
            } catch {
                let isLost = pages > 0 && [.invalidValue, .notFound].contains(error.code)
                guard isLost, attempt < Self.attempts else { throw error }
                attempt += 1
            }
        }
    }

    private func page<Payload: Decodable & Sendable>(
        _ type: Payload.Type, _ collection: String, _ service: CloudService, _ path: String,
        query: [(String, String?)], marker: String?, to what: String
    ) async throws(ProviderError) -> ListingPage<Payload> {
        var query = query
        // Object stores page by themselves; everything else takes both words.
        query.append(("limit", String(Self.pageLimit)))
        if let marker { query.append(("marker", marker)) }
        let response = try await send(.get, service, path, query: query, to: what)
        return try Self.decode(ListingPage<Payload>.self, response.body, what, collection: collection)
    }

    func client(_ service: CloudService) throws(ProviderError) -> ServiceClient {
        guard let client = clients[service] else { throw ProviderError(.unsupported, "no \(service.rawValue) here") }
        return client
    }
}
