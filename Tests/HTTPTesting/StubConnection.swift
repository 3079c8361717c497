import Glibc

/// One connection to a stub server, on a thread of its own: a test has few.
final class StubConnection: Sendable {
    private let socket: Int32
    private let server: StubServer

    init(_ socket: Int32, _ server: StubServer) {
        self.socket = socket
        self.server = server
    }

    /// Answers request after request until either side is done.
    func serve() {
        var pending: [UInt8] = []
        defer { close(socket) }
        while var request = readHead(&pending) {
            let reply = server.reply(to: &request) { request in readBody(of: &request, &pending) }
            guard carryOut(reply, to: request) else { return }
        }
    }

    /// Whether the connection goes on.
    private func carryOut(_ reply: StubReply, to request: StubRequest) -> Bool {
        switch reply {
        case .answer(let status, let headers, let body):
            let isHead = request.method == "HEAD"
            return write(head(status, headers, length: body.count)) && (isHead || write(body))
                && request.header("Connection")?.lowercased() != "close"
        case .half(let status, let headers, let body):
            _ = write(head(status, headers, length: body.count)) && write(Array(body[..<(body.count / 2)]))
            return false
        case .held(let status, let headers, let chunks):
            return send(status, headers, chunks) { server.awaitRelease() }
        case .drip(let status, let headers, let chunks, let milliseconds):
            return send(status, headers, chunks) { usleep(UInt32(milliseconds) * 1000) }
        case .raw(let bytes):
            _ = write(bytes)
            return false
        case .reset:
            // Closing with time zero to linger resets (socket(7)).
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            return false
        case .close:
            return false
        case .hang:
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) > 0 {}
            return false
        }
    }

    private func send(
        _ status: Int, _ headers: [String: String], _ chunks: [[UInt8]], awaiting wait: () -> Void
    ) -> Bool {
        let length = chunks.reduce(0) { $0 + $1.count }
        guard write(head(status, headers, length: length)) else { return false }
        for chunk in chunks {
            wait()
            guard write(chunk) else { return false }
        }
        return true
    }

    private func head(_ status: Int, _ headers: [String: String], length: Int) -> [UInt8] {
        var text = "HTTP/1.1 \(status) Stub\r\n"
        let hasLength = headers.keys.contains { $0.lowercased() == "content-length" }
        if !hasLength, status != 204, status != 304 { text += "Content-Length: \(length)\r\n" }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    // MARK: Reading

    private func readHead(_ pending: inout [UInt8]) -> StubRequest? {
        while true {
            if let end = Self.headEnd(in: pending) {
                let head = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeFirst(end + 4)
                return StubRequest(head: head)
            }
            guard readMore(&pending) else { return nil }
        }
    }

    private static func headEnd(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual("\r\n\r\n".utf8) }
    }

    private func readBody(of request: inout StubRequest, _ pending: inout [UInt8]) {
        let isChunked = request.header("Transfer-Encoding")?.lowercased() == "chunked"
        let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
        guard isChunked || length > 0 else { return }
        if request.header("Expect") != nil { _ = write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
        if isChunked {
            while let line = readLine(&pending), let size = Int(line.prefix { $0 != ";" }, radix: 16) {
                request.body += read(size, &pending)
                _ = readLine(&pending)
                if size == 0 { return }
            }
        } else {
            request.body = read(length, &pending)
        }
    }

    private func read(_ count: Int, _ pending: inout [UInt8]) -> [UInt8] {
        while pending.count < count, readMore(&pending) {}
        let taken = Array(pending.prefix(count))
        pending.removeFirst(taken.count)
        return taken
    }

    private func readLine(_ pending: inout [UInt8]) -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeFirst(end + 1)
                return line.hasSuffix("\r") || line.hasSuffix("\r\n") ? String(line.dropLast()) : line
            }
            guard readMore(&pending) else { return nil }
        }
    }

    private func readMore(_ pending: inout [UInt8]) -> Bool {
        let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, recv(socket, buffer.baseAddress, buffer.count, 0))
        }
        pending += piece
        return !piece.isEmpty
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
