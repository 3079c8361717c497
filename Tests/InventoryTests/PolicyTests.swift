import ProviderAPI
import Testing

@testable import Inventory

@Suite struct PolicyTests {
    @Test(arguments: [
        ("vms/prod-*", "vms/prod-1", true), ("vms/prod-*", "vms/prod-", true), ("vms/prod-*", "vms/test-1", false),
        ("vms/*", "vms/a/b", false), ("*/web?", "vms/web1", true), ("*/web?", "vms/web", false),
        ("vms/[a-c]*", "vms/b1", true), ("vms/[]a]", "vms/]", true), ("vms/[]a]", "vms/a", true),
        ("vms/[]a]", "vms/b", false), ("vms/[!]a]", "vms/]", false), ("vms/[!]a]", "vms/b", true),
        ("vms/[!a-c]*", "vms/b1", false), ("vms/[!a-c]*", "vms/d", true), ("vms[!x]a", "vms/a", false),
        ("*", "vms/a", false), ("*/*", "vms/a", true), ("vms/\\*", "vms/*", true), ("vms/\\*", "vms/a", false),
        ("*b*/*c*d", "abab/xcxd", true), ("*b*/*c*d", "abab/xcx", false), ("", "", true), ("**", "abc", true),
        ("vms/a*b*c", "vms/aXbXbXc", true), ("vms/a*b*c", "vms/aXcXb", false), ("vms/ü?", "vms/üé", true),
    ])
    func patternsMatchAsInAShell(pattern: String, text: String, matches: Bool) throws {
        #expect(try #require(Glob(pattern)).matches(text) == matches)
    }

    @Test func anOpenSetIsNoPattern() {
        for pattern in ["vms/[a-", "vms/[]", "vms/[!]", "vms/a\\"] { #expect(Glob(pattern) == nil, "\(pattern)") }
    }

    @Test func aHostilePatternTakesNoTime() throws {
        let glob = try #require(Glob(String(repeating: "*a", count: 40) + "b"))
        let clock = ContinuousClock()
        let took = clock.measure { #expect(!glob.matches(String(repeating: "a", count: 5000))) }
        #expect(took < .seconds(5))
    }

    @Test func whatIsProtectedOrReadOnlyIsRefused() throws {
        let glob = try #require(Glob("vms/prod-*"))
        let policy = Policy(protect: [glob])
        #expect(throws: Never.self) { try policy.permit(.vms, "test") }
        #expect(throws: Never.self) { try policy.permit(.disks, "prod-1") }
        for name in ["prod-1", "prod-a/b", "prod-\n"] {
            #expect(throws: ProviderError.self, "\(name.debugDescription)") { try policy.permit(.vms, name) }
        }
        #expect(throws: ProviderError.self) { try Policy(isReadOnly: true).permit(.disks, "any") }
    }
}
