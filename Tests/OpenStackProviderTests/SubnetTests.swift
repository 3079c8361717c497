import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Networks that can be used at once, and what their subnets give out.
@Suite struct SubnetTests {
    private let rig: Rig
    private let subnets: any CollectionService<Subnet>

    init() throws {
        rig = try Rig()
        subnets = try #require(rig.provider.subnets)
    }

    private func apply(_ change: Subnet.ServiceChange, to id: Subnet.ID) async throws -> Subnet {
        try await subnets.apply(.service(change), to: id, rig.job)
    }

    private func row(_ id: Subnet.ID) -> JSON? {
        rig.cloud.rows("subnets").first { $0["id"].string == id.rawValue }
    }

    @Test func aBareNetworkCanBeUsed() async throws {
        let first = try await rig.networks().create(Specification(name: "one"), rig.job)
        #expect(first.cidr == "192.168.0.0/24" && first.dhcp == true)
        // The next one does not overlap it.
        let second = try await rig.networks().create(Specification(name: "two"), rig.job)
        #expect(second.cidr == "192.168.1.0/24")
        #expect(rig.cloud.rows("routers").compactMap { $0["name"].string } == ["one", "two"])
        #expect(rig.cloud.rows("routers").allSatisfy { $0["external_gateway_info"]["network_id"] != .null })
        let before = rig.cloud.rows("subnets").count
        try await rig.networks().delete(first.id, rig.job)
        #expect(rig.cloud.rows("routers").compactMap { $0["name"].string } == ["two"])
        #expect(rig.cloud.rows("subnets").count == before - 1)
        #expect(rig.cloud.rows("networks").contains { $0["name"].string == "two" })
    }

    @Test func oneThatIsToHaveNoRangeHasNone() async throws {
        let network = try await rig.networks().create(Specification(name: "l2", values: ["cidr": .text("")]), rig.job)
        #expect(network.cidr == nil && rig.cloud.rows("routers").isEmpty)
    }

    /// What is made first goes when what follows fails.
    @Test func aNetworkWhosePlanCannotBeKeptIsTakenBack() async throws {
        let before = rig.cloud.rows("networks").count
        rig.server.on("PUT", "/network/v2.0/networks/\(nextID())/tags", .text(500, "no"))
        let wish = Specification(name: "lan", values: ["cidr": .text("10.9.0.0/24"), "plan": .text("blue")])
        #expect(await rig.failure { _ = try await rig.networks().create(wish, rig.job) } != nil)
        #expect(rig.cloud.rows("networks").count == before)
    }

    /// The id that the stub gives to what is made next.
    private func nextID() -> String {
        let last = rig.cloud.add(["name": "probe"], to: "probes")
        let number = Int(last.suffix(12), radix: 16).map { $0 + 1 } ?? 0
        let digits = String(number, radix: 16)
        return String(last.dropLast(12)) + String(repeating: "0", count: 12 - digits.count) + digits
    }

    @Test func aDraftSaysAllOfIt() async throws {
        let wish: [String: Value] = [
            "cidr": .text("10.0.7.0/24"), "network": .text("default"), "gateway": .text("10.0.7.254"),
            "dhcp": .flag(false), "pools": .list([.text("10.0.7.10 10.0.7.20"), .text("10.0.7.30 10.0.7.40")]),
            "dns": .list([.text("192.0.2.53")]), "routes": .list([.text("10.1.0.0/16 via 10.0.7.9")]),
        ]
        let made = try await subnets.create(Specification(name: "lab", values: wish), rig.job)
        let subnet = try #require(try await subnets.items([made.id]).first)
        #expect(subnet.gateway == "10.0.7.254" && subnet.dhcp == false && subnet.dns == ["192.0.2.53"])
        #expect(subnet.pools == ["10.0.7.10 10.0.7.20", "10.0.7.30 10.0.7.40"])
        #expect(subnet.routes == ["10.1.0.0/16 via 10.0.7.9"] && subnet.network == "default")
        for bad: Value in [.list([.text("10.0.7.10")]), .list([.text("here there")])] {
            let values = wish.merging(["pools": bad]) { $1 }
            let failure = await rig.failure {
                _ = try await subnets.create(Specification(name: "bad", values: values), rig.job)
            }
            #expect(failure?.code == .invalidValue)
        }
    }

    @Test func allOfItIsChangedLater() async throws {
        let id = try #require(try await subnets.list().first { $0.name == "default" }).id
        #expect(try await apply(.dhcp(false), to: id).dhcp == false)
        #expect(try await apply(.dns(["192.0.2.1", "192.0.2.2"]), to: id).dns == ["192.0.2.1", "192.0.2.2"])
        #expect(try await apply(.pools(["10.0.1.50 10.0.1.60"]), to: id).pools == ["10.0.1.50 10.0.1.60"])
        #expect(row(id)?["allocation_pools"] == [["start": "10.0.1.50", "end": "10.0.1.60"]])
        #expect(try await apply(.gateway(nil), to: id).gateway == nil)
        #expect(row(id)?["gateway_ip"] == .null)
        #expect(try await apply(.gateway("10.0.1.9"), to: id).gateway == "10.0.1.9")
        let bodies = rig.bodies("PUT", "/subnets/\(id)").map { $0["subnet"].fields.keys.sorted() }
        #expect(bodies == [["enable_dhcp"], ["dns_nameservers"], ["allocation_pools"], ["gateway_ip"], ["gateway_ip"]])
    }

    @Test func aGatewayInUseIsBusy() async throws {
        let id = try #require(try await subnets.list().first).id
        let words =
            #"{"NeutronError": {"type": "GatewayIpInUse", "message": "Current gateway ip 10.0.1.1 already in use by port", "detail": ""}}"#
        rig.server.on("PUT", "/network/v2.0/subnets/\(id)", .json(409, words))
        #expect(await rig.failure { _ = try await apply(.gateway("10.0.1.9"), to: id) }?.code == .busy)
    }
}
