import HTTPKit
import HTTPTesting
import Synchronization
import Testing

@Suite struct RetryTests {
    @Test func pausesGrowByChanceUpToTheirCap() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .text(503, "slow down"))
        let time = ScriptedTime()
        let policy = RetryPolicy(attempts: 6, base: .seconds(1), cap: .seconds(5))
        let response = try await HTTPClient.direct().send(try server.request(), retrying: policy, time: time.time)
        #expect(response.status == 503)
        #expect(server.requests.count == 6)
        #expect(time.sleeps == [0.5, 1, 2, 2.5, 2.5].map { .seconds($0) })
    }

    @Test func aServerSaysWhenToComeBack() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on(
            "GET", "/", .text(429, "", ["Retry-After": "7"]),
            .text(503, "", ["Retry-After": "Sun, 06 Nov 1994 08:49:09 GMT"]),
            .text(200, "now"))
        let time = ScriptedTime()
        let response = try await HTTPClient.direct().send(try server.request(), retrying: .standard, time: time.time)
        #expect(response.text == "now")
        #expect(time.sleeps == [.seconds(7), .seconds(9)])
    }

    @Test func nobodyWaitsForAnHour() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .text(503, "", ["Retry-After": "3600"]))
        let time = ScriptedTime()
        let response = try await HTTPClient.direct().send(try server.request(), retrying: .standard, time: time.time)
        #expect(response.status == 503)
        #expect(time.sleeps.isEmpty)
    }

    @Test func pausesTogetherHaveABudget() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .text(503, "", ["Retry-After": "30"]))
        let time = ScriptedTime()
        _ = try await HTTPClient.direct().send(try server.request(), retrying: .standard, time: time.time)
        #expect(time.sleeps.count == 3)
    }

    @Test(arguments: [(500, 1), (503, 1), (429, 2)])
    func whatMustNotBeDoneTwiceIsRepeatedOnlyWhereItWasRefused(status: Int, count: Int) async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("POST", "/", .text(status, ""), .text(200, ""))
        let time = ScriptedTime().time
        _ = try await HTTPClient.direct().send(
            try server.request(.post, "/", body: .text("x")), retrying: .standard, time: time)
        #expect(server.requests.count == count)
    }

    @Test func aTokenMakesItRepeatable() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("POST", "/", .text(500, ""), .close, .text(200, "made"))
        var request = try server.request(.post, "/", body: .text("token"))
        request.isRepeatable = true
        let response = try await HTTPClient.direct().send(request, retrying: .standard, time: ScriptedTime().time)
        #expect(response.text == "made")
        // curl may repeat on its own what a kept connection lost.
        #expect(server.requests.allSatisfy { $0.text == "token" })
    }

    @Test func aLostConnectionIsTriedAgainAndAMalformedRequestIsNot() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .half(200, [:], pattern(100)), .reset, .text(200, "whole"))
        let time = ScriptedTime()
        let client = HTTPClient.direct()
        #expect(try await client.send(try server.request(), retrying: .standard, time: time.time).text == "whole")
        var bad = try server.request()
        bad.headers["a b"] = "c"
        let sent = bad
        let before = time.sleeps.count
        let error = await failure { () async throws(HTTPError) in
            try await client.send(sent, retrying: .standard, time: time.time)
        }
        #expect(error?.code == .invalidRequest)
        #expect(time.sleeps.count == before)
    }

    @Test func eachAttemptIsPreparedAnew() async throws {
        let server = try StubServer()
        defer { server.stop() }
        server.on("GET", "/", .text(500, ""), .text(200, ""))
        let url = try HTTPURL(server.url)
        _ = try await HTTPClient.direct().send(retrying: .standard, time: ScriptedTime().time) {
            attempt async throws(HTTPError) in HTTPRequest(.get, url, headers: ["X-Attempt": "\(attempt)"])
        }
        #expect(server.requests.map { $0.header("X-Attempt") } == ["0", "1"])
    }

    @Test func aBucketPacesItsCallers() async throws {
        let time = ScriptedTime()
        let bucket = TokenBucket(rate: 2, burst: 3, time: time.time)
        for _ in 0..<3 { try await bucket.take() }
        #expect(time.sleeps.isEmpty)
        try await bucket.take()
        try await bucket.take(2)
        #expect(time.sleeps == [.seconds(0.5), .seconds(1)])
        time.advance(.seconds(100))
        for _ in 0..<3 { try await bucket.take() }
        #expect(time.sleeps.count == 2)
    }

    @Test func aCancelledCallerGivesItsTokenBack() async throws {
        let time = ScriptedTime()
        let bucket = TokenBucket(rate: 1, burst: 1, time: time.time)
        try await bucket.take()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure { () async throws(HTTPError) in try await bucket.take() }
        }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        try await bucket.take()
        #expect(time.sleeps == [.seconds(1)])
    }

    @Test func groupsOfCallsAreCountedByThemselves() async throws {
        let time = ScriptedTime()
        let limits = RateLimits(
            .init(rate: 1, burst: 1), groups: ["read": .init(rate: 10, burst: 5)], time: time.time)
        for _ in 0..<5 { try await limits.take("read") }
        try await limits.take("write")
        try await limits.take()
        #expect(time.sleeps.isEmpty)
        try await limits.take("write")
        #expect(time.sleeps == [.seconds(1)])
    }

    @Test func pagesAreReadToTheirEndAndNoFurther() async throws {
        let all = try await allPages(failing: { $0 }) { (token: Int?) async throws(PagingFault) in
            let page = token ?? 0
            return ([page * 2, page * 2 + 1], page < 4 ? page + 1 : nil)
        }
        #expect(all == Array(0..<10))
        await #expect(throws: PagingFault.repeatedPage) {
            try await allPages(failing: { $0 }) { (_: String?) async throws(PagingFault) in ([1], "again") }
        }
        await #expect(throws: PagingFault.tooManyPages(limit: 3)) {
            try await allPages(atMost: 3, failing: { $0 }) { (token: Int?) async throws(PagingFault) in
                ([1], (token ?? 0) + 1)
            }
        }
    }

    @Test func aLongOperationIsAskedLessAndLess() async throws {
        let time = ScriptedTime()
        let asked = Mutex(0)
        let schedule = PollSchedule(first: .seconds(1), growth: 2, longest: .seconds(3), limit: .seconds(20))
        let value = try await poll(schedule, time: time.time, failing: { $0 }) { () async throws(HTTPError) in
            asked.withLock { asked in
                asked += 1
                return asked == 5 ? "done" : nil
            }
        }
        #expect(value == "done")
        #expect(time.sleeps == [1, 2, 3, 3].map { .seconds($0) })
        let error = await failure { () async throws(HTTPError) in
            try await poll(schedule, time: time.time, failing: { $0 }) { () async throws(HTTPError) in Int?.none }
        }
        #expect(error?.code == .timedOut)
    }
}
