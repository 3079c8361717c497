import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

@Suite struct NetworkTests {
    private func make(_ rig: Rig, _ values: [String: Value]) async throws -> Network {
        try await rig.networks().create(Specification(name: "lan", values: values), rig.job)
    }

    @Test func aNetworkIsMadeUsableAndUnmade() async throws {
        let rig = try Rig()
        let network = try await make(rig, ["cidr": .text("10.9.0.0/24"), "plan": .text("blue")])
        #expect(network.cidr == "10.9.0.0/24" && network.dhcp == true && network.plan == "blue")
        let router = try #require(rig.cloud.rows("routers").first)
        let outside = rig.cloud.rows("networks").first { $0["name"].string == "public" }
        #expect(router["external_gateway_info"]["network_id"] == outside?["id"])
        #expect(rig.cloud.rows("ports").contains { $0["device_id"] == router["id"] })
        try await rig.networks().delete(network.id, rig.job)
        #expect(rig.cloud.rows("routers").isEmpty)
        #expect(!rig.cloud.rows("networks").contains { $0["name"].string == "lan" })
    }

    @Test func aNetworkIsChangedInPlace() async throws {
        let rig = try Rig()
        let lan = try await make(
            rig, ["cidr": .text("10.9.0.0/24"), "mtu": .number(1400), "description": .text("old")])
        #expect(lan.mtu == 1400 && lan.description == "old" && lan.hasPortSecurity == true && lan.isShared == false)
        let changes: [(Network.Change, JSON)] = [
            (.rename("wan"), ["name": "wan"]), (.link(.mtu(1300)), ["mtu": 1300]), (.link(.mtu(nil)), ["mtu": 0]),
            (.description("new"), ["description": "new"]), (.portSecurity(false), ["port_security_enabled": false]),
            (.domain("lab.test"), ["dns_domain": "lab.test."]), (.active(false), ["admin_state_up": false]),
        ]
        var changed = lan
        for (change, _) in changes { changed = try await rig.networks().apply(change, to: lan.id, rig.job) }
        #expect(rig.bodies("PUT", "/networks/\(lan.id)").map { $0["network"] } == changes.map(\.1))
        #expect(changed.name == "wan" && changed.description == "new" && changed.hasPortSecurity == false)
        #expect(changed.domain == "lab.test" && changed.active == false && changed.cidr == "10.9.0.0/24")
        for (change, code) in [
            (Network.Change.link(.mtu(90000)), ProviderError.Code.invalidValue), (.shared(true), .forbidden),
            (.link(.nat(true)), .unsupported),
        ] {
            let failure = await rig.failure { _ = try await rig.networks().apply(change, to: lan.id, rig.job) }
            #expect(failure?.code == code, "\(change)")
        }
        // Its router was made for it, whatever either is called.
        try await rig.networks().delete(lan.id, rig.job)
        #expect(rig.cloud.rows("routers").isEmpty)
    }

    @Test func halfANetworkIsTakenBack() async throws {
        let rig = try Rig()
        rig.server.on(
            "POST", "/network/v2.0/routers",
            .json(
                409,
                #"{"NeutronError": {"type": "OverQuota", "message": "Quota exceeded for resources: ['router'].", "detail": ""}}"#
            ))
        let failure = await rig.failure { _ = try await make(rig, ["cidr": .text("10.9.0.0/24")]) }
        #expect(failure?.code == .quotaExceeded)
        #expect(!rig.cloud.rows("networks").contains { $0["name"].string == "lan" })
        #expect(!rig.cloud.rows("subnets").contains { $0["cidr"].string == "10.9.0.0/24" })
    }

    @Test func aNetworkInUseStays() async throws {
        let rig = try Rig()
        let network = try #require(try await rig.networks().list().first { $0.name == "default" })
        let whole = try #require(try await rig.networks().items([network.id]).first)
        #expect(whole.ports.contains("web1"))
        let failure = await rig.failure { try await rig.networks().delete(network.id, rig.job) }
        #expect(failure?.code == .busy && failure?.message.contains("web1") == true)
        #expect(rig.server.requests.allSatisfy { $0.method != "DELETE" })
    }

    @Test func aRouterOfSomebodyKeepsItsNetwork() async throws {
        let rig = try Rig()
        let network = try await make(rig, ["cidr": .text("10.9.0.0/24")])
        let router = try #require(rig.cloud.rows("routers").first?["id"].string)
        rig.server.on(
            "GET", "/network/v2.0/routers/\(router)",
            .json(200, #"{"router": {"id": "\#(router)", "name": "core", "description": "by hand"}}"#))
        let failure = await rig.failure { try await rig.networks().delete(network.id, rig.job) }
        #expect(failure?.code == .busy && failure?.message.contains("router core") == true)
        #expect(rig.cloud.rows("ports").contains { $0["device_id"].string == router })
        #expect(rig.cloud.rows("networks").contains { $0["name"].string == "lan" })
    }

    @Test func rulesAreChangedByTheirDifference() async throws {
        let rig = try Rig()
        let group = try #require(try await rig.groups().list().first { $0.name == "web" })
        #expect(
            group.rules == [
                "egress any any 0.0.0.0/0", "egress any any ::/0", "ingress tcp 443 0.0.0.0/0",
                "ingress tcp 80 0.0.0.0/0",
            ])
        let wanted = [
            "egress any any 0.0.0.0/0", "egress any any ::/0", "ingress icmp 8-0 10.0.0.0/8",
            "ingress tcp 443 0.0.0.0/0", "ingress tcp 8000-9000 group:default",
        ]
        let changed = try await rig.groups().apply(.rules(wanted), to: group.id, rig.job)
        #expect(changed.rules == wanted)
        #expect(rig.server.requests.count { $0.method == "DELETE" } == 1)
        #expect(rig.bodies("POST", "/security-group-rules").first?["security_group_rules"].elements.count == 2)
        for line in ["ingress tcp", "sideways tcp 22 0.0.0.0/0", "ingress tcp 99999 0.0.0.0/0", "ingress tcp 22 home"] {
            let failure = await rig.failure {
                _ = try await rig.groups().apply(.rules([line]), to: group.id, rig.job)
            }
            #expect(failure?.code == .invalidValue, "\(line)")
        }
    }
}
