import HTTPKit
import HTTPTesting
import Synchronization
import Testing

@Suite struct StreamTests {
    @Test func theHeadComesBeforeTheBody() async throws {
        let server = try StubServer()
        defer { server.stop() }
        let chunks = [pattern(10), pattern(200_000), pattern(7)]
        server.on("GET", "/", .held(200, ["X-First": "yes"], chunks))
        let stream = try await HTTPClient.direct().open(try server.request())
        #expect(stream.status == 200)
        #expect(stream.headers["X-First"] == "yes")
        server.release()
        #expect(try await stream.next() == chunks[0])
        server.release(2)
        #expect(try await stream.collect(limit: 1 << 20) == chunks[1] + chunks[2])
        #expect(try await stream.next() == nil)
    }

    @Test func aBodyIsHandedOverAsItComes() async throws {
        let server = try StubServer()
        defer { server.stop() }
        let chunks = [pattern(10), pattern(200_000), pattern(7)]
        server.on("GET", "/", .held(206, ["X-First": "yes"], chunks), .text(404, "none"))
        let receiver = Receiver(limit: 300_000)
        let request = try server.request()
        let sending = Task { () async throws(HTTPError) in
            try await HTTPClient.direct().send(request, limit: 5, to: receiver)
        }
        server.release()
        while receiver.bytes.count < 10 { await Task.yield() }
        #expect(receiver.bytes == chunks[0], "before the rest")
        server.release(2)
        let response = try await sending.value
        #expect(response.body.isEmpty)
        #expect(response.headers["X-First"] == "yes")
        #expect(receiver.bytes == chunks[0] + chunks[1] + chunks[2])
        let other = try await HTTPClient.direct().send(request, to: receiver)
        #expect(other.text == "none", "what it does not want is kept")
    }

    @Test func moreThanIsWantedEndsTheExchange() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .answer(206, [:], pattern(500_000)))
        let receiver = Receiver(limit: 100_000)
        let request = try server.request()
        let error = await failure { () async throws(HTTPError) in
            try await HTTPClient.direct().send(request, to: receiver)
        }
        #expect(error?.code == .tooLarge)
        #expect(receiver.bytes.count <= 100_000)
    }

    @Test func aServerIsHeldBackByItsReader() async throws {
        let server = try StubServer()
        defer { server.stop() }
        let sent = Mutex(0)
        let piece = pattern(1 << 20)
        let chunks = Array(repeating: piece, count: 64)
        server.on("GET", "/", .held(200, [:], chunks))
        let feeder = Task.detached {
            for _ in 0..<64 {
                server.release()
                sent.withLock { $0 += 1 }
            }
        }
        let client = HTTPClient.direct()
        let stream = try await client.open(try server.request())
        await feeder.value
        // Another exchange goes its way meanwhile, which also gives the first one time to fill what it may.
        server.on("GET", "/other", .text(200, "x"))
        for _ in 0..<50 { _ = try await client.send(try server.request(.get, "/other")) }
        var (count, largest) = (0, 0)
        while let bytes = try await stream.next() {
            largest = max(largest, bytes.count)
            count += bytes.count
        }
        #expect(count == 64 << 20)
        #expect(largest <= 2 << 20, "no more waits than one measure and what was under way")
    }

    @Test(arguments: [Int?.none, 5_000_000])
    func aBodyIsMadeWhileItIsSent(length: Int?) async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { .answer(200, [:], $0.body) }
        let whole = pattern(5_000_000)
        let body = HTTPBodyStream(length: length) {
            let sent = Mutex(0)
            return {
                sent.withLock { sent in
                    guard sent < whole.count else { return nil }
                    let piece = Array(whole[sent..<min(sent + 70_001, whole.count)])
                    sent += piece.count
                    return piece
                }
            }
        }
        let response = try await HTTPClient.direct().send(try server.request(.put, "/", body: .stream(body)))
        #expect(response.body == whole)
        let seen = try #require(server.requests.first)
        #expect(seen.header("Content-Length") == length.map(String.init))
        #expect(seen.header("Transfer-Encoding") == (length == nil ? "chunked" : nil))
    }

    @Test func aSourceIsAskedOnlyForWhatHasRoom() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { .text(200, "\($0.body.count)") }
        let given = Mutex(0)
        let body = HTTPBodyStream(length: 48 << 20) {
            {
                given.withLock { given in
                    guard given < 48 << 20 else { return nil }
                    given += 1 << 20
                    return [UInt8](repeating: 7, count: 1 << 20)
                }
            }
        }
        var request = try server.request(.put, "/", body: .stream(body))
        request.headers["X-Stub-Slow"] = "yes"
        let sent = request
        let upload = Task { try await HTTPClient.direct().send(sent) }
        // The server reads nothing yet: what is given stops at what its socket takes.
        while given.withLock({ $0 }) == 0 { await Task.yield() }
        server.on("GET", "/other", .text(200, "x"))
        let client = HTTPClient.direct()
        for _ in 0..<100 { _ = try await client.send(try server.request(.get, "/other")) }
        #expect(given.withLock { $0 } < 24 << 20)
        server.release()
        #expect(try await upload.value.text == "\(48 << 20)")
    }

    @Test func aSourceThatFailsFailsTheExchange() async throws {
        struct Broken: Error, CustomStringConvertible { let description = "the disk is gone" }
        let server = try StubServer()
        defer { server.stop() }
        let client = HTTPClient.direct()
        let broken = try server.request(.put, "/", body: .stream(HTTPBodyStream(length: 10) { { throw Broken() } }))
        let first = await failure { () async throws(HTTPError) in try await client.send(broken) }
        #expect(first?.code == .bodyFailed)
        #expect(first?.message.contains("the disk is gone") == true)
        let short = try server.request(.put, "/", body: .stream(HTTPBodyStream(length: 10) { { nil } }))
        #expect(await failure { () async throws(HTTPError) in try await client.send(short) }?.code == .bodyFailed)
    }

    @Test func lettingGoEndsTheExchange() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { _ in .answer(200, [:], pattern(32 << 20)) }
        let client = HTTPClient.direct { $0.concurrency = 1 }
        for _ in 0..<5 {
            let stream = try await client.open(try server.request())
            #expect(try await stream.next() != nil)
        }
        // With a place for one, the others would wait for ever if it were not given back.
        #expect(try await client.send(try server.request(), limit: 64 << 20).body.count == 32 << 20)
    }
}

/// Takes what comes of a 206, up to a limit.
private final class Receiver: HTTPReceiver {
    private let limit: Int
    private let taken = Mutex<[UInt8]>([])

    init(limit: Int) { self.limit = limit }

    var bytes: [UInt8] { taken.withLock { $0 } }

    func begins(_ status: Int, _ headers: HTTPHeaders) -> Bool { status == 206 }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        taken.withLock { taken in
            guard taken.count + bytes.count <= limit else { return false }
            taken.append(contentsOf: bytes)
            return true
        }
    }
}
