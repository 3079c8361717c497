import Crypto
import FoundationEssentials
import HTTPKit
import ProviderAPI

/// Addresses by which anybody can read an object for some time (Object Store, "Temporary URL middleware").
struct TemporaryURL: Sendable {
    let key: Secret

    /// What is signed begins with the version: a proxy in front of the service may have put more before it.
    private static func signedPath(_ url: HTTPURL) -> String {
        let path = PercentEncoding.decode(url.path) ?? url.path
        guard let start = path.firstRange(of: "/v1/")?.lowerBound else { return path }
        return String(path[start...])
    }

    /// `until` in seconds since 1970.
    func sign(_ url: HTTPURL, until expiry: Int) -> String {
        let text = "GET\n\(expiry)\n\(Self.signedPath(url))"
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(text.utf8), using: SymmetricKey(data: Data(key.reveal().utf8)))
        let signature = code.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        return "\(url.origin)\(url.path)?temp_url_sig=\(signature)&temp_url_expires=\(expiry)"
    }
}
