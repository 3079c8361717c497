import HTTPKit
import HTTPTesting
import Testing

@Suite struct RedirectTests {
    @Test func redirectionsAreFollowedOnlyWhenAskedFor() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/a", .answer(302, ["Location": "/b?x"]))
        server.on("GET", "/b", .text(200, "there"))
        let client = HTTPClient.direct()
        var request = try server.request(.get, "/a")
        #expect(try await client.send(request).status == 302)
        request.redirects = 1
        let response = try await client.send(request)
        #expect(response.text == "there")
        #expect(response.url.absolute == "\(server.url)/b?x")
        #expect(try await client.open(request).status == 200)
    }

    @Test func secretsStayWithTheirServer() async throws {
        let (server, other) = (try StubServer(), try StubServer())
        defer {
            server.stop()
            other.stop()
        }
        server.on("GET", "/", .answer(307, ["Location": "\(other.url)/taken"]))
        server.on("GET", "/own", .answer(307, ["Location": "/kept"]))
        for each in [server, other] { each.otherwise { _ in .answer(200) } }
        var request = try server.request()
        request.redirects = 3
        request.headers = ["Authorization": "hush", "X-Auth-Token": "hush", "Cookie": "hush", "X-Plain": "1"]
        let client = HTTPClient.direct()
        _ = try await client.send(request)
        let taken = try #require(other.requests.first)
        #expect(taken.header("X-Plain") == "1")
        #expect(!taken.headers.contains { $0.value == "hush" })
        request.url = try HTTPURL("\(server.url)/own")
        _ = try await client.send(request)
        #expect(server.requests.last?.header("Authorization") == "hush")
    }

    @Test(arguments: ["ftp://host/x", "file:///etc/passwd", "http://user:pass@host/"])
    func noOtherProtocolIsFollowed(location: String) async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .answer(302, ["Location": location]))
        var request = try server.request()
        request.redirects = 3
        let client = HTTPClient.direct()
        let sent = request
        #expect(await failure { () async throws(HTTPError) in try await client.send(sent) }?.code == .redirectRefused)
    }

    @Test func aCircleEnds() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .answer(302, ["Location": "/"]))
        var request = try server.request()
        request.redirects = 5
        let client = HTTPClient.direct()
        let sent = request
        #expect(await failure { () async throws(HTTPError) in try await client.send(sent) }?.code == .redirectRefused)
        #expect(server.requests.count == 6)
    }

    @Test(arguments: [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
    func theMethodIsAsTheStatusSays(status: Int, method: String) async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("POST", "/", .answer(status, ["Location": "/next"]))
        server.otherwise { _ in .answer(200) }
        var request = try server.request(.post, "/", body: .text("body"))
        request.headers["Content-Type"] = "text/plain"
        request.redirects = 1
        _ = try await HTTPClient.direct().send(request)
        let seen = try #require(server.requests.last)
        #expect(seen.method == method)
        #expect(seen.text == (method == "POST" ? "body" : ""))
        #expect((seen.header("Content-Type") != nil) == (method == "POST"))
    }
}
