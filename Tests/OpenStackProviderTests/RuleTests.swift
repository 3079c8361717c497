import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Rules of security groups: what they say of who may come in is never more than what they let in.
@Suite struct RuleTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    private func group(_ name: String) async throws -> SecurityGroup {
        try #require(try await rig.groups().list().first { $0.name == name })
    }

    private func add(_ peer: String, _ id: String, family: String = "IPv4") throws {
        let web = try #require(rig.cloud.rows("security_groups").first { $0["name"].string == "web" })
        var rule: JSON = [
            "security_group_id": web["id"], "direction": "ingress", "ethertype": .text(family), "protocol": "tcp",
            "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": nil,
        ]
        rule[peer] = .text(id)
        rig.cloud.add(rule, to: "security_group_rules")
    }

    private func id(_ name: String) throws -> String {
        try #require(rig.cloud.rows("security_groups").first { $0["name"].string == name }?["id"].string)
    }

    @Test func groupsStandForThemselves() async throws {
        let office = rig.cloud.add(["name": "office", "addresses": ["192.0.2.0/28"]], to: "address_groups")
        try add("remote_group_id", try id("default"))
        try add("remote_group_id", try id("default"), family: "IPv6")
        try add("remote_address_group_id", office)
        try add("remote_address_group_id", office, family: "IPv6")
        let rules = try await group("web").rules.filter { $0.contains(" 22 ") }
        #expect(
            rules == [
                "ingress tcp 22 addresses6:office", "ingress tcp 22 addresses:office", "ingress tcp 22 group6:default",
                "ingress tcp 22 group:default",
            ])
    }

    /// Without the listing of address groups, or with one that is another project's.
    @Test func aGroupThatCannotBeLookedUpIsItsID() async throws {
        let unknown = "0b5e2a7c-9999-4000-8000-000000000001"
        try add("remote_address_group_id", unknown)
        try add("remote_group_id", unknown)
        rig.server.on("GET", "/network/v2.0/address-groups", .text(403, "no"))
        let rules = try await group("web").rules.filter { $0.contains(" 22 ") }
        #expect(rules == ["ingress tcp 22 addresses:\(unknown)", "ingress tcp 22 group:\(unknown)"])
    }

    @Test func namesThatAreNotOnesOwnAreIDs() async throws {
        let (one, other) = (rig.cloud.add(["name": "same"], to: "address_groups"), "same")
        _ = rig.cloud.add(["name": .text(other)], to: "address_groups")
        let spaced = rig.cloud.add(["name": "two words"], to: "address_groups")
        try add("remote_address_group_id", one)
        try add("remote_address_group_id", spaced)
        let rules = try await group("web").rules.filter { $0.contains(" 22 ") }
        #expect(Set(rules) == ["ingress tcp 22 addresses:\(one)", "ingress tcp 22 addresses:\(spaced)"])
    }

    /// What is read can be written: into the same group for no call, into another one for the same rules.
    @Test func aRuleTextRoundTrips() async throws {
        let office = rig.cloud.add(["name": "office"], to: "address_groups")
        try add("remote_group_id", try id("default"))
        try add("remote_group_id", try id("default"), family: "IPv6")
        try add("remote_address_group_id", office)
        let web = try await group("web")
        _ = try await rig.groups().apply(.rules(web.rules), to: web.id, rig.job)
        #expect(rig.server.requests.allSatisfy { $0.method == "GET" || $0.path.hasPrefix("/identity") })
        let wish = Specification(name: "copy", values: ["rules": .list(web.rules.map(Value.text))])
        let copy = try await rig.groups().create(wish, rig.job)
        #expect(copy.rules == web.rules)
        func shapes(_ id: String) -> Set<[JSON]> {
            let keys = [
                "direction", "ethertype", "protocol", "port_range_min", "remote_group_id", "remote_address_group_id",
            ]
            let rows = rig.cloud.rows("security_group_rules").filter { $0["security_group_id"].string == id }
            return Set(rows.map { row in keys.map { row[$0] } })
        }
        #expect(shapes(copy.id.rawValue) == shapes(web.id.rawValue))
    }
}
