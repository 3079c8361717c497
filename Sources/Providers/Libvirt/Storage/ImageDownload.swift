import CompressionKit
import HTTPKit
import LibvirtKit
import ProviderAPI
import Synchronization

/// Content from a URL into a volume: decompressed on the way, checked at the end. The beginning of the content, without
/// which it is no image, is written last: what a crash leaves behind cannot be taken for whole.
struct ImageDownload {
    let session: Session
    let url: HTTPURL
    let checksum: Checksum?
    /// Where the words of an error begin.
    let subject: String

    /// How many bytes are held back.
    private static let held = 4096

    /// An answer, before the volume is made: a URL that leads nowhere makes nothing.
    func open() async throws(ProviderError) -> HTTPStream {
        try await stream(of: url)
    }

    /// The checksum, from where it is published if need be.
    func expected() async throws(ProviderError) -> Checksum? {
        guard case .published(let place)? = checksum?.source else { return checksum }
        let answer = try await stream(of: place)
        let list: [UInt8]
        do throws(HTTPError) {
            list = try await answer.collect(limit: 4 << 20)
        } catch { throw failure(error) }
        let file = url.path.split(separator: "/").last.map { PercentEncoding.decode(String($0)) ?? String($0) } ?? ""
        guard let found = Checksum(in: String(decoding: list, as: UTF8.self), of: file) else {
            throw ProviderError(.invalidValue, "\(subject): \(place) has no checksum of \(file)")
        }
        return found
    }

    private func stream(of url: HTTPURL) async throws(ProviderError) -> HTTPStream {
        var request = HTTPRequest(.get, url)
        request.redirects = 10
        let stream: HTTPStream
        do throws(HTTPError) {
            stream = try await HTTPClient(HTTPConfiguration(userAgent: "infrafs")).open(request)
        } catch { throw failure(error) }
        guard stream.status == 200 else {
            // What a web server says is about the URL, not about this host.
            throw ProviderError(
                stream.status < 500 ? .invalidValue : .failed,
                "\(subject): \(url) answers with HTTP status \(stream.status)")
        }
        return stream
    }

    /// Writes the content of an answer into an empty volume.
    func write(_ stream: HTTPStream, into key: String, _ expected: Checksum?, _ job: any JobReporter)
        async throws(ProviderError)
    {
        let total = stream.headers["Content-Length"].flatMap { Int($0) } ?? 0
        let sink = ImageSink(session: session, key: key, subject: subject, holding: Self.held)
        var digest = expected.map { ContentDigest($0.algorithm) }
        var received = 0
        while let bytes = try await next(of: stream) {
            digest?.update(bytes)
            try await sink.write(bytes)
            received += bytes.count
            session.debts.touch()
            if total > 0 { job.progress(min(99, received * 100 / total)) }
        }
        if let expected, let found = digest?.hex, found != expected.hex {
            throw ProviderError(
                .invalidValue, "\(subject): \(url) has the \(expected.algorithm) \(found), not \(expected.hex)")
        }
        try await sink.finish()
    }

    private func next(of stream: HTTPStream) async throws(ProviderError) -> [UInt8]? {
        do throws(HTTPError) {
            return try await stream.next()
        } catch { throw failure(error) }
    }

    /// A download that failed says nothing about this host: it is never `unreachable`, which would be the host's outage.
    private func failure(_ error: HTTPError) -> ProviderError {
        switch error.code {
        case .cancelled: ProviderError(.cancelled, "interrupted")
        case .invalidRequest: ProviderError(.invalidValue, "\(subject): url: \(error.message)")
        default: ProviderError(.failed, "\(subject): the download failed", cause: error.message)
        }
    }
}

/// Where downloaded bytes go: decompressed, and without the zeros, into a volume. It has a thread and a connection of
/// its own.
final class ImageSink: Sendable {
    private struct State {
        var isPlain = false
        var decompressor: Decompressor?
        /// What came before the format was known.
        var start: [UInt8] = []
        var head: [UInt8] = []
        var upload: VolumeUpload?
        /// Zeros that were passed over and not told yet.
        var hole = 0
        var connection: Connection?
    }

    private static let block = 64 << 10

    private let session: Session
    private let key: String
    private let subject: String
    private let held: Int
    private let lane = CallQueue(label: "libvirt.download", width: 1)
    private let state = Mutex(State())

    init(session: Session, key: String, subject: String, holding held: Int) {
        self.session = session
        self.key = key
        self.subject = subject
        self.held = held
    }

    func write(_ bytes: [UInt8]) async throws(ProviderError) {
        try await run { [self] state, connection in try take(bytes, &state, connection, isLast: false) }
    }

    /// The content is complete: what was held back makes it an image.
    func finish() async throws(ProviderError) {
        try await run { [self] state, connection in
            try take([], &state, connection, isLast: true)
            try state.decompressor?.finish()
            if state.hole > 0 { try upload(&state, connection).sendHole(state.hole) }
            try state.upload?.finish()
            let first = try VolumeUpload(into: try connection.volume(key: key), offset: 0)
            try first.send(state.head)
            try first.finish()
            state = State()
        }
    }

    private func run(_ body: @escaping @Sendable (inout State, Connection) throws -> Void) async throws(ProviderError) {
        try await session.run(
            subject, on: lane,
            { [self] _ in
                if let known = state.withLock({ $0.connection }) { return known }
                let connection = try session.another()
                state.withLock { $0.connection = connection }
                return connection
            }
        ) { [self] connection in
            do {
                // One call at a time, on one lane: nobody waits for this lock.
                try state.withLock { try body(&$0, connection) }
            } catch let error as CompressionError {
                throw ProviderError(.invalidValue, "\(subject): \(error)")
            }
        }
    }

    private func take(_ bytes: [UInt8], _ state: inout State, _ connection: Connection, isLast: Bool) throws {
        var bytes = bytes
        if !state.isPlain, state.decompressor == nil {
            state.start += bytes
            guard isLast || state.start.count >= CompressionFormat.signatureLength else { return }
            bytes = state.start
            state.start = []
            if let format = CompressionFormat(of: bytes) {
                state.decompressor = try Decompressor(format)
            } else {
                state.isPlain = true
            }
        }
        guard let decompressor = state.decompressor else { return try put(bytes[...], &state, connection) }
        var rest = state
        try decompressor.decompress(bytes) { piece in try put(piece[...], &rest, connection) }
        state = rest
    }

    private func put(_ bytes: ArraySlice<UInt8>, _ state: inout State, _ connection: Connection) throws {
        let missing = min(held - state.head.count, bytes.count)
        if missing > 0 { state.head += bytes.prefix(missing) }
        var rest = bytes.dropFirst(missing)
        while !rest.isEmpty {
            let block = rest.prefix(Self.block)
            rest = rest.dropFirst(block.count)
            if block.count == Self.block, block.allSatisfy({ $0 == 0 }) {
                state.hole += block.count
                continue
            }
            let upload = try upload(&state, connection)
            if state.hole > 0 { try upload.sendHole(state.hole) }
            state.hole = 0
            try upload.send(Array(block))
        }
    }

    private func upload(_ state: inout State, _ connection: Connection) throws -> VolumeUpload {
        if let upload = state.upload { return upload }
        let upload = try VolumeUpload(into: try connection.volume(key: key), offset: held, holes: true)
        state.upload = upload
        return upload
    }
}
