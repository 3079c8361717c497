import ProviderAPI
import ProviderKit
import Testing
import XMLKit

@testable import AWSProvider

@Suite struct RecordTests {
    let zone = Route53.Zone(id: "Z1", name: "example.com", isPrivate: false)

    private func set(_ name: String, _ type: String, _ values: [String], ttl: Int? = 60) -> Route53.RecordSet {
        Route53.RecordSet(name: name, type: type, ttl: ttl, values: values, alias: nil, hasPolicy: false)
    }

    @Test func namesAreRelativeAndWildcardsReadable() {
        #expect(RecordText.relative("example.com.", to: "example.com") == "@")
        #expect(RecordText.relative("a.b.example.com.", to: "example.com") == "a.b")
        #expect(Route53.unescaped("\\052.example.com.") == "*.example.com.")
        #expect(RecordText.absolute("*", in: "example.com") == "*.example.com.")
    }

    @Test func aRecordSetIsPutAsAWhole() throws {
        let wish = DNSZone.RecordSet(name: "www", type: "A", ttl: nil, values: ["192.0.2.1", "192.0.2.2"])
        let changes = try Zones.changes(
            for: .set(wish), in: zone, [set("www.example.com.", "A", ["192.0.2.9"], ttl: 30)])
        #expect(changes.count == 1 && changes[0].0 == .upsert)
        #expect(changes[0].1 == set("www.example.com.", "A", ["192.0.2.1", "192.0.2.2"], ttl: 30))
    }

    @Test func removalGivesTheSetAsItStands() throws {
        let old = set("www.example.com.", "A", ["192.0.2.9"])
        #expect(try Zones.changes(for: .remove(name: "www", type: "A"), in: zone, [old]).map(\.1) == [old])
        let error = #expect(throws: ProviderError.self) {
            _ = try Zones.changes(for: .remove(name: "www", type: "AAAA"), in: zone, [old])
        }
        #expect(error?.code == .notFound)
    }

    @Test func aliasesAreLines() throws {
        let wish = DNSZone.RecordSet(name: "@", type: "A", ttl: nil, values: ["ALIAS lb.example.net. Z2 health"])
        let changes = try Zones.changes(for: .set(wish), in: zone, [])
        let alias = try #require(changes.first?.1.alias)
        #expect(alias == Route53.Alias(zone: "Z2", name: "lb.example.net.", evaluatesHealth: true))
        #expect(RecordText.line(of: alias) == wish.values[0])
        #expect(changes[0].1.element.first("TTL") == nil)
    }

    @Test func textIsQuoted() throws {
        let long = String(repeating: "x", count: 300)
        let wish = DNSZone.RecordSet(name: "t", type: "TXT", ttl: nil, values: ["v=spf1 \"a\"", "\"as it is\"", long])
        let values = try #require(try Zones.changes(for: .set(wish), in: zone, []).first?.1.values)
        #expect(values[0] == "\"v=spf1 \\\"a\\\"\"" && values[1] == "\"as it is\"")
        #expect(values[2] == "\"\(long.prefix(255))\" \"\(long.suffix(45))\"")
    }

    @Test func routingPoliciesAreNotTouched() {
        var old = set("www.example.com.", "A", ["192.0.2.9"])
        old.hasPolicy = true
        let error = #expect(throws: ProviderError.self) {
            _ = try Zones.changes(for: .remove(name: "www", type: "A"), in: zone, [old])
        }
        #expect(error?.code == .unsupported)
    }

    @Test func permissionsAreRulesBothWays() throws {
        let lines = [
            "egress any any 0.0.0.0/0", "ingress 50 any 10.0.0.0/8", "ingress icmp 8 0.0.0.0/0",
            "ingress icmp any ::/0", "ingress icmp 8-0 10.0.0.0/8", "ingress icmp 3-3 10.0.0.0/8",
            "ingress tcp 22 sg-1", "ingress tcp 8000-8080 2001:db8::/32", "ingress tcp any 10.0.0.0/8",
        ]
        for line in lines {
            let rule = try FirewallRuleLine.rule(line)
            #expect(EC2.Group.Permission(rule).rules(rule.direction).map(\.description) == [line])
        }
    }
}
