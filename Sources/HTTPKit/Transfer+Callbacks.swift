import CCurl
import Synchronization

/// The lines of an answer's head, as they come: those of interim answers (100, 103) are passed over.
struct IncomingHead {
    private var status = 0
    private var headers = HTTPHeaders()
    private(set) var isComplete = false

    /// Takes a line; gives the head once it is whole.
    mutating func take(_ line: UnsafeBufferPointer<UInt8>) -> ResponseHead? {
        // What comes behind the body are trailers.
        guard !isComplete else { return nil }
        if line.starts(with: "HTTP/".utf8) {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
            status = words.count > 1 ? Int(String(decoding: words[1].prefix(3), as: UTF8.self)) ?? 0 : 0
            headers = HTTPHeaders()
            return nil
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            guard line.allSatisfy(Self.isSpace), status >= 200 else { return nil }
            isComplete = true
            return ResponseHead(status: status, headers: headers)
        }
        var value = line[(colon + 1)...]
        while let first = value.first, Self.isSpace(first) { value.removeFirst() }
        while let last = value.last, Self.isSpace(last) { value.removeLast() }
        headers.append(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || (9...13).contains(byte) }
}

/// What curl calls on the engine's thread while it moves a transfer. Nothing is thrown through its frames.
extension Transfer {
    func setCallbacks(_ handle: borrowing EasyHandle) throws(HTTPError) {
        // The engine keeps the transfer for as long as the handle lives.
        let context = Unmanaged.passUnretained(self).toOpaque()
        try handle.set(CURLOPT_HEADERDATA, pointer: context)
        try handle.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let transfer = Transfer.of(context) else { return 0 }
            return transfer.receiveHeader(Transfer.buffer(bytes, size * count))
        }
        try handle.set(CURLOPT_WRITEDATA, pointer: context)
        try handle.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let transfer = Transfer.of(context) else { return 0 }
            return transfer.receive(Transfer.buffer(bytes, size * count))
        }
        try handle.set(CURLOPT_READDATA, pointer: context)
        try handle.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let transfer = Transfer.of(context), let bytes else { return Int(CURL_READFUNC_ABORT) }
            return transfer.send(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        try handle.set(CURLOPT_SEEKDATA, pointer: context)
        _ = infrafs_curl_set_seek(handle.pointer) { context, offset, origin in
            Transfer.of(context)?.rewind(to: Int(offset), origin) ?? Int32(CURL_SEEKFUNC_CANTSEEK)
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func buffer(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        let raw = UnsafeRawBufferPointer(start: bytes, count: count)
        return raw.bindMemory(to: UInt8.self)
    }

    private func receiveHeader(_ line: UnsafeBufferPointer<UInt8>) -> Int {
        guard let head = incoming.take(line) else { return line.count }
        if case .handed(let receiver, _) = sink, receiver.begins(head.status, head.headers) { self.receiver = receiver }
        let waiter = state.withLock { state in
            state.head = head
            if let limit = sink.limit, receiver == nil, request.method != .head {
                state.received.reserveCapacity(min(max(0, head.contentLength ?? 0), limit))
            }
            return state.takeWaiter()
        }
        waiter?.resume()
        return line.count
    }

    private func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        if let receiver {
            // Fewer than came ends the transfer.
            return !isGivenUp && receiver.take(UnsafeRawBufferPointer(bytes)) ? bytes.count : (bytes.isEmpty ? 1 : 0)
        }
        let (taken, waiter) = state.withLock { state -> (Int, CheckedContinuation<Void, Never>?) in
            // Fewer than came ends the transfer.
            guard state.end == nil else { return (bytes.isEmpty ? 1 : 0, nil) }
            switch sink {
            case .whole(let limit), .handed(_, let limit):
                guard state.received.count + bytes.count <= limit else { return (bytes.isEmpty ? 1 : 0, nil) }
            case .pulled(let highWater):
                guard state.received.count < highWater else {
                    state.isReceivingPaused = true
                    return (Int(CURL_WRITEFUNC_PAUSE), nil)
                }
            }
            state.received.append(contentsOf: bytes)
            return (bytes.count, state.takeWaiter())
        }
        waiter?.resume()
        return taken
    }

    private func send(_ room: UnsafeMutableRawBufferPointer) -> Int {
        if case .stream(let stream) = request.body { return send(stream, room) }
        let count = request.body.copy(from: bodyOffset, into: room)
        bodyOffset += count
        return count
    }

    private func send(_ stream: HTTPBodyStream, _ room: UnsafeMutableRawBufferPointer) -> Int {
        let (count, feeder) = state.withLock { state -> (Int, CheckedContinuation<Bool, Never>?) in
            guard state.end == nil, state.sending.failure == nil else { return (Int(CURL_READFUNC_ABORT), nil) }
            let count = state.sending.move(into: room)
            let sent = bodyOffset + count
            if let length = stream.length, sent > length || (state.sending.isDrained && sent < length) {
                state.sending.failure = "the body is not as long as announced (\(length) bytes)"
                return (Int(CURL_READFUNC_ABORT), nil)
            }
            if count == 0, !state.sending.hasEnded {
                state.sending.isPaused = true
                return (Int(CURL_READFUNC_PAUSE), state.sending.takeFeeder())
            }
            return (count, state.sending.takeFeeder())
        }
        if count <= room.count { bodyOffset += count }
        feeder?.resume(returning: true)
        return count
    }

    /// Begins the body again, where curl has to (a redirected or a lost connection).
    private func rewind(to offset: Int, _ origin: Int32) -> Int32 {
        if case .stream = request.body { return Int32(CURL_SEEKFUNC_CANTSEEK) }
        guard origin == 0, let length = request.body.length, (0...length).contains(offset) else {
            return Int32(CURL_SEEKFUNC_CANTSEEK)
        }
        bodyOffset = offset
        return Int32(CURL_SEEKFUNC_OK)
    }
}

extension Transfer.Sending {
    /// Whether all was given and all was taken.
    fileprivate var isDrained: Bool { hasEnded && left == 0 }

    /// Moves as much as there is room for.
    fileprivate mutating func move(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, left)
        room.copyBytes(from: ready[offset..<offset + count])
        offset += count
        if left == 0 {
            ready.removeAll(keepingCapacity: true)
            offset = 0
        }
        return count
    }

    fileprivate mutating func takeFeeder() -> CheckedContinuation<Bool, Never>? {
        guard left < Transfer.sendingAhead else { return nil }
        defer { feeder = nil }
        return feeder
    }
}

extension HTTPError.Code {
    /// What curl's code means (libcurl-errors(3)).
    init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_URL_MALFORMAT: .invalidRequest
            case CURLE_COULDNT_RESOLVE_HOST: .resolve
            case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
            case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .connect
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND,
                CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
                .tls
            case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND,
                CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SSL_SHUTDOWN_FAILED:
                .connectionLost
            // Of the two protocols that are spoken, only HTTP/0.9 is refused so.
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_CHUNK_FAILED:
                .malformed
            case CURLE_WRITE_ERROR, CURLE_ABORTED_BY_CALLBACK: .cancelled
            default: .failed
            }
    }
}
