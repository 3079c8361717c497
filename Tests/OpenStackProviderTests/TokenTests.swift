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

    /// The clock here says the beginning of 2040, and that of the cloud the beginning of 2026.
    @Test(arguments: [(3600, 3470, 3490), (60, 40, 50), (86_000, 85_870, 85_890)])
    func aTokenIsRenewedBeforeItEnds(_ lifetime: Int, _ before: Int, _ after: Int) async throws {
        rig.cloud.limitTokens(to: lifetime)
        let start = 2_208_988_800
        let now = Mutex(start)
        let provider = try Rig.provider(of: rig.cloud, wall: { now.withLock { $0 } })
        let images = try #require(provider.images)
        func tokens(at time: Int) async throws -> Int {
            now.withLock { $0 = time }
            // A listing of several pages: a token that is hardly known is not renewed with each.
            _ = try await images.list()
            return rig.cloud.tokensGiven
        }
        #expect(try await tokens(at: start) == 1)
        #expect(try await tokens(at: start + before) == 1)
        #expect(try await tokens(at: start + after) == 2)
        #expect(try await tokens(at: start + after + before) == 2)
        #expect(try await tokens(at: start + after + after) == 3)
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
