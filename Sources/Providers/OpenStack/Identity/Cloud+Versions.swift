import HTTPKit
import HTTPProvider
import ProviderAPI
import Synchronization

/// Where the requests to a service go, and the version that they ask for.
struct ServiceEndpoint: Sendable {
    /// As the catalogue has it.
    let address: HTTPURL
    /// With the version.
    let base: HTTPURL
    /// nil where the service has none.
    let microversion: Microversion?
}

/// What a service tells of its versions, at its root or at one of them (API-SIG, "Version discovery").
struct VersionDocument: Decodable {
    struct Version: Decodable {
        struct Link: Decodable {
            var rel: String
            var href: String
        }

        /// `v2.1`.
        var id: String
        var links: [Link]?
        var status: String?
        /// The newest microversion and the oldest; empty where there are none.
        var version: String?
        var maximum: String?
        var minimum: String?

        enum CodingKeys: String, CodingKey {
            case id, links, status, version
            case maximum = "max_version"
            case minimum = "min_version"
        }

        var newest: Microversion? { (version ?? maximum).flatMap(Microversion.init) }
        var oldest: Microversion? { minimum.flatMap(Microversion.init) }
        var isUsable: Bool {
            status.map { ["CURRENT", "SUPPORTED", "STABLE", "DEPRECATED"].contains($0.uppercased()) } ?? true
        }

        /// `v2.1` is 2.1, `v3` is 3.0.
        var number: Microversion? {
            let text = id.drop { $0 == "v" }
            return Microversion(text.contains(".") ? String(text) : text + ".0")
        }

        /// How its address ends: `v3` of Block Storage, whose id is `v3.0`.
        var segment: String? {
            let last = links?.first { $0.rel == "self" }?.href.split(separator: "/").last
            return last.flatMap { $0.isVersion ? String($0) : nil }
        }
    }

    var version: Version?
    var versions: [Version]?

    var all: [Version] { [version].compactMap { $0 } + (versions ?? []) }
}

extension Cloud {
    /// Whether requests to a service are of that version or a newer one, as far as is known.
    func speaks(_ version: Microversion, to service: CloudService) -> Bool {
        endpoints.withLock { $0[service]?.microversion.map { $0 >= version } ?? false }
    }

    /// Where a service is; `unsupported` where the catalogue has none. Its versions are asked for once.
    func endpoint(of service: CloudService) async throws(ProviderError) -> ServiceEndpoint {
        let session = try await keystone.session()
        guard let address = session.catalog[service] else {
            throw ProviderError(.unsupported, "\(name): the catalogue of this cloud has no \(service.rawValue) service")
        }
        if let known = endpoints.withLock({ $0[service] }), known.address == address { return known }
        let endpoint = try await discover(service, address, project: session.project?.id)
        endpoints.withLock { $0[service] = endpoint }
        return endpoint
    }

    private func discover(
        _ service: CloudService, _ address: HTTPURL, project: String?
    ) async throws(ProviderError) -> ServiceEndpoint {
        guard let wanted = service.microversion?.newest else {
            return ServiceEndpoint(address: address, base: address, microversion: nil)
        }
        let root = try Self.root(of: address, service)
        let versions = try await versions(of: service, root)
        let fitting = versions.filter { $0.isUsable && $0.number?.major == wanted.major }
        let best = fitting.max { ($0.newest ?? $0.number ?? wanted) < ($1.newest ?? $1.number ?? wanted) }
        guard best != nil || versions.isEmpty else {
            let words = versions.map(\.id).joined(separator: ", ")
            throw ProviderError(
                .unsupported, "\(name): its \(service.rawValue) service has \(words), not v\(wanted.major)")
        }
        return ServiceEndpoint(
            address: address, base: Self.base(address, service, best, project: project),
            microversion: best.flatMap { Self.agreed($0, wanted) })
    }

    /// The newest version that both know: a cloud that is older than this provider is met at its own newest.
    private static func agreed(_ version: VersionDocument.Version, _ wanted: Microversion) -> Microversion? {
        guard let newest = version.newest else { return nil }
        let known = min(newest, wanted)
        return max(known, version.oldest ?? known)
    }

    /// The address with a version. What the document says of addresses is not followed: behind a proxy it is wrong as often
    /// as not, and the token goes to where the catalogue says.
    private static func base(
        _ address: HTTPURL, _ service: CloudService, _ version: VersionDocument.Version?, project: String?
    ) -> HTTPURL {
        guard !address.path.split(separator: "/").contains(where: \.isVersion) else { return address }
        let base = address.appending(path: version?.segment ?? service.usualVersion)
        guard service == .volume, let project else { return base }
        return base.appending(project)
    }

    /// None where it may not be asked, or does not tell.
    private func versions(
        of service: CloudService, _ root: HTTPURL
    ) async throws(ProviderError) -> [VersionDocument.Version] {
        let what = "ask for the versions of \(service.rawValue)"
        var request = HTTPRequest(.get, root)
        request.headers["Accept"] = "application/json"
        // A choice of several has a status of its own.
        let response = try await client(service).send(request, to: what, accepting: [300, 400, 403, 404, 405, 406])
        guard response.status <= 300 else { return [] }
        return try Self.decode(VersionDocument.self, response.body, what).all
    }

    /// The address with the version, if it has one, and without the project: `http://host/v3/` of `http://host/v3/0123abcd`.
    private static func root(of base: HTTPURL, _ service: CloudService) throws(ProviderError) -> HTTPURL {
        let segments = base.path.split(separator: "/")
        let end = segments.firstIndex(where: \.isVersion).map { $0 + 1 } ?? segments.count
        let path = segments[..<end].map { $0 + "/" }.joined()
        do throws(HTTPError) {
            return try HTTPURL(base.origin + "/" + path)
        } catch {
            throw ProviderError(.malformedReply, "the address of \(service.rawValue) is none", cause: error.message)
        }
    }
}

extension Substring {
    /// Whether a segment of a path is a version: `v2`, `v2.1`.
    fileprivate var isVersion: Bool { first == "v" && dropFirst().first?.isNumber == true }
}
