import HTTPKit
import HTTPProvider
import ProviderAPI
import Synchronization

/// The content of an image, read by ranges; by one stream where the service knows no ranges.
struct ImageReader: BulkContent {
    let cloud: Cloud
    let image: ImagePayload

    var size: Int { image.size ?? 0 }

    func read(offset: Int, count: Int) async throws(ProviderError) -> [UInt8] {
        let end = min(size, offset + count)
        guard offset < end else { return [] }
        let what = "read image \(image.title)"
        var request = try await cloud.request(.get, .image, "images/\(image.id)/file")
        request.range = offset..<end
        request.headers["Accept"] = "application/octet-stream"
        let stream = try await cloud.client(.image).open(request, to: what)
        defer { stream.cancel() }
        // 206 is the range; 200 is all of it, from the start.
        let skip = stream.status == 206 ? 0 : offset
        return try await take(end - offset, of: stream, skipping: skip, what)
    }

    private func take(
        _ count: Int, of stream: HTTPStream, skipping skip: Int, _ what: String
    ) async throws(ProviderError) -> [UInt8] {
        var bytes: [UInt8] = []
        var left = skip
        do throws(HTTPError) {
            while bytes.count < count, let piece = try await stream.next() {
                let part = piece.dropFirst(min(left, piece.count))
                left -= piece.count - part.count
                bytes += part.prefix(count - bytes.count)
            }
        } catch {
            throw ProviderError(error, doing: what)
        }
        return bytes
    }

    func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError) {
        throw ProviderError(.notPermitted, "this content was opened to be read")
    }

    /// The service tells of no holes: all of it is data.
    func seek(offset: Int, hole: Bool) async throws(ProviderError) -> Int? {
        guard offset < size else { return nil }
        return hole ? size : offset
    }

    func close() async throws(ProviderError) {}
}

/// The upload of an image's content: one request, whose body is what is written, from the first byte on. The image is
/// whole when the last one is closed.
final class ImageWriter: BulkContent {
    private let name: String
    private let pipe: Pipe
    private let upload: Task<Result<Void, ProviderError>, Never>
    private let written = Mutex(0)

    init(cloud: Cloud, image: ImagePayload) async throws(ProviderError) {
        name = image.title
        let pipe = Pipe()
        self.pipe = pipe
        var request = try await cloud.request(.put, .image, "images/\(image.id)/file")
        request.headers["Content-Type"] = "application/octet-stream"
        request.body = .stream(
            HTTPBodyStream(length: nil) {
                let attempt = pipe.attempt()
                return { try await pipe.next(attempt) }
            })
        request.isRepeatable = false
        request.deadline = nil
        let client = try cloud.client(.image)
        let (sent, what) = (request, "write image \(image.title)")
        upload = Task {
            do throws(ProviderError) {
                _ = try await client.send(sent, to: what)
                let count = await pipe.taken
                await pipe.end(nil)
                try await Self.check(image, count, cloud)
                return .success(())
            } catch {
                await pipe.end(error)
                return .failure(error)
            }
        }
    }

    /// What the service has is as much as was sent.
    private static func check(_ image: ImagePayload, _ count: Int, _ cloud: Cloud) async throws(ProviderError) {
        guard let size = try await cloud.image(image.id).size, size != count else { return }
        throw ProviderError(
            .malformedReply, "write image \(image.title): the service has \(size) bytes of the \(count) that were sent")
    }

    var size: Int { written.withLock { $0 } }

    func read(offset: Int, count: Int) async throws(ProviderError) -> [UInt8] {
        throw ProviderError(.notPermitted, "this content was opened to be written")
    }

    func write(_ bytes: [UInt8], offset: Int) async throws(ProviderError) {
        guard offset == size else {
            throw ProviderError(.unsupported, "\(name): an image is written from its beginning to its end, in one go")
        }
        try await pipe.put(bytes)
        written.withLock { $0 += bytes.count }
    }

    func seek(offset: Int, hole: Bool) async throws(ProviderError) -> Int? { hole ? size : nil }

    /// What a tool says before it writes and after: only the length that it has.
    func truncate(to size: Int) async throws(ProviderError) {
        guard size == self.size else {
            throw ProviderError(.unsupported, "\(name): what was sent of an image cannot be cut off or filled up")
        }
    }

    /// Sends the rest and waits for the service to have all of it: nothing can be added then.
    func flush() async throws(ProviderError) {
        guard size > 0 else { return }
        await pipe.finish()
        try await upload.value.get()
    }

    func close() async throws(ProviderError) {
        guard size > 0 else {
            // Nothing was written: the image stays empty, and can be written later.
            upload.cancel()
            await pipe.end(ProviderError(.cancelled, "nothing was written"))
            return
        }
        try await flush()
    }

    /// The connection is cut in the middle: the service forgets what it has of it, and the image is empty as before.
    func abandon() async throws(ProviderError) {
        upload.cancel()
        await pipe.end(ProviderError(.cancelled, "the writer of the image \(name) was killed"))
        guard case .failure = await upload.value, size > 0 else { return }
        throw ProviderError(
            .failed, "\(name): its writer was killed before it closed it: the image stays empty, write it again")
    }
}

/// Bytes from a writer to a reader, with room for a few pieces: the writer waits for the reader.
///
/// They are given once: a second attempt at a request that has had some of them fails, since it would send the rest as if
/// that were all.
private actor Pipe {
    private nonisolated let attempts = Mutex(0)
    private var first: Int?
    /// Bytes that were given.
    private(set) var taken = 0
    private var pieces: [[UInt8]] = []
    private var isFinished = false
    private var isEnded = false
    private var failure: ProviderError?
    private var readers: [CheckedContinuation<Void, Never>] = []
    private var writers: [CheckedContinuation<Void, Never>] = []
    private static let room = 4

    func put(_ bytes: [UInt8]) async throws(ProviderError) {
        while pieces.count >= Self.room, !isEnded {
            await withCheckedContinuation { writers.append($0) }
        }
        if let failure { throw failure }
        guard !isFinished else {
            throw ProviderError(.unsupported, "an image is written in one go: it has been sent already")
        }
        guard !isEnded else { throw ProviderError(.failed, "the service ended the upload early") }
        pieces.append(bytes)
        wakeReaders()
    }

    /// Begins an attempt.
    nonisolated func attempt() -> Int {
        attempts.withLock { attempts in
            attempts += 1
            return attempts
        }
    }

    func next(_ attempt: Int) async throws -> [UInt8]? {
        while pieces.isEmpty, !isFinished, !isEnded {
            await withCheckedContinuation { readers.append($0) }
        }
        if let failure { throw failure }
        guard first == nil || first == attempt else {
            throw ProviderError(
                .failed, "the request was interrupted, and a part of what is written is lost: write it again")
        }
        guard !pieces.isEmpty else { return nil }
        first = attempt
        let piece = pieces.removeFirst()
        taken += piece.count
        wakeWriters()
        return piece
    }

    /// No more is to come.
    func finish() {
        isFinished = true
        wakeReaders()
    }

    /// Nobody reads any more.
    func end(_ error: ProviderError?) {
        isEnded = true
        failure = failure ?? error
        wakeReaders()
        wakeWriters()
    }

    private func wakeReaders() {
        for reader in readers { reader.resume() }
        readers = []
    }

    private func wakeWriters() {
        for writer in writers { writer.resume() }
        writers = []
    }
}
