import CCurl
import Synchronization

/// One exchange: the engine's thread moves its bytes, a task waits for them.
///
/// The handle and the other variables outside ``state`` are touched by the engine's thread alone, as libcurl-thread(3)
/// demands of a handle; ``state`` is behind its lock.
final class Transfer: @unchecked Sendable {
    /// What becomes of the answer's body.
    enum Sink: Sendable {
        /// Kept whole, up to so many bytes.
        case whole(limit: Int)
        /// Handed over as it comes, where the receiver wants it; else kept, up to so many bytes.
        case handed(to: any HTTPReceiver, limit: Int)
        /// Pulled; the server is held back while so many bytes wait.
        case pulled(highWater: Int)
    }

    /// What a task waits for.
    enum Event { case head, bytes, end }

    struct State {
        var head: ResponseHead?
        var received: [UInt8] = []
        var isReceivingPaused = false
        var sending = Sending()
        var end: Result<Void, HTTPError>?
        var waiter: (event: Event, continuation: CheckedContinuation<Void, Never>)?
    }

    /// What comes from the source of the request's body.
    struct Sending {
        var ready: [UInt8] = []
        var offset = 0
        var hasEnded = false
        var failure: String?
        var isPaused = false
        /// The source, while it waits for room.
        var feeder: CheckedContinuation<Bool, Never>?
    }

    let request: HTTPRequest
    let sink: Sink
    let state = Mutex(State())
    private let configuration: HTTPConfiguration
    private let onEnd: @Sendable () -> Void
    private let feeding = Mutex<Task<Void, Never>?>(nil)

    // The engine's own.
    private var handle: EasyHandle?
    /// curl's name of it, while it runs.
    private(set) var pointer: UnsafeMutableRawPointer?
    var incoming = IncomingHead()
    var bodyOffset = 0
    /// Who gets the body; nil where it is kept.
    var receiver: (any HTTPReceiver)?
    private var deadline: ContinuousClock.Instant?
    private var idleEnd: ContinuousClock.Instant?
    private var movedBytes = 0

    init(
        _ request: HTTPRequest, _ configuration: HTTPConfiguration, _ sink: Sink, onEnd: @escaping @Sendable () -> Void
    ) {
        self.request = request
        self.configuration = configuration
        self.sink = sink
        self.onEnd = onEnd
    }

    // MARK: On the engine's thread

    /// Sets the handle up and gives curl's name of it.
    func begin(sharing share: UnsafeMutableRawPointer) throws(HTTPError) -> UnsafeMutableRawPointer {
        if isGivenUp { throw .interrupted }
        guard var handle = EasyHandle() else { throw HTTPError(.failed, "no memory for a request") }
        try handle.configure(request, configuration)
        try handle.set(CURLOPT_SHARE, pointer: share)
        try setCallbacks(handle)
        let now = ContinuousClock.now
        deadline = request.deadline.map { now + $0 }
        idleEnd = now + idleTimeout
        let pointer = handle.pointer
        self.pointer = pointer
        self.handle = consume handle
        if case .stream(let stream) = request.body { feed(stream) }
        return pointer
    }

    /// Lets what was paused go on.
    func goOn() {
        guard let pointer else { return }
        let keep = state.withLock { state -> Int32 in
            if state.received.count < lowWater { state.isReceivingPaused = false }
            if state.sending.isReady { state.sending.isPaused = false }
            return (state.isReceivingPaused ? CURLPAUSE_RECV : 0) | (state.sending.isPaused ? CURLPAUSE_SEND : 0)
        }
        idleEnd = ContinuousClock.now + idleTimeout
        // It may call the callbacks, which take the lock.
        curl_easy_pause(pointer, keep)
    }

    /// What curl's word on a finished transfer means.
    func outcome(_ code: CURLcode) -> Result<Void, HTTPError> {
        if code == CURLE_OK {
            if state.withLock({ $0.head != nil }) { return .success(()) }
            return .failure(HTTPError(.malformed, "\(request): no answer in what came", wasSent: true))
        }
        let words = handle?.words ?? ""
        let isSent = (handle?.sentBytes ?? 1) > 0
        let text = words.isEmpty ? String(cString: curl_easy_strerror(code)) : words
        if code == CURLE_WRITE_ERROR, let limit = sink.limit {
            let words = receiver == nil ? "over \(limit) bytes" : "more than was asked for"
            return .failure(HTTPError(.tooLarge, "\(request): the answer is \(words)", wasSent: true))
        }
        if let failure = state.withLock({ $0.sending.failure }) {
            return .failure(HTTPError(.bodyFailed, "\(request): \(failure)", wasSent: isSent))
        }
        return .failure(HTTPError(HTTPError.Code(code), "\(request): \(text)", wasSent: isSent))
    }

    /// Why it is over its time; nil while it is not.
    func expiry(at now: ContinuousClock.Instant) -> HTTPError? {
        let isSent = (handle?.sentBytes ?? 0) > 0
        if let deadline, now >= deadline {
            let limit = (request.deadline ?? .zero).milliseconds
            return HTTPError(.timedOut, "\(request): no whole answer within \(limit) ms", wasSent: isSent)
        }
        guard let idleEnd, now >= idleEnd else { return nil }
        let moved = handle?.movedBytes ?? 0
        // Held back by its own side, it may take its time.
        let isHeldBack = state.withLock { $0.isReceivingPaused || $0.sending.isPaused }
        guard moved == movedBytes, !isHeldBack else {
            movedBytes = moved
            self.idleEnd = now + idleTimeout
            return nil
        }
        return HTTPError(.timedOut, "\(request): nothing came for \(idleTimeout.milliseconds) ms", wasSent: isSent)
    }

    /// When to ask ``expiry(at:)`` again.
    var nextExpiry: ContinuousClock.Instant? {
        [deadline, idleEnd].compactMap(\.self).min()
    }

    /// Lets go of the handle and tells who waits.
    func end(_ result: Result<Void, HTTPError>) {
        pointer = nil
        handle = nil
        settle(result)
        onEnd()
    }

    private var idleTimeout: Duration { request.idleTimeout ?? configuration.idleTimeout }

    private var lowWater: Int {
        switch sink {
        case .whole(let limit), .handed(_, let limit): limit
        case .pulled(let highWater): highWater / 2
        }
    }

    // MARK: From any thread

    /// Whether nobody waits for it any more.
    var isGivenUp: Bool { state.withLock { $0.end != nil } }

    private func settle(_ result: Result<Void, HTTPError>) {
        let (waiter, feeder) = state.withLock { state in
            if state.end == nil { state.end = result }
            defer { state.sending.feeder = nil }
            return (state.takeWaiter(), state.sending.feeder)
        }
        waiter?.resume()
        feeder?.resume(returning: false)
        feeding.withLock { $0?.cancel() }
    }

    /// Gives up: whoever waits is told at once, the engine cleans up after.
    func cancel(_ engine: Engine) {
        settle(.failure(.interrupted))
        engine.post(.look(self))
    }

    /// Waits until something is there, or it has ended.
    func wait(for event: Event, _ engine: Engine) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state -> Bool in
                    if state.has(event) || state.waiter != nil { return true }
                    state.waiter = (event, continuation)
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            cancel(engine)
        }
    }

    // MARK: The request's body

    private func feed(_ stream: HTTPBodyStream) {
        let task = Task { [weak self] in
            let next = stream.open()
            var isWanted = true
            while isWanted, !Task.isCancelled {
                let piece: Result<[UInt8]?, any Error>
                do { piece = .success(try await next()) } catch { piece = .failure(error) }
                isWanted = await self?.give(piece) ?? false
            }
        }
        feeding.withLock { $0 = task }
    }

    /// Takes a piece of the body, and waits until another is wanted; false when none is.
    private func give(_ piece: Result<[UInt8]?, any Error>) async -> Bool {
        let (isOver, wasPaused) = state.withLock { state -> (Bool, Bool) in
            switch piece {
            case .success(let bytes?): state.sending.ready += bytes
            case .success(nil): state.sending.hasEnded = true
            case .failure(let error): state.sending.failure = "\(error)"
            }
            let isOver = state.sending.hasEnded || state.sending.failure != nil || state.end != nil
            return (isOver, state.sending.isPaused)
        }
        if wasPaused, let engine = try? Engine.shared() { engine.post(.look(self)) }
        if isOver { return false }
        return await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if state.end != nil { return false }
                if state.sending.left < Self.sendingAhead { return true }
                state.sending.feeder = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Bytes of a streamed body that wait for the connection.
    static let sendingAhead = 256 << 10
}

extension Transfer.Sink {
    /// Bytes of a body that are kept at most.
    var limit: Int? {
        switch self {
        case .whole(let limit), .handed(_, let limit): limit
        case .pulled: nil
        }
    }
}

extension Transfer.State {
    /// Whether what somebody waits for is there.
    func has(_ event: Transfer.Event) -> Bool {
        switch event {
        case _ where end != nil: true
        case .head: head != nil
        case .bytes: !received.isEmpty
        case .end: false
        }
    }

    /// The one who waits, if it is there.
    mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
        guard let waiter, has(waiter.event) else { return nil }
        self.waiter = nil
        return waiter.continuation
    }
}

extension Transfer.Sending {
    /// Bytes that wait for the connection.
    var left: Int { ready.count - offset }
    /// Whether the connection finds something when it asks.
    var isReady: Bool { left > 0 || hasEnded || failure != nil }
}
