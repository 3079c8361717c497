import HTTPKit
import ProviderAPI

/// Hands the range that a request asks for to a sink as it comes (RFC 9110, 15.3.7), of the version that it asks for.
struct PartialContent: HTTPReceiver {
    private let range: Range<Int>
    private let etag: String?
    private let sink: any ByteSink

    /// The answers to a request with a `Range`, and `If-Match` where one version is meant.
    init(of request: HTTPRequest, into sink: any ByteSink) {
        range = request.range ?? 0..<Int.max
        etag = request.headers["If-Match"].map(EntityTag.bare)
        self.sink = sink
    }

    func begins(_ status: Int, _ headers: HTTPHeaders) -> Bool {
        guard status == 206, isRange(headers), isVersion(headers) else { return false }
        sink.begin()
        return true
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool { sink.take(bytes) }

    /// Throws for a success that was not handed over, unless it is a whole object (200) that is all of the range: that is
    /// handed over now.
    func check(_ response: HTTPResponse, _ what: String) throws(ProviderError) {
        guard isVersion(response.headers) else {
            throw ProviderError(.replaced, "cannot \(what)", cause: "the store sent another version")
        }
        if response.status == 206, isRange(response.headers) { return }
        guard response.status == 200, range.lowerBound == 0, response.body.count <= range.count else {
            throw ProviderError(.malformedReply, "cannot \(what)", cause: "the answer is not the range asked for")
        }
        sink.take(whole: response.body)
    }

    /// What a failed exchange means where it is about the bytes themselves.
    func failure(_ error: HTTPError, _ what: String) -> ProviderError? {
        guard error.code == .tooLarge else { return nil }
        return ProviderError(.malformedReply, "cannot \(what)", cause: error.description)
    }

    /// Whether an answer begins where it should, as far as it says.
    private func isRange(_ headers: HTTPHeaders) -> Bool {
        headers["Content-Range"].map { $0.hasPrefix("bytes \(range.lowerBound)-") } ?? true
    }

    /// Whether an answer is of the version that was asked for, as far as it says: not every store looks at conditions.
    private func isVersion(_ headers: HTTPHeaders) -> Bool {
        guard let etag, let found = headers["ETag"] else { return true }
        return EntityTag.bare(found) == etag
    }
}
