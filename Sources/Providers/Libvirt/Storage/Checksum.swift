import Crypto
import HTTPKit
import ProviderAPI

/// What a download's content must come to.
struct Checksum: Sendable, Hashable {
    /// How it is computed.
    enum Algorithm: String, Sendable, CaseIterable, CustomStringConvertible {
        case md5, sha1, sha256, sha384, sha512

        var description: String { rawValue }

        /// How many hexadecimal digits it has.
        var digits: Int {
            switch self {
            case .md5: 32
            case .sha1: 40
            case .sha256: 64
            case .sha384: 96
            case .sha512: 128
            }
        }
    }

    /// Where it is.
    enum Source: Sendable, Hashable {
        case given
        /// In a list at that URL, as sha256sum and its like print it.
        case published(HTTPURL)
    }

    let source: Source
    let algorithm: Algorithm
    /// Lower case.
    let hex: String

    private init(_ algorithm: Algorithm, _ hex: String, from source: Source = .given) {
        self.source = source
        self.algorithm = algorithm
        self.hex = hex
    }

    /// `HEX`, `sha256:HEX` or the URL of a list.
    init(_ text: String) throws(ProviderError) {
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            let place: HTTPURL
            do throws(HTTPError) {
                place = try HTTPURL(text)
            } catch { throw ProviderError(.invalidValue, "checksum: \(error.message)") }
            self.init(.sha256, "", from: .published(place))
            return
        }
        let parts = text.lowercased().split(separator: ":", maxSplits: 1).map(String.init)
        let named = parts.count == 2 ? Algorithm(rawValue: parts[0]) : nil
        guard let hex = parts.last, let found = Self.algorithm(ofHex: hex), parts.count == 1 || named == found else {
            throw ProviderError(
                .invalidValue, "checksum must be HEX, ALGORITHM:HEX (md5, sha1, sha256, sha384, sha512) or a list's URL"
            )
        }
        self.init(found, hex)
    }

    /// The checksum of a file in a list: `HEX  FILE`, `HEX *FILE` or `SHA256 (FILE) = HEX`; the only one there is, where
    /// the list names no file.
    init?(in list: String, of file: String) {
        let lines = list.split(whereSeparator: \.isNewline).map(String.init)
        for line in lines {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let first = words.first, let last = words.last else { continue }
            if words.count == 2, Self.name(last) == file, let algorithm = Self.algorithm(ofHex: first.lowercased()) {
                self.init(algorithm, first.lowercased())
                return
            }
            if line.contains("(\(file)) = "), let algorithm = Self.algorithm(ofHex: last.lowercased()) {
                self.init(algorithm, last.lowercased())
                return
            }
        }
        guard lines.count == 1, let only = lines.first?.trimmed.lowercased(), let found = Self.algorithm(ofHex: only)
        else { return nil }
        self.init(found, only)
    }

    private static func name(_ word: String) -> String {
        let plain = word.hasPrefix("*") ? String(word.dropFirst()) : word
        return plain.split(separator: "/").last.map(String.init) ?? plain
    }

    private static func algorithm(ofHex hex: String) -> Algorithm? {
        guard hex.allSatisfy(\.isHexDigit), hex.allSatisfy(\.isASCII) else { return nil }
        return Algorithm.allCases.first { $0.digits == hex.count }
    }
}

extension String {
    fileprivate var trimmed: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

/// The digest of content that comes in pieces.
struct ContentDigest {
    private enum Function {
        case md5(Insecure.MD5), sha1(Insecure.SHA1), sha256(SHA256), sha384(SHA384), sha512(SHA512)
    }

    private var function: Function

    init(_ algorithm: Checksum.Algorithm) {
        function =
            switch algorithm {
            case .md5: .md5(Insecure.MD5())
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            case .sha384: .sha384(SHA384())
            case .sha512: .sha512(SHA512())
            }
    }

    mutating func update(_ bytes: [UInt8]) {
        switch function {
        case .md5(let old): function = .md5(Self.updated(old, bytes))
        case .sha1(let old): function = .sha1(Self.updated(old, bytes))
        case .sha256(let old): function = .sha256(Self.updated(old, bytes))
        case .sha384(let old): function = .sha384(Self.updated(old, bytes))
        case .sha512(let old): function = .sha512(Self.updated(old, bytes))
        }
    }

    private static func updated<Hash: HashFunction>(_ old: Hash, _ bytes: [UInt8]) -> Hash {
        var new = old
        bytes.withUnsafeBytes { new.update(bufferPointer: $0) }
        return new
    }

    /// Lower case.
    var hex: String {
        let digest: [UInt8] =
            switch function {
            case .md5(let hash): Array(hash.finalize())
            case .sha1(let hash): Array(hash.finalize())
            case .sha256(let hash): Array(hash.finalize())
            case .sha384(let hash): Array(hash.finalize())
            case .sha512(let hash): Array(hash.finalize())
            }
        return digest.map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }
}
