import Synchronization

/// Sends requests. Connections are kept and shared; all clients of the process work on one thread of libcurl's.
public final class HTTPClient: Sendable {
    /// How its servers are reached.
    public let configuration: HTTPConfiguration
    private let gate: TransferGate

    /// A client; nothing is connected yet.
    public init(_ configuration: HTTPConfiguration) {
        self.configuration = configuration
        gate = TransferGate(configuration.concurrency)
    }

    /// The whole answer, whatever its status. `tooLarge` where its body is over `limit` bytes; `cancelled` when the task is.
    ///
    /// A body that the receiver wants goes there as it comes, and that of the answer is empty.
    public func send(
        _ request: HTTPRequest, limit: Int = 64 << 20, to receiver: (any HTTPReceiver)? = nil
    ) async throws(HTTPError) -> HTTPResponse {
        var trail = RedirectTrail(request)
        while true {
            let sink = receiver.map { Transfer.Sink.handed(to: $0, limit: limit) } ?? .whole(limit: limit)
            let transfer = try await begin(trail.request, sink)
            await transfer.exchange.wait(for: .end, transfer.engine)
            let (head, body, end) = transfer.exchange.state.withLock { state in
                defer { state.received = [] }
                return (state.head, state.received, state.end ?? .failure(.interrupted))
            }
            try end.get()
            guard let head else {
                throw HTTPError(.malformed, "\(trail.request): no answer in what came", wasSent: true)
            }
            if try trail.follow(head) { continue }
            return HTTPResponse(status: head.status, headers: head.headers, body: body, url: trail.request.url)
        }
    }

    /// Status and headers as soon as they are there; the body is to be pulled.
    public func open(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
        var trail = RedirectTrail(request)
        while true {
            let transfer = try await begin(trail.request, .pulled(highWater: Self.highWater))
            await transfer.exchange.wait(for: .head, transfer.engine)
            let (head, end) = transfer.exchange.state.withLock { ($0.head, $0.end) }
            guard let head else {
                try end?.get()
                throw HTTPError(.malformed, "\(trail.request): no answer in what came", wasSent: true)
            }
            let stream = HTTPStream(head, trail.request.url, transfer.exchange, transfer.engine)
            if try !trail.follow(head) { return stream }
        }
    }

    /// Bytes of an answer that may wait for their reader.
    private static let highWater = 1 << 20

    private func begin(_ request: HTTPRequest, _ sink: Transfer.Sink) async throws(HTTPError) -> (
        exchange: Transfer, engine: Engine
    ) {
        let engine = try Engine.shared()
        try await gate.enter()
        let gate = gate
        let transfer = Transfer(request, configuration, sink) { gate.leave() }
        engine.post(.start(transfer))
        return (transfer, engine)
    }
}
