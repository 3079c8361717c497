public import ProviderAPI

/// A rule of a security group, as its line in `rules` says it: `ingress|egress PROTOCOL PORTS PEER`.
public struct FirewallRule: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Which way it lets packets pass.
    public enum Direction: String, Sendable, Hashable { case ingress, egress }

    /// What of a protocol it is about.
    public enum Ports: Sendable, Hashable {
        /// All of it.
        case any
        /// `22`, `8000-9000`.
        case range(ClosedRange<Int>)
        /// Messages of ICMP, `TYPE` or `TYPE-CODE`: nil for every code of the type.
        case message(type: Int, code: Int?)
    }

    /// Which way it lets packets pass.
    public var direction: Direction
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `any`, or a protocol's number.
    public var proto: String
    /// Which ports, or which messages.
    public var ports: Ports
    /// A range of addresses, or what the platform has instead (another group's id).
    public var peer: String

    /// A rule.
    public init(_ direction: Direction, _ proto: String, _ ports: Ports, _ peer: String) {
        self.direction = direction
        self.proto = proto
        self.ports = ports
        self.peer = peer
    }

    /// Reads a line. Throws `invalidValue`.
    ///
    /// - Parameters:
    ///   - protocols: names that the platform knows besides `tcp`, `udp`, `icmp`, `icmpv6` and `any`.
    ///   - isPeer: tells what may stand in place of a range.
    public init(_ line: String, protocols: Set<String> = [], isPeer: (String) -> Bool = { _ in false })
        throws(ProviderError)
    {
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard words.count == 4, let direction = Direction(rawValue: words[0].lowercased()) else {
            throw ProviderError(.invalidValue, "rules: '\(line)' is not ingress|egress PROTOCOL PORTS CIDR")
        }
        self.direction = direction
        proto = words[1].lowercased() == "all" ? "any" : words[1].lowercased()
        guard Self.protocols.union(protocols).contains(proto) || Int(proto).map({ 0...255 ~= $0 }) == true else {
            throw ProviderError(
                .invalidValue,
                "rules: '\(words[1])' in '\(line)' is none of tcp, udp, icmp, icmpv6, any, and no protocol's number")
        }
        guard let ports = Ports(words[2].lowercased(), of: proto) else {
            throw ProviderError(
                .invalidValue, "rules: '\(words[2])' in '\(line)' is no port, no range of ports, not any")
        }
        self.ports = ports
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

    private static let protocols: Set<String> = ["tcp", "udp", "icmp", "icmpv6", "any"]

    /// Its line.
    public var description: String { "\(direction.rawValue) \(proto) \(ports) \(peer)" }

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

extension FirewallRule.Ports: CustomStringConvertible {
    /// The protocols that have ports.
    private static let carriers: Set<String> = ["tcp", "udp", "sctp", "dccp", "udplite"]

    /// nil for what is none of the protocol.
    init?(_ word: String, of proto: String) {
        if word == "any" || word == "all" {
            self = .any
            return
        }
        let numbers = word.split(separator: "-", omittingEmptySubsequences: false).map { Decimal.number($0) }
        guard (1...2).contains(numbers.count), let first = numbers[0], let last = numbers[numbers.count - 1] else {
            return nil
        }
        if proto == "icmp" || proto == "icmpv6" {
            guard first <= 255, last <= 255 else { return nil }
            self = .message(type: first, code: numbers.count == 2 ? last : nil)
        } else {
            guard Self.carriers.contains(proto), first > 0, first <= last, last <= 65535 else { return nil }
            self = .range(first...last)
        }
    }

    /// As it stands in a line.
    public var description: String {
        switch self {
        case .any: "any"
        case .range(let ports):
            ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
        case .message(let type, let code): code.map { "\(type)-\($0)" } ?? "\(type)"
        }
    }
}

/// Whole numbers as digits and nothing else.
enum Decimal {
    static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
