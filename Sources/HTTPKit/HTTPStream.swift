import Synchronization

/// An answer whose body is pulled. Letting go of it ends the exchange.
public final class HTTPStream: Sendable {
    /// 200, 404, ...
    public let status: Int
    /// As the server sent them.
    public let headers: HTTPHeaders
    /// Where the answer comes from, after redirections.
    public let url: HTTPURL
    private let transfer: Transfer
    private let engine: Engine

    init(_ head: ResponseHead, _ url: HTTPURL, _ transfer: Transfer, _ engine: Engine) {
        status = head.status
        headers = head.headers
        self.url = url
        self.transfer = transfer
        self.engine = engine
    }

    deinit { cancel() }

    /// The next bytes as they come, at least one; nil once the whole body was received. For one consumer.
    ///
    /// The server is held back while what it sent is not taken. A body that ends early is `connectionLost`.
    public func next() async throws(HTTPError) -> [UInt8]? {
        await transfer.wait(for: .bytes, engine)
        let (bytes, end, isPaused) = transfer.state.withLock { state in
            let bytes = state.received
            state.received = []
            return (bytes, state.end, state.isReceivingPaused)
        }
        if isPaused { engine.post(.look(transfer)) }
        if Task.isCancelled { throw .interrupted }
        if !bytes.isEmpty { return bytes }
        guard let end else { throw HTTPError(.invalidRequest, "\(transfer.request): a body has one reader") }
        try end.get()
        return nil
    }

    /// The rest of the body; `tooLarge` where it is more than that.
    public func collect(limit: Int) async throws(HTTPError) -> [UInt8] {
        var body: [UInt8] = []
        while let bytes = try await next() {
            guard body.count + bytes.count <= limit else {
                cancel()
                throw HTTPError(.tooLarge, "\(transfer.request): the answer is over \(limit) bytes", wasSent: true)
            }
            body += bytes
        }
        return body
    }

    /// Ends the exchange; what was not read is dropped.
    public func cancel() {
        if !transfer.isGivenUp { transfer.cancel(engine) }
    }
}
