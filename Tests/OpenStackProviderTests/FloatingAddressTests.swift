import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Floating addresses of servers that are there: what is written to `ip` of an interface.
@Suite struct FloatingAddressTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    private func set(_ wish: String?, _ name: String = "web1") async throws -> VirtualMachine {
        try await rig.apply(.reserveAddress("eth0", address: wish), to: name)
    }

    private var addresses: [JSON] { rig.cloud.rows("floatingips") }

    @Test func oneIsTakenAndGivenUp() async throws {
        let before = try await rig.vm("web1")
        let machine = try await set("yes")
        let address = try #require(addresses.first?["floating_ip_address"].string)
        #expect(machine.addresses.first == address && machine.nics.first?.addresses.last == address)
        let outside = rig.cloud.rows("networks").first { $0["name"].string == "public" }
        #expect(addresses.first?["floating_network_id"] == outside?["id"])
        // It is there: nothing is done again.
        _ = try await set("yes")
        _ = try await set(address)
        #expect(addresses.count == 1)
        #expect(try await set(nil).addresses == before.addresses)
        #expect(addresses.isEmpty)
    }

    @Test func aNetworkSaysWhereFromAndNoOtherDoes() async throws {
        #expect(try await set("public").addresses.count == 2)
        _ = try await set("no")
        for wish in ["default", "nosuch", "203.0.113.9"] {
            #expect(await rig.failure { _ = try await set(wish) }?.code == .invalidValue, "\(wish)")
        }
        #expect(addresses.isEmpty)
    }

    @Test func anAddressOfTheProjectIsMovedAndStays() async throws {
        rig.cloud.add(
            ["floating_ip_address": "172.24.4.200", "port_id": nil, "description": "mine"], to: "floatingips")
        #expect(try await set("172.24.4.200").addresses.first == "172.24.4.200")
        let taken = await rig.failure { _ = try await set("172.24.4.200", "db1") }
        #expect(taken?.code == .busy)
        #expect(await rig.failure { _ = try await set("public") }?.code == .busy, "it has one")
        _ = try await set(nil)
        #expect(addresses.count == 1 && addresses.first?["port_id"] == .null)
        #expect(try await set("172.24.4.200", "db1").addresses.first == "172.24.4.200")
    }

    @Test func whatWasTakenGoesWithTheServer() async throws {
        _ = try await set("yes")
        _ = try await rig.apply(.power(.down), to: "web1")
        try await rig.vms().delete(try await rig.vm("web1").id, rig.job)
        #expect(addresses.isEmpty)
    }

    @Test func anInterfaceThatIsNotThereHasNone() async throws {
        let failure = await rig.failure {
            _ = try await rig.apply(.reserveAddress("eth7", address: "yes"), to: "web1")
        }
        #expect(failure?.code == .notFound)
    }
}
