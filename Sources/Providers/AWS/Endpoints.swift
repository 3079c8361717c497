import HTTPKit
import ProviderAPI

/// The services that are used.
enum Service: String, Sendable, CaseIterable {
    case ec2, s3, route53, sts
}

/// Where the services of a region are, and for what region requests to them are signed.
struct Endpoints: Sendable {
    let region: String
    private let urls: [Service: HTTPURL]

    /// AWS's own addresses, but for those that the configuration, the environment or a profile has instead.
    init(
        _ settings: ProviderSettings, region: String, environment: [String: String], files: SharedFiles,
        profile: [String: String]
    ) throws(ProviderError) {
        self.region = region
        let given = try Self.given(settings)
        let named = profile["services"].map { files.services($0) } ?? [:]
        let ignores = environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() == "true"
        var urls: [Service: HTTPURL] = [:]
        for service in Service.allCases {
            let word = service == .route53 ? "ROUTE_53" : service.rawValue.uppercased()
            let usual =
                ignores
                ? nil
                : environment["AWS_ENDPOINT_URL_\(word)"] ?? environment["AWS_ENDPOINT_URL"]
                    ?? named["\(service.rawValue).endpoint_url"] ?? profile["endpoint_url"]
            let text = given[service] ?? usual ?? Self.standard(service, region)
            do throws(HTTPError) {
                urls[service] = try HTTPURL(text)
            } catch {
                throw ProviderError(
                    .invalidValue, "\(settings.name): endpoint_url: '\(text)' is no http or https address")
            }
        }
        self.urls = urls
    }

    /// One address for all services, or one for each by its name.
    private static func given(_ settings: ProviderSettings) throws(ProviderError) -> [Service: String] {
        switch settings.values["endpoint_url"] {
        case .text(let url): return Dictionary(Service.allCases.map { ($0, url) }) { $1 }
        case .map(let entries):
            var given: [Service: String] = [:]
            for entry in entries {
                guard let service = Service(rawValue: entry.key) else {
                    let known = Service.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ProviderError(
                        .invalidValue, "\(settings.name): endpoint_url: '\(entry.key)' is none of \(known)")
                }
                given[service] = entry.value.plainText
            }
            return given
        default: return [:]
        }
    }

    /// The addresses of AWS's partitions.
    private static func standard(_ service: Service, _ region: String) -> String {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        guard service == .route53 else { return "https://\(service.rawValue).\(region).\(domain)" }
        if region.hasPrefix("us-gov-") { return "https://route53.us-gov.amazonaws.com" }
        return "https://route53.\(domain)"
    }

    /// Where a service is.
    func url(of service: Service) throws(ProviderError) -> HTTPURL {
        guard let url = urls[service] else { throw ProviderError(.failed, "\(service.rawValue) has no address") }
        return url
    }

    /// The region that its requests are signed for: Route 53 is one for all regions of a partition.
    func signingRegion(of service: Service) -> String {
        guard service == .route53 else { return region }
        if region.hasPrefix("cn-") { return "cn-northwest-1" }
        return region.hasPrefix("us-gov-") ? "us-gov-west-1" : "us-east-1"
    }
}
