import Foundation
import ProviderAPI
import Testing

@testable import LibvirtProvider

extension RealHostTests {
    /// A year of lost connections in a minute: nothing is left of any.
    @Test func hundredsOfReconnectsLeaveNothingBehind() async throws {
        let gate = try ConnectionGate(before: host)
        defer { gate.end() }
        try await eventually("the gate", within: .seconds(10)) { gate.isOpen }
        let provider = try host.provider(["url": .text(gate.uri)])
        let vms = try #require(provider.vms)
        let stream = try #require(provider.events())
        let follower = Task { for await _ in stream {} }
        try await lose(provider, vms, gate, times: 20)
        let before = try ProcessHoldings.now()
        try await lose(provider, vms, gate, times: 200)
        // Connections are closed in the background.
        try await eventually("what connections held is given back", within: .seconds(20)) {
            let now = try ProcessHoldings.now()
            return now.descriptors <= before.descriptors + 4 && now.threads <= before.threads + 6
        }
        let after = try ProcessHoldings.now()
        #expect(after.memory < before.memory + 12_000, "\(before) became \(after)")
        await provider.close()
        follower.cancel()
    }

    private func lose(
        _ provider: any Provider, _ vms: any CollectionService<VirtualMachine>, _ gate: ConnectionGate, times: Int
    ) async throws {
        for _ in 0..<times {
            try await eventually("connected again", within: .seconds(20)) {
                (try? await provider.check()) != nil
            }
            // Several lanes, so that each has a connection to lose.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try? await vms.list() } }
            }
            let cuts = gate.cuts()
            try gate.order("drop")
            try await eventually("the cut", within: .seconds(10)) { gate.cuts() > cuts }
            try gate.order("open")
        }
    }
}
