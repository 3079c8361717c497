import ProviderAPI
import ProviderKit

/// Lines with what EC2 takes in place of a range.
enum FirewallRuleLine {
    static func rule(_ line: String) throws(ProviderError) -> FirewallRule {
        try FirewallRule(line) { $0.hasPrefix("sg-") }
    }
}
