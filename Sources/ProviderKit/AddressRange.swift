import Glibc

/// A range of IPv4 or IPv6 addresses, as its prefix: `10.0.0.0/16`, `2001:db8::/32`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    /// The address, 4 or 16 bytes.
    public let bytes: [UInt8]
    /// How many of its bits are fixed.
    public let prefix: Int

    /// Reads a range; nil where it is none. Bits behind the prefix are cleared.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = Self.bytes(String(parts[0])), let prefix = Decimal.number(parts[1]),
            prefix <= bytes.count * 8
        else { return nil }
        self.init(bytes: bytes, prefix: prefix)
    }

    private init(bytes: [UInt8], prefix: Int) {
        self.prefix = prefix
        self.bytes = bytes.enumerated().map { index, byte in
            let fixed = min(8, max(0, prefix - index * 8))
            return fixed == 8 ? byte : byte & ~(0xFF >> UInt8(fixed))
        }
    }

    /// Whether it is one of IPv4.
    public var isIPv4: Bool { bytes.count == 4 }

    /// Whether all of another are in it.
    public func contains(_ other: AddressRange) -> Bool {
        other.bytes.count == bytes.count && other.prefix >= prefix
            && AddressRange(bytes: other.bytes, prefix: prefix) == self
    }

    /// Whether an address is in it.
    public func contains(address: String) -> Bool {
        guard let bytes = Self.bytes(address) else { return false }
        return contains(AddressRange(bytes: bytes, prefix: bytes.count * 8))
    }

    /// Whether they have an address in common.
    public func overlaps(_ other: AddressRange) -> Bool { contains(other) || other.contains(self) }

    /// Its parts with a longer prefix, in order, the first `limit` of them. The range itself where its own is as long.
    public func parts(prefix: Int, limit: Int = 256) -> [AddressRange] {
        guard prefix > self.prefix, prefix <= bytes.count * 8 else { return [self] }
        let bits = prefix - self.prefix
        let count = bits >= 20 ? limit : min(limit, 1 << bits)
        return (0..<count).map { number in
            var bytes = bytes
            for bit in 0..<min(bits, Int.bitWidth - 1) where number >> bit & 1 == 1 {
                let place = prefix - 1 - bit
                bytes[place / 8] |= 0x80 >> UInt8(place % 8)
            }
            return AddressRange(bytes: bytes, prefix: prefix)
        }
    }

    /// Its nth address, for small n.
    public func address(_ index: Int) -> String {
        var bytes = bytes
        var carry = index
        for place in bytes.indices.reversed() where carry > 0 {
            let sum = Int(bytes[place]) + carry
            bytes[place] = UInt8(sum & 0xFF)
            carry = sum >> 8
        }
        return Self.text(bytes)
    }

    /// As it is written.
    public var description: String { "\(Self.text(bytes))/\(prefix)" }

    /// The bytes of an address; nil where it is none.
    public static func bytes(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var six = in6_addr()
        guard !text.contains("%"), inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return withUnsafeBytes(of: &six) { Array($0) }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                let text = inet_ntop(family, bytes, start, socklen_t(INET6_ADDRSTRLEN))
            else { return "" }
            return String(cString: text)
        }
    }
}
