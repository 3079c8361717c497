import HTTPKit
import HTTPTesting
import Testing

@Suite struct FaultTests {
    @Test(arguments: [
        (StubReply.half(200, [:], pattern(1000)), HTTPError.Code.connectionLost), (.reset, .connectionLost),
        (.close, .connectionLost), (.raw(Array("SSH-2.0-OpenSSH\r\n".utf8)), .malformed),
        (.raw(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".utf8)), .connectionLost),
    ])
    func aBrokenAnswerIsNone(reply: StubReply, code: HTTPError.Code) async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/path", reply)
        var request = try server.request(.get, "/path?secret=1")
        request.headers["Authorization"] = "secret=1"
        let client = HTTPClient.direct()
        let sent = request
        let error = await failure { () async throws(HTTPError) in try await client.send(sent) }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.wasSent == true)
        #expect(error?.message.contains("GET http://127.0.0.1:\(server.port)/path") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func aBodyThatEndsEarlyIsToldToItsReader() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .half(200, [:], pattern(1000)))
        let stream = try await HTTPClient.direct().open(try server.request())
        let error = await failure { () async throws(HTTPError) in try await stream.collect(limit: 10_000) }
        #expect(error?.code == .connectionLost)
    }

    @Test func nobodyThereIsNotASlowServer() async throws {
        let server = try StubServer()
        server.stop()
        let request = try server.request()
        let client = HTTPClient.direct()
        let error = await failure { () async throws(HTTPError) in try await client.send(request) }
        #expect(error?.code == .connect)
        #expect(error?.wasSent == false)
        let unknown = HTTPRequest(.get, try HTTPURL("http://no-such-host.invalid/"))
        let unresolved = await failure { () async throws(HTTPError) in try await client.send(unknown) }
        #expect(unresolved?.code == .resolve)
    }

    @Test func aHangingServerIsLeftAtTheDeadline() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .hang)
        var request = try server.request()
        request.deadline = .milliseconds(800)
        let client = HTTPClient.direct()
        let sent = request
        let error = await failure { () async throws(HTTPError) in try await client.send(sent) }
        #expect(error?.code == .timedOut)
        #expect(error?.wasSent == true)
        request.deadline = nil
        request.idleTimeout = .milliseconds(300)
        let idle = request
        let second = await failure { () async throws(HTTPError) in try await client.send(idle) }
        #expect(second?.code == .timedOut)
        #expect(second?.message.contains("nothing came") == true)
    }

    @Test func aDripIsNoIdleness() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .drip(200, [:], Array(repeating: [1], count: 12), milliseconds: 250))
        var request = try server.request()
        request.idleTimeout = .seconds(2)
        #expect(try await HTTPClient.direct().send(request).body.count == 12)
    }

    @Test func aReaderMayTakeItsTime() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .answer(200, [:], pattern(16 << 20)))
        var request = try server.request()
        request.idleTimeout = .milliseconds(100)
        let stream = try await HTTPClient.direct().open(request)
        // Longer than the server may be silent.
        try await Task.sleep(for: .milliseconds(400))
        #expect(try await stream.collect(limit: 32 << 20).count == 16 << 20)
    }

    @Test func aCancelledTaskIsAnsweredAtOnce() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .hang)
        let client = HTTPClient.direct { $0.concurrency = 1 }
        let request = try server.request()
        for isWaiting in [false, true] {
            let first = Task { await failure { () async throws(HTTPError) in try await client.send(request) } }
            while server.requests.count < (isWaiting ? 2 : 1) { await Task.yield() }
            let second = Task { await failure { () async throws(HTTPError) in try await client.send(request) } }
            second.cancel()
            #expect(await second.value?.code == .cancelled)
            first.cancel()
            #expect(await first.value?.code == .cancelled)
        }
    }

    @Test func anUnprovenServerIsRefused() async throws {
        // A server that speaks no TLS at all is none that proved itself.
        let server = try StubServer()
        defer { server.stop() }
        let request = HTTPRequest(.get, try HTTPURL("https://127.0.0.1:\(server.port)/"))
        var quick = request
        quick.deadline = .seconds(2)
        let sent = quick
        let client = HTTPClient.direct()
        let error = await failure { () async throws(HTTPError) in try await client.send(sent) }
        #expect(error?.code == .tls || error?.code == .connectionLost || error?.code == .timedOut)
        #expect(error != nil)
    }
}
