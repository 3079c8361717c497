import HTTPKit
import ProviderAPI

/// A service of a cloud that this provider speaks to.
enum CloudService: String, Sendable, CaseIterable {
    case compute, image, network, volume
    case objectStore = "object-store"
    case dns

    /// Its types in a catalogue, the official one first (service-types-authority).
    var types: [String] {
        switch self {
        case .compute: ["compute"]
        case .image: ["image"]
        case .network: ["network"]
        case .volume: ["block-storage", "volumev3", "block-store", "volume"]
        case .objectStore: ["object-store"]
        case .dns: ["dns"]
        }
    }

    /// What its paths begin with, of those that have been of one version for so long that nobody has another; empty where
    /// the service has to be asked.
    var version: String {
        switch self {
        case .network: "v2.0"
        case .image, .dns: "v2"
        case .compute, .volume, .objectStore: ""
        }
    }

    /// The same where it was asked and told nothing.
    var usualVersion: String {
        switch self {
        case .compute: "v2.1"
        case .volume: "v3"
        case .image, .network, .objectStore, .dns: version
        }
    }

    /// Its name in `OpenStack-API-Version`, and the microversion that this provider was written for; nil where the
    /// service has none.
    var microversion: (name: String, newest: Microversion)? {
        switch self {
        case .compute: ("compute", Microversion(minor: 93, major: 2))
        case .volume: ("volume", Microversion(minor: 60, major: 3))
        case .image, .network, .objectStore, .dns: nil
        }
    }
}

/// `2.79`: a version of an API that a request asks for.
struct Microversion: Sendable, Hashable, Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    init(minor: Int, major: Int) {
        self.major = major
        self.minor = minor
    }

    /// nil where it is none.
    init?(_ text: String) {
        let parts = text.split(separator: ".").map { Int($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(minor: minor, major: major)
    }

    var description: String { "\(major).\(minor)" }

    static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}

/// Where the services of a cloud are, as the token tells.
struct ServiceCatalog: Sendable {
    private let addresses: [CloudService: HTTPURL]

    /// The services of a region; nil: of the first that Compute has, or where that lacks a service, of the first that has
    /// it. Addresses that are `given` go first.
    init(
        _ entries: [TokenPayload.Entry], region: String?, interface: String, given: [CloudService: String] = [:]
    ) throws(ProviderError) {
        var addresses: [CloudService: HTTPURL] = [:]
        var home = region
        for service in CloudService.allCases {
            // A catalogue may have a service several times: under several types, or once for each region.
            let endpoints = service.types.flatMap { type in
                entries.filter { $0.type == type }.flatMap { $0.endpoints ?? [] }
            }.filter { $0.interface == interface && (region == nil || $0.place == region) }
            home = home ?? endpoints.first?.place
            let endpoint = endpoints.first { $0.place == home } ?? endpoints.first
            guard let text = given[service] ?? endpoint?.url else { continue }
            do throws(HTTPError) {
                addresses[service] = try Self.address(text, of: service)
            } catch {
                throw ProviderError(
                    given[service] == nil ? .malformedReply : .invalidValue,
                    "the address of \(service.rawValue) is none", cause: error.message)
            }
        }
        self.addresses = addresses
        let regions = Set(entries.flatMap { $0.endpoints ?? [] }.compactMap(\.place))
        if let region, !regions.isEmpty, !regions.contains(region) {
            throw ProviderError(
                .invalidValue,
                "region_name: the cloud has no region \(region), it has \(regions.sorted().joined(separator: ", "))")
        }
    }

    /// Catalogues have the version in the address of some services, or not.
    private static func address(_ text: String, of service: CloudService) throws(HTTPError) -> HTTPURL {
        let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard !service.version.isEmpty, !bare.hasSuffix("/" + service.version) else { return try HTTPURL(bare) }
        return try HTTPURL(bare + "/" + service.version)
    }

    subscript(service: CloudService) -> HTTPURL? { addresses[service] }

    /// Those that are there.
    var services: Set<CloudService> { Set(addresses.keys) }
}

/// What `POST /v3/auth/tokens` answers with.
struct TokenPayload: Decodable, Sendable {
    struct Endpoint: Decodable, Sendable {
        var interface: String
        var region: String?
        var regionID: String?
        var url: String

        enum CodingKeys: String, CodingKey {
            case interface, region, url
            case regionID = "region_id"
        }

        var place: String? { regionID ?? region }
    }

    struct Entry: Decodable, Sendable {
        var type: String
        var endpoints: [Endpoint]?
    }

    struct Named: Decodable, Sendable {
        var id: String
        var name: String?
    }

    struct Token: Decodable, Sendable {
        var expires: String
        var issued: String?
        var catalog: [Entry]?
        var project: Named?
        var user: Named?
        var roles: [Named]?

        enum CodingKeys: String, CodingKey {
            case catalog, project, user, roles
            case expires = "expires_at"
            case issued = "issued_at"
        }
    }

    var token: Token
}
