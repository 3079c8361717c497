import HTTPKit
import HTTPProvider
import HTTPTesting
import ProviderAPI
import Synchronization
import Testing
import XMLKit

@Suite struct ServiceClientTests {
    private struct Machine: Decodable, Equatable { let name: String }

    private struct CodedFaults: FaultInterpreter {
        func fault(in response: HTTPResponse) -> ServiceFault? {
            switch response.text {
            case "slow": ServiceFault(code: "Throttling", message: "rate exceeded", isThrottling: true)
            case "used": ServiceFault(code: "InUse", message: "used by a machine", requestID: "r-1", meaning: .busy)
            default: nil
            }
        }
    }

    private static func client(
        _ authenticator: any RequestAuthenticator = Anonymous()
    ) -> ServiceClient {
        var configuration = HTTPConfiguration(userAgent: "infrafs-tests")
        configuration.proxy = .none
        let system = HTTPTime.system
        let time = HTTPTime(uptime: system.uptime, wall: { 1000 }, sleep: { _ in }, random: { 0.5 })
        return ServiceClient(
            HTTPClient(configuration), authenticator: authenticator, interpreter: CodedFaults(), time: time)
    }

    private static func request(_ server: StubServer, _ method: HTTPMethod = .get) throws -> HTTPRequest {
        HTTPRequest(method, try HTTPURL(server.url + "/vms"))
    }

    private static func error<Value>(_ body: () async throws(ProviderError) -> Value) async -> ProviderError? {
        do throws(ProviderError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func answersAreValues() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on(
            "GET", "/vms", .json(200, #"[{"name": "web1"}]"#), .xml(200, "<vms><vm>web1</vm></vms>"), .json(200, "[{"))
        let client = Self.client()
        let request = try Self.request(server)
        #expect(try await client.json([Machine].self, request, to: "list the machines") == [Machine(name: "web1")])
        #expect(try await client.xml(request, to: "list the machines").text("vm") == "web1")
        for _ in 0..<2 {
            let garbage = await Self.error { () async throws(ProviderError) in
                try await client.json([Machine].self, request, to: "list the machines")
            }
            #expect(garbage?.code == .malformedReply)
        }
        let noXML = await Self.error { () async throws(ProviderError) in try await client.xml(request, to: "look") }
        #expect(noXML?.code == .malformedReply)
    }

    @Test(arguments: [
        (400, ProviderError.Code.invalidValue), (401, .credentialsRejected), (403, .forbidden), (404, .notFound),
        (405, .unsupported), (409, .busy), (412, .replaced), (413, .tooLarge), (429, .throttled), (500, .failed),
        (503, .unreachable), (507, .noSpace),
    ])
    func aStatusIsAnError(status: Int, code: ProviderError.Code) async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/vms", .answer(status, ["x-request-id": "r-9", "Retry-After": "3"]))
        let client = Self.client()
        let request = try Self.request(server)
        let error = await Self.error { () async throws(ProviderError) in
            try await client.send(request, to: "list the machines")
        }
        #expect(error?.code == code)
        #expect(error?.message == "cannot list the machines")
        #expect(error?.cause == "HTTP status \(status) (request r-9)")
        #expect(error?.retryAfter == (status == 429 ? .seconds(3) : nil))
    }

    @Test func thePlatformsOwnWordsCount() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("DELETE", "/vms", .text(400, "used"))
        let client = Self.client()
        let request = try Self.request(server, .delete)
        let error = await Self.error { () async throws(ProviderError) in try await client.send(request, to: "delete it")
        }
        #expect(error?.code == .busy)
        #expect(error?.description == "cannot delete it: InUse: used by a machine (request r-1)")
    }

    @Test func whatWasRefusedForItsPaceIsSentAgain() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("POST", "/vms", .text(400, "slow"), .text(400, "slow"), .text(200, "made"))
        let client = Self.client()
        #expect(try await client.send(try Self.request(server, .post), to: "make it").text == "made")
        #expect(server.requests.count == 3)
    }

    @Test func anOutageIsNoAnswer() async throws {
        let server = try StubServer()
        server.stop()
        let client = Self.client()
        let request = try Self.request(server)
        let error = await Self.error { () async throws(ProviderError) in try await client.send(request, to: "look") }
        #expect(error?.code == .unreachable)
    }

    @Test func acceptedStatusesAreAnswers() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/vms", .answer(404))
        let response = try await Self.client().send(try Self.request(server), to: "look", accepting: [404])
        #expect(response.status == 404)
    }

    @Test func aBodyIsPulledOrItsErrorRead() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/vms", .text(400, "slow"), .text(200, "bulk"), .text(400, "used"))
        let client = Self.client()
        let request = try Self.request(server)
        let stream = try await client.open(request, to: "read")
        #expect(try await stream.collect(limit: 100) == Array("bulk".utf8))
        let error = await Self.error { () async throws(ProviderError) in try await client.open(request, to: "read") }
        #expect(error?.code == .busy)
    }

    @Test func aTokenIsInEveryRequest() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.otherwise { _ in .answer(200) }
        let client = Self.client(FixedToken(Secret("hush"), header: "X-Auth-Token", prefix: ""))
        _ = try await client.send(try Self.request(server), to: "look")
        #expect(server.requests.first?.header("X-Auth-Token") == "hush")
    }

    @Test func aTokenIsGotOnceForAllAndAnewWhenRefused() async throws {
        let server = try StubServer()
        defer { server.stop() }
        let count = Mutex(0)
        let token = RenewedToken(time: HTTPTime.system) { () async throws(ProviderError) in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return RenewedToken.Grant(token: Secret("t\(number)"), expiry: nil)
        }
        server.otherwise { $0.header("Authorization") == "Bearer t1" ? .answer(200) : .answer(401) }
        let client = Self.client(token)
        let request = try Self.request(server)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { try await client.send(request, to: "look").status } }
            for try await status in group { #expect(status == 200) }
        }
        #expect(count.withLock { $0 } == 1)
        server.otherwise { $0.header("Authorization") == "Bearer t2" ? .answer(200) : .answer(401) }
        #expect(try await client.send(request, to: "look").status == 200)
        server.otherwise { _ in .answer(401) }
        let error = await Self.error { () async throws(ProviderError) in try await client.send(request, to: "look") }
        #expect(error?.code == .credentialsRejected)
        #expect(count.withLock { $0 } == 3, "one more try, not one a refusal")
    }

    @Test func aTokenIsReplacedBeforeItsEnd() async throws {
        let clock = Mutex(1000)
        let count = Mutex(0)
        let system = HTTPTime.system
        let time = HTTPTime(uptime: system.uptime, wall: { clock.withLock { $0 } }, sleep: { _ in }, random: { 0 })
        let token = RenewedToken(margin: 60, time: time) { () async throws(ProviderError) in
            count.withLock { $0 += 1 }
            return RenewedToken.Grant(token: Secret("t"), expiry: clock.withLock { $0 } + 3600)
        }
        for (now, gets) in [(1000, 1), (4500, 1), (4541, 2)] {
            clock.withLock { $0 = now }
            _ = try await token.token()
            #expect(count.withLock { $0 } == gets)
        }
    }
}
