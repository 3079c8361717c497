import HTTPKit
import HTTPTesting
import Synchronization
import Testing

@Suite struct ExchangeTests {
    @Test func anAnswerComesWhole() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/a%2Fb/../c", .text(200, "hello", ["X-One": "1", "X-Request-Id": "r-7"]))
        var request = try server.request(.get, "/a%2Fb/../c?x=%20y")
        request.headers["X-Mine"] = "yes"
        request.headers["X-Empty"] = ""
        let response = try await HTTPClient.direct().send(request)
        #expect(response.status == 200)
        #expect(response.text == "hello")
        #expect(response.headers["x-one"] == "1")
        #expect(response.headers.requestID == "r-7")
        let seen = try #require(server.requests.first)
        #expect(seen.path == "/a%2Fb/../c", "the path is sent as it is")
        #expect(seen.query == "x=%20y")
        #expect(seen.header("X-Mine") == "yes")
        #expect(seen.header("X-Empty") == "")
        #expect(seen.header("User-Agent") == "infrafs-tests")
        #expect(seen.header("Host") == "127.0.0.1:\(server.port)")
        #expect(seen.header("Accept-Encoding") == nil, "bodies are wanted as they are stored")
    }

    @Test(arguments: [301, 403, 404, 409, 429, 500, 503])
    func anyStatusIsAnAnswer(status: Int) async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .text(status, "why", ["Location": "http://127.0.0.1:1/"]))
        let response = try await HTTPClient.direct().send(try server.request())
        #expect(response.status == status)
        #expect(response.text == "why")
    }

    @Test func bodiesAreSentByEveryMethod() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { .answer(200, [:], $0.body) }
        let client = HTTPClient.direct()
        for method in [HTTPMethod.put, .post, .patch, .delete] {
            let body = pattern(method == .put ? 3_000_000 : 1000)
            let response = try await client.send(try server.request(method, "/", body: .bytes(body)))
            #expect(response.body == body, "\(method)")
            let seen = try #require(server.requests.last)
            #expect(seen.method == method.rawValue)
            #expect(seen.header("Content-Length") == "\(body.count)")
            #expect(seen.header("Expect") == nil)
            #expect(seen.header("Content-Type") == nil)
        }
    }

    @Test func noBodyIsSaidWhereOneIsExpected() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { _ in .answer(200) }
        let client = HTTPClient.direct()
        for method in [HTTPMethod.put, .post, .patch, .get, .delete, .head, .options] {
            _ = try await client.send(try server.request(method))
            let seen = try #require(server.requests.last)
            #expect(seen.method == method.rawValue)
            let expected = [.put, .post, .patch].contains(method) ? "0" : nil
            #expect(seen.header("Content-Length") == expected, "\(method)")
            #expect(seen.header("Transfer-Encoding") == nil)
        }
    }

    @Test func theHeadOfALargeObjectHasNoBody() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("HEAD", "/", .answer(200, ["Content-Length": "5000000000"]))
        let client = HTTPClient.direct()
        for _ in 0..<2 {
            let response = try await client.send(try server.request(.head))
            #expect(response.headers["Content-Length"] == "5000000000")
            #expect(response.body.isEmpty)
        }
        #expect(server.connections == 1)
    }

    @Test func connectionsAreKept() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { _ in .text(200, "x") }
        let client = HTTPClient.direct()
        for _ in 0..<20 { _ = try await client.send(try server.request()) }
        #expect(server.connections == 1)
    }

    @Test func whatMustNotBeDoneTwiceHasAConnectionOfItsOwn() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { $0.method == "POST" ? .close : .text(200, "x") }
        let client = HTTPClient.direct()
        _ = try await client.send(try server.request())
        let error = await failure { () async throws(HTTPError) in
            try await client.send(HTTPRequest(.post, HTTPURL(server.url), body: .text("create")))
        }
        #expect(error?.code == .connectionLost)
        #expect(error?.wasSent == true)
        #expect(server.requests.filter { $0.method == "POST" }.count == 1)
    }

    @Test func manyExchangesAtOnceKeepTheirLimit() async throws {
        let server = try StubServer()
        defer { server.stop() }
        let counts = Mutex((now: 0, most: 0))
        server.otherwise { request in
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
            usleepBriefly()
            counts.withLock { $0.now -= 1 }
            return .text(200, request.query)
        }
        let client = HTTPClient.direct { $0.concurrency = 4 }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<60 {
                let request = try server.request(.get, "/?\(index)")
                group.addTask { try await client.send(request).text == "\(index)" }
            }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(counts.withLock { $0.most } <= 4)
        #expect(counts.withLock { $0.most } > 1)
    }

    @Test func anAnswerOverItsLimitIsRefused() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { _ in .answer(200, [:], pattern(100_000)) }
        let client = HTTPClient.direct()
        let request = try server.request()
        let error = await failure { () async throws(HTTPError) in try await client.send(request, limit: 99_999) }
        #expect(error?.code == .tooLarge)
        #expect(try await client.send(request, limit: 100_000).body == pattern(100_000))
    }

    @Test func headersThatWouldBeTwoAreRefused() async throws {
        let client = HTTPClient.direct()
        var request = HTTPRequest(.get, try HTTPURL("http://127.0.0.1:1/"))
        request.headers["X"] = "a\r\nAuthorization: b"
        let sent = request
        #expect(await failure { () async throws(HTTPError) in try await client.send(sent) }?.code == .invalidRequest)
    }

    @Test func aBodyIsHeldBackUntilTheServerWantsIt() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { _ in .raw(Array("HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)) }
        var request = try server.request(.put, "/", body: .bytes(pattern(8 << 20)))
        request.expectsContinue = true
        request.headers["X-Stub-Early"] = "yes"
        let response = try await HTTPClient.direct().send(request)
        #expect(response.status == 403)
        #expect(server.requests.first?.header("Expect") == "100-continue")
    }
}
