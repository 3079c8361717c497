import ProviderAPI
import ProviderKit
import Testing

@Suite struct FirewallRuleTests {
    @Test(arguments: [
        ("ingress tcp 22 10.0.0.0/8", "ingress tcp 22 10.0.0.0/8"),
        ("INGRESS  TCP 8000-8080 ::/0", "ingress tcp 8000-8080 ::/0"),
        ("egress all any 0.0.0.0/0", "egress any any 0.0.0.0/0"),
        ("ingress icmp any 10.1.2.3/8", "ingress icmp any 10.0.0.0/8"),
        ("ingress 50 any 192.168.1.0/24", "ingress 50 any 192.168.1.0/24"),
        ("ingress tcp any sg-1", "ingress tcp any sg-1"),
        ("ingress icmpv6 128 2001:db8::/32", "ingress icmpv6 128 2001:db8::/32"),
        ("ingress icmp 8-0 10.0.0.0/8", "ingress icmp 8-0 10.0.0.0/8"),
        ("ingress icmp 3-3 10.0.0.0/8", "ingress icmp 3-3 10.0.0.0/8"),
    ])
    func linesAreReadAndWrittenOneWay(_ line: String, _ expected: String) throws {
        #expect(try FirewallRule(line, isPeer: { $0.hasPrefix("sg-") }).description == expected)
    }

    @Test(arguments: [
        "", "ingress tcp 22", "sideways tcp 22 ::/0", "ingress ipx any ::/0", "ingress tcp 0 ::/0",
        "ingress tcp 90-80 ::/0", "ingress tcp 70000 ::/0", "ingress any 22 ::/0", "ingress tcp 22 10.0.0.0",
        "ingress tcp 22 sg-1", "ingress 300 any ::/0", "ingress tcp 1-2-3 ::/0", "ingress tcp 22 10.0.0.0/33",
        "ingress icmp 256 ::/0", "ingress icmp 3-256 ::/0", "ingress sctp any ::/0",
    ])
    func rubbishIsRefused(_ line: String) {
        let error = #expect(throws: ProviderError.self) { _ = try FirewallRule(line) }
        #expect(error?.code == .invalidValue)
    }

    @Test func onlyTheDifferenceIsApplied() throws {
        let old = try ["ingress tcp 22 ::/0", "ingress tcp 80 ::/0"].map { line throws(ProviderError) in
            try FirewallRule(line)
        }
        let new = try ["ingress tcp 80 ::/0", "ingress tcp 443 ::/0"].map { line throws(ProviderError) in
            try FirewallRule(line)
        }
        let difference = FirewallRule.difference(from: old, to: new)
        #expect(difference.removed.map(\.description) == ["ingress tcp 22 ::/0"])
        #expect(difference.added.map(\.description) == ["ingress tcp 443 ::/0"])
    }
}
