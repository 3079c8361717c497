import Foundation
import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Synchronization
import Testing

@testable import OpenStackProvider

/// When a token is renewed: before its end, and once for all requests that it was refused for.
@Suite struct TokenTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    @Test func aTokenIsRenewedBeforeItEnds() async throws {
        let end = 1_893_456_000
        rig.cloud.endTokens(at: "2030-01-01T00:00:00.000000Z")
        let now = Mutex(end - 3600)
        let provider = try Rig.provider(of: rig.cloud, wall: { now.withLock { $0 } })
        let images = try #require(provider.images)
        func tokens(at time: Int) async throws -> Int {
            now.withLock { $0 = time }
            _ = try await images.list()
            return rig.cloud.tokensGiven
        }
        #expect(try await tokens(at: end - 3600) == 1)
        #expect(try await tokens(at: end - 125) == 1)
        #expect(try await tokens(at: end - 115) == 2)
        // No request was sent with one that the service had to refuse.
        let listings = rig.server.requests.filter { $0.path.hasSuffix("/images") }
        #expect(!listings.isEmpty && listings.allSatisfy { $0.header("X-Auth-Token") == "token-1" })
    }

    /// Both go out with the first token; the second is refused when the renewal for the first is long over.
    @Test(.timeLimit(.minutes(1))) func aLateRefusalRenewsNothingThatWasRenewed() async throws {
        try await rig.provider.check()
        let refused = StubReply.json(401, "{}")
        let isWaiting = Mutex(false)
        let isOver = Mutex(false)
        let page = StubReply.answer(200, ["Content-Type": "application/json"], (["images": []] as JSON).bytes)
        rig.server.on("GET", "/image/v2/images") { request in
            guard request.header("X-Auth-Token") == "token-1" else { return page }
            isWaiting.withLock { $0 = true }
            for _ in 0..<2000 where !isOver.withLock({ $0 }) { usleep(10_000) }
            return refused
        }
        let images = try rig.images()
        async let late = images.list()
        for _ in 0..<2000 where !isWaiting.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        rig.cloud.revokeTokens()
        _ = try await rig.networks().list()
        #expect(rig.cloud.tokensGiven == 2)
        isOver.withLock { $0 = true }
        #expect(try await late.isEmpty)
        #expect(rig.cloud.tokensGiven == 2)
    }

    @Test func manyRefusalsAtOnceSignInOnce() async throws {
        _ = try await rig.vms().list()
        rig.cloud.revokeTokens()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<12 { group.addTask { _ = try await rig.networks().list() } }
            for _ in 0..<12 { group.addTask { _ = try await rig.images().list() } }
            try await group.waitForAll()
        }
        #expect(rig.cloud.tokensGiven == 2)
    }
}
