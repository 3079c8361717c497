import Glibc

/// A range of IPv4 addresses: `192.168.122.0/24`.
struct AddressRange: Sendable, Hashable {
    let base: UInt32
    let prefix: Int

    /// Parses it; nil where it is none or has bits set behind its prefix.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let base = Self.number(String(parts[0])), let prefix = Self.prefix(parts[1], 32) else {
            return nil
        }
        let mask: UInt32 = prefix == 0 ? 0 : ~0 << UInt32(32 - prefix)
        guard base & mask == base else { return nil }
        self.base = base
        self.prefix = prefix
    }

    /// How many addresses it has.
    var hosts: UInt32 { prefix == 0 ? .max : UInt32(truncatingIfNeeded: UInt64(1) << UInt64(32 - prefix)) }

    /// Its nth address.
    func address(_ host: UInt32) -> String {
        let number = base + host
        return "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    }

    /// Where an address is in it; nil outside.
    func host(of address: String) -> UInt32? {
        guard let number = Self.number(address), number >= base, number - base < hosts else { return nil }
        return number - base
    }

    func contains(_ other: AddressRange) -> Bool {
        other.prefix >= prefix && other.base &- base < hosts && other.base >= base
    }

    func overlaps(_ other: AddressRange) -> Bool { contains(other) || other.contains(self) }

    /// Whether a text is an IPv4 or IPv6 range.
    static func isCIDR(_ text: String) -> Bool {
        if AddressRange(text) != nil { return true }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && isIPv6(String(parts[0])) && prefix(parts[1], 128) != nil
    }

    static func isIPv4(_ text: String) -> Bool { number(text) != nil }

    static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return !text.contains("%") && inet_pton(AF_INET6, text, &address) == 1
    }

    private static func number(_ text: String) -> UInt32? {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return UInt32(bigEndian: address.s_addr)
    }

    private static func prefix(_ text: Substring, _ most: Int) -> Int? {
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }), let prefix = Int(text), prefix <= most
        else {
            return nil
        }
        return prefix
    }
}
