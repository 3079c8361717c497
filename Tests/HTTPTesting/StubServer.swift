import Dispatch
import Glibc
import Synchronization

/// A small HTTP/1.1 server of the tests' own, on a port of 127.0.0.1 that the system chooses. It answers by method and
/// path, records what it was asked, and can misbehave.
public final class StubServer: Sendable {
    /// Makes the answer to a request.
    public typealias Handler = @Sendable (StubRequest) -> StubReply

    private struct State {
        var handlers: [String: Handler] = [:]
        var standard: Handler = { _ in .text(404, "no such path") }
        var requests: [StubRequest] = []
        var connections = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let socket: Int32
    private let gate = DispatchSemaphore(value: 0)
    /// Where it listens.
    public let port: Int

    /// Starts to listen.
    public init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && listen(socket, 64) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        guard socket >= 0, isBound else { throw StubFailure(description: String(cString: strerror(errno))) }
        port = Int(UInt16(bigEndian: address.sin_port))
        try Self.onThread { [self] in accept() }
    }

    /// Stops; connections end with their clients.
    public func stop() {
        let wasStopped = state.withLock { state in
            defer { state.isStopped = true }
            return state.isStopped
        }
        guard !wasStopped else { return }
        for _ in 0..<1000 { gate.signal() }
        // The thread that accepts closes it: nobody else's socket may get its number while it is used.
        shutdown(socket, Int32(SHUT_RDWR))
    }

    deinit { stop() }

    /// Its address.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// What it was asked, in order.
    public var requests: [StubRequest] { state.withLock { $0.requests } }

    /// How many connections were made to it.
    public var connections: Int { state.withLock { $0.connections } }

    /// Answers a method and path.
    public func on(_ method: String, _ path: String, _ handler: @escaping Handler) {
        state.withLock { $0.handlers["\(method) \(path)"] = handler }
    }

    /// Answers a method and path with one reply after the other; the last one stays.
    public func on(_ method: String, _ path: String, _ replies: StubReply...) {
        let left = Mutex(replies[...])
        on(method, path) { _ in
            left.withLock { left in
                guard left.count > 1, let next = left.popFirst() else { return left.first ?? .close }
                return next
            }
        }
    }

    /// Answers what nothing else does.
    public func otherwise(_ handler: @escaping Handler) { state.withLock { $0.standard = handler } }

    /// Lets one held chunk go, or one slow reader read.
    public func release(_ count: Int = 1) {
        for _ in 0..<count { gate.signal() }
    }

    func awaitRelease() { gate.wait() }

    /// Reads the body (later, where the request says `X-Stub-Slow`; not at all, where it says `X-Stub-Early`), records the request, and gives the reply.
    func reply(to request: inout StubRequest, readingBody read: (inout StubRequest) -> Void) -> StubReply {
        let (method, path) = (request.method, request.path)
        let handler = state.withLock { $0.handlers["\(method) \(path)"] ?? $0.standard }
        if request.header("X-Stub-Slow") != nil { awaitRelease() }
        if request.header("X-Stub-Early") == nil { read(&request) }
        let whole = request
        state.withLock { $0.requests.append(whole) }
        return handler(request)
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(socket, nil, nil)
            guard connection >= 0 else {
                close(socket)
                return
            }
            state.withLock { $0.connections += 1 }
            let served = StubConnection(connection, self)
            do { try Self.onThread { served.serve() } } catch { close(connection) }
        }
    }

    private static func onThread(_ body: @escaping @Sendable () -> Void) throws {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(ThreadBody(body))
        let failure = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            context.release()
            throw StubFailure(description: String(cString: strerror(failure)))
        }
        pthread_detach(thread)
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Why a stub server does not start.
struct StubFailure: Error, CustomStringConvertible {
    let description: String
}
