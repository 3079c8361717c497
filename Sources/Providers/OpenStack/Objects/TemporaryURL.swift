import Crypto
import FoundationEssentials
import HTTPKit
import ProviderAPI

/// Addresses by which anybody can read an object for some time (Object Store, "Temporary URL middleware").
struct TemporaryURL: Sendable {
    let key: Secret

    /// `until` in seconds since 1970.
    func sign(_ url: HTTPURL, until expiry: Int) -> String {
        let text = "GET\n\(expiry)\n\(PercentEncoding.decode(url.path) ?? url.path)"
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(text.utf8), using: SymmetricKey(data: Data(key.reveal().utf8)))
        let signature = code.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        return "\(url.origin)\(url.path)?temp_url_sig=\(signature)&temp_url_expires=\(expiry)"
    }
}
