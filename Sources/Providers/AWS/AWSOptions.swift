import ProviderAPI

/// The configuration of one account in one region, checked.
struct AWSOptions: Sendable {
    let name: String
    let region: String
    let zone: String?
    let keyPair: String?
    /// The profile that the configuration names.
    let profile: String?
    /// What the configuration itself gives.
    let credentials: Credentials?
    let images: [ImageFilter]
    let endpoints: Endpoints
    /// How S3's addresses name buckets; nil where S3 is AWS's own or any other and each has its usual way.
    let addressing: S3.Style?

    /// Throws `invalidValue` where it cannot be. `files` are AWS's own, for what is not said here.
    init(_ settings: ProviderSettings, environment: [String: String], files: SharedFiles) throws(ProviderError) {
        name = settings.name
        profile = settings.text("profile")
        let chosen = profile ?? environment["AWS_PROFILE"] ?? "default"
        let shared = files.profile(chosen) ?? [:]
        let region =
            settings.text("region") ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
            ?? shared["region"] ?? Self.standardRegion
        guard Self.isRegion(region) else {
            throw ProviderError(.invalidValue, "\(settings.name): region '\(region)' is no region such as eu-west-3")
        }
        self.region = region
        zone = settings.text("zone")
        if let zone, !zone.hasPrefix(region) {
            throw ProviderError(.invalidValue, "\(settings.name): the zone \(zone) is not in the region \(region)")
        }
        keyPair = settings.text("keypair")
        credentials = try Self.credentials(settings)
        images = try Self.images(settings)
        addressing = try Self.addressing(settings)
        endpoints = try Endpoints(settings, region: region, environment: environment, files: files, profile: shared)
    }

    /// kcli's own.
    static let standardRegion = "eu-west-3"

    private static func isRegion(_ text: String) -> Bool {
        let words = text.split(separator: "-", omittingEmptySubsequences: false)
        return words.count >= 3 && words.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isLetterOrDigit) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }

    private static func credentials(_ settings: ProviderSettings) throws(ProviderError) -> Credentials? {
        let (id, secret) = (settings.text("access_key_id"), settings.secrets["access_key_secret"])
        guard let id, let secret else {
            guard id == nil, secret == nil else {
                throw ProviderError(
                    .invalidValue, "\(settings.name): access_key_id and access_key_secret go together: one is missing")
            }
            return nil
        }
        return Credentials(
            keyID: id, secret: secret, token: settings.secrets["session_token"], source: "the configuration")
    }

    private static func addressing(_ settings: ProviderSettings) throws(ProviderError) -> S3.Style? {
        guard let word = settings.text("addressing_style"), word != "auto" else { return nil }
        guard let style = S3.Style(rawValue: word) else {
            throw ProviderError(
                .invalidValue, "\(settings.name): addressing_style: '\(word)' is none of auto, path, virtual")
        }
        return style
    }

    private static func images(_ settings: ProviderSettings) throws(ProviderError) -> [ImageFilter] {
        guard case .list(let lines) = settings.values["images"] else { return [] }
        return try lines.map { line throws(ProviderError) in
            do throws(ProviderError) {
                return try ImageFilter(line.plainText)
            } catch {
                throw ProviderError(error.code, "\(settings.name): \(error.message)")
            }
        }
    }
}
