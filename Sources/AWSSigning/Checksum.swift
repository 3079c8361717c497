import Crypto
import FoundationEssentials

/// The digests that AWS asks for.
public enum Checksum {
    /// SHA-256 in lower-case hexadecimal.
    public static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    /// SHA-256 of pieces, one after the other, in lower-case hexadecimal.
    public static func sha256(pieces: [[UInt8]]) -> String {
        var hash = SHA256()
        for piece in pieces { hash.update(data: piece) }
        return hexadecimal(hash.finalize())
    }

    /// SHA-256 of a text's UTF-8.
    public static func sha256(_ text: String) -> String { sha256(Array(text.utf8)) }

    /// SHA-256 as `x-amz-checksum-sha256` has it.
    public static func base64SHA256(_ bytes: [UInt8]) -> String { Data(SHA256.hash(data: bytes)).base64EncodedString() }

    /// MD5 in lower-case hexadecimal, as S3's etags have it.
    public static func md5(_ bytes: [UInt8]) -> String { hexadecimal(Insecure.MD5.hash(data: bytes)) }

    /// MD5 as `Content-MD5` has it.
    public static func base64MD5(_ bytes: [UInt8]) -> String {
        Data(Insecure.MD5.hash(data: bytes)).base64EncodedString()
    }

    /// HMAC-SHA256.
    static func hmac(_ text: String, key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }

    /// Two lower-case digits a byte.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
