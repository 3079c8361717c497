import HTTPKit
import ProviderAPI
import XMLKit

extension S3 {
    /// An etag without its quotes.
    static func etag(_ text: String?) -> String {
        guard let text else { return "" }
        let (bytes, quote) = (text.utf8, UInt8(ascii: "\""))
        guard bytes.count > 1, bytes.first == quote, bytes.last == quote else { return text }
        return String(Substring(bytes.dropFirst().dropLast()))
    }

    /// An etag as a condition has it.
    static func quoted(_ etag: String) -> String { etag.hasPrefix("W/") ? etag : "\"\(etag)\"" }

    /// Seconds since 1970 of `2009-10-12T17:50:30.000Z`; nil for anything else.
    static func seconds(_ text: String?) -> Int? {
        guard let text, text.hasSuffix("Z") else { return nil }
        let parts = text.utf8.dropLast().split(separator: UInt8(ascii: "T")).map { $0.split(whereSeparator: isMark) }
        guard parts.count == 2, parts[0].count == 3, parts[1].count >= 3 else { return nil }
        let date = parts[0].compactMap { Int(Substring($0)) }
        let clock = parts[1].prefix(3).compactMap { Int(Substring($0)) }
        guard date.count == 3, clock.count == 3 else { return nil }
        return HTTPDate.daysSince1970(date[0], date[1], date[2]) * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    /// What stands between the numbers of a time.
    private static func isMark(_ byte: UInt8) -> Bool {
        [UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: ".")].contains(byte)
    }

    /// A key of a listing that was asked for with `encoding-type=url`, which is the encoding of forms.
    static func decoded(_ text: String, _ isEncoded: Bool) -> String {
        let isPlain = !text.utf8.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
        guard isEncoded, !isPlain else { return text }
        return PercentEncoding.decode(text.replacing("+", with: "%20")) ?? text
    }

    /// A page of a listing.
    static func page(_ document: XMLElement) throws(ProviderError) -> ObjectPage {
        guard document.localName == "ListBucketResult" else {
            throw ProviderError(.malformedReply, "the listing is none", cause: "it is a \(document.localName)")
        }
        let isEncoded = document.text("EncodingType") == "url"
        let objects = try document.all("Contents").map { element throws(ProviderError) in
            try object(element, isEncoded)
        }
        let prefixes = document.all("CommonPrefixes").compactMap { $0.text("Prefix") }.map { decoded($0, isEncoded) }
        let isTruncated = document.text("IsTruncated") == "true"
        let next = document.text("NextContinuationToken")
        guard !isTruncated || next != nil else {
            throw ProviderError(.malformedReply, "the listing breaks off", cause: "it does not say where it goes on")
        }
        return ObjectPage(objects: objects, prefixes: prefixes, next: isTruncated ? next : nil)
    }

    private static func object(_ element: XMLElement, _ isEncoded: Bool) throws(ProviderError) -> ObjectInfo {
        guard let key = element.text("Key"), let size = element.text("Size").flatMap({ Int($0) }), size >= 0 else {
            throw ProviderError(.malformedReply, "the listing holds what is no object")
        }
        return ObjectInfo(
            key: decoded(key, isEncoded), size: size, modificationTime: seconds(element.text("LastModified")) ?? 0,
            etag: etag(element.text("ETag")), storageClass: element.text("StorageClass"))
    }
}

/// What the headers of an object say beside its content.
struct ObjectFacts: Sendable, Hashable {
    /// As a look-up gives it.
    var info: ObjectInfo
    /// When the store got it, seconds since 1970; nil before it told.
    var storedTime: Int?
    /// What has to be said again when the object is written anew, so that it is kept.
    var kept: [HTTPHeaders.Field]
    /// How many tags it has, as far as the store tells.
    var tagCount = 0

    /// The metadata in which the time of a file is kept, in seconds; rclone and s3fs read and write the same.
    static let timeHeader = "x-amz-meta-mtime"

    /// From the answer to a HEAD or a GET of a whole object; nil where it is not that of an object.
    init?(_ key: String, _ response: HTTPResponse) {
        let headers = response.headers
        guard let size = headers["Content-Length"].flatMap({ Int($0) }), size >= 0 else { return nil }
        let stored = headers["Last-Modified"].flatMap(HTTPDate.seconds) ?? 0
        storedTime = stored
        info = ObjectInfo(
            key: key, size: size, modificationTime: Self.time(headers[Self.timeHeader]) ?? stored,
            etag: S3.etag(headers["ETag"]), contentType: headers["Content-Type"],
            storageClass: headers["x-amz-storage-class"])
        info.version = headers["x-amz-version-id"].flatMap { $0 == "null" ? nil : $0 }
        kept = Self.kept(of: headers)
        tagCount = headers["x-amz-tagging-count"].flatMap { Int($0) } ?? 0
    }

    /// From what was sent with a whole object and the answer to it, which tells the version but not the time; nil where
    /// it does not tell the version either.
    init?(_ key: String, size: Int, sent: HTTPHeaders, answer: HTTPResponse) {
        let etag = S3.etag(answer.headers["ETag"])
        guard !etag.isEmpty else { return nil }
        let kept = Self.time(sent[Self.timeHeader])
        let now = answer.headers["Date"].flatMap(HTTPDate.seconds)
        guard let time = kept ?? now else { return nil }
        info = ObjectInfo(
            key: key, size: size, modificationTime: time, etag: etag, contentType: sent["Content-Type"],
            storageClass: sent["x-amz-storage-class"])
        info.isTimeKnown = kept != nil
        info.version = answer.headers["x-amz-version-id"].flatMap { $0 == "null" ? nil : $0 }
        self.kept = Self.kept(of: sent)
    }

    private static func kept(of headers: HTTPHeaders) -> [HTTPHeaders.Field] {
        // What the store encrypts with its own key needs no word.
        let isEncrypted = headers[encryption]?.hasPrefix("aws:kms") ?? false
        return headers.filter { field in
            let name = field.name.lowercased()
            return plain.contains(name) || name.hasPrefix("x-amz-meta-") || isEncrypted && name.hasPrefix(encryption)
        }
    }

    /// Begins the names of the headers that say how an object is encrypted, and by which key.
    private static let encryption = "x-amz-server-side-encryption"

    /// The key that it is encrypted with, which a copy does not have by itself.
    var encryption: [HTTPHeaders.Field] { kept.filter { $0.name.lowercased().hasPrefix(Self.encryption) } }

    private static let plain: Set = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "expires",
        "x-amz-storage-class", "x-amz-website-redirect-location",
    ]

    /// Seconds of a kept time, which may have a fraction.
    private static func time(_ text: String?) -> Int? {
        text.flatMap { Double($0) }.flatMap { $0.isFinite && abs($0) < 1e12 ? Int($0.rounded(.down)) : nil }
    }

    /// Whether its time is kept beside it, and is not that of its upload.
    var keepsTime: Bool { kept.contains { $0.name.lowercased() == Self.timeHeader } }

    /// The headers that keep what is known, with another time: nil where the content is another and so is its time.
    func headers(time: Int?) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for field in kept where field.name.lowercased() != Self.timeHeader { headers.append(field.name, field.value) }
        if let time { headers[Self.timeHeader] = "\(time)" }
        return headers
    }
}
