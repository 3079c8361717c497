public import ProviderAPI

/// A rule of a security group, as its line in `rules` says it: `ingress|egress PROTOCOL PORTS PEER`.
public struct FirewallRule: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Which way it lets packets pass.
    public enum Direction: String, Sendable, Hashable { case ingress, egress }

    /// Which way it lets packets pass.
    public var direction: Direction
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `any`, or a protocol's number.
    public var proto: String
    /// nil: all of them. For ICMP, its type and code.
    public var ports: ClosedRange<Int>?
    /// A range of addresses, or what the platform has instead (another group's id).
    public var peer: String

    /// A rule.
    public init(_ direction: Direction, _ proto: String, _ ports: ClosedRange<Int>?, _ peer: String) {
        self.direction = direction
        self.proto = proto
        self.ports = ports
        self.peer = peer
    }

    /// Reads a line. `isPeer` tells what may stand in place of a range. Throws `invalidValue`.
    public init(_ line: String, isPeer: (String) -> Bool = { _ in false }) throws(ProviderError) {
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.count == 4, let direction = Direction(rawValue: words[0].lowercased()) else {
            throw ProviderError(.invalidValue, "rules: '\(line)' is not ingress|egress PROTOCOL PORTS CIDR")
        }
        self.direction = direction
        proto = words[1].lowercased() == "all" ? "any" : words[1].lowercased()
        guard ["tcp", "udp", "icmp", "icmpv6", "any"].contains(proto) || Int(proto).map({ 0...255 ~= $0 }) == true
        else {
            throw ProviderError(
                .invalidValue,
                "rules: '\(words[1])' in '\(line)' is none of tcp, udp, icmp, icmpv6, any, and no protocol's number")
        }
        ports = try Self.ports(words[2].lowercased(), of: proto, in: line)
        if let range = AddressRange(words[3]) {
            peer = range.description
        } else {
            guard isPeer(words[3]) else {
                throw ProviderError(
                    .invalidValue, "rules: '\(words[3])' in '\(line)' is no range such as 10.0.0.0/8")
            }
            peer = words[3]
        }
    }

    private static func ports(_ word: String, of proto: String, in line: String) throws(ProviderError)
        -> ClosedRange<Int>?
    {
        if word == "any" || word == "all" { return nil }
        let numbers = word.split(separator: "-", omittingEmptySubsequences: false).map { Decimal.number($0) }
        let most = proto.hasPrefix("icmp") ? 255 : 65535
        guard ["tcp", "udp", "icmp", "icmpv6"].contains(proto), (1...2).contains(numbers.count),
            let first = numbers[0], let last = numbers[numbers.count - 1], first <= last, last <= most,
            first > 0 || proto.hasPrefix("icmp")
        else {
            throw ProviderError(
                .invalidValue, "rules: '\(word)' in '\(line)' is no port, no range of ports, not any")
        }
        return first...last
    }

    /// Its line.
    public var description: String {
        let range = ports.map {
            $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        return "\(direction.rawValue) \(proto) \(range ?? "any") \(peer)"
    }

    /// Order of the lines; it makes listings stable.
    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    /// What to take away and what to add, so that `old` becomes `new`.
    public static func difference(from old: [FirewallRule], to new: [FirewallRule]) -> (
        removed: [FirewallRule], added: [FirewallRule]
    ) {
        let (before, after) = (Set(old), Set(new))
        return (before.subtracting(after).sorted(), after.subtracting(before).sorted())
    }
}

/// Whole numbers as digits and nothing else.
enum Decimal {
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
