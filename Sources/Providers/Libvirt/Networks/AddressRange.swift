import Glibc

/// A range of addresses, IPv4 or IPv6, as the bytes of its base and the length of its prefix.
struct AddressRange: Sendable, Hashable {
    let base: [UInt8]
    let prefix: Int

    var isIPv6: Bool { base.count == 16 }

    /// `192.168.122.0/24`, `fd00::/64`. Bits behind the prefix are cleared.
    init?(cidr: String) {
        let parts = cidr.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let prefix = Int(parts[1]) else { return nil }
        self.init(address: String(parts[0]), prefix: prefix)
    }

    init?(address: String, prefix: Int) {
        guard let bytes = Self.bytes(of: address), (0...bytes.count * 8).contains(prefix) else { return nil }
        self.init(bytes: bytes, prefix: prefix)
    }

    private init(bytes: [UInt8], prefix: Int) {
        self.prefix = prefix
        base = bytes.enumerated().map { index, byte in
            let kept = min(max(prefix - index * 8, 0), 8)
            return kept == 0 ? 0 : byte & (0xff << (8 - kept))
        }
    }

    /// With a netmask as libvirt writes it for IPv4.
    init?(address: String, netmask: String) {
        guard let mask = Self.bytes(of: netmask), mask.count == 4 else { return nil }
        self.init(address: address, prefix: mask.map(\.nonzeroBitCount).reduce(0, +))
    }

    /// Whether the two have an address in common.
    func overlaps(_ other: AddressRange) -> Bool {
        guard base.count == other.base.count else { return false }
        let shorter = prefix < other.prefix ? self : other
        let longer = prefix < other.prefix ? other : self
        return AddressRange(bytes: longer.base, prefix: shorter.prefix).base == shorter.base
    }

    /// Whether an address is in it.
    func contains(_ address: String) -> Bool {
        guard let bytes = Self.bytes(of: address), bytes.count == base.count else { return false }
        return AddressRange(bytes: bytes, prefix: prefix).base == base
    }

    /// An address as it is always written; nil for what is none.
    static func canonical(_ address: String) -> String? {
        bytes(of: address).map(text)
    }

    /// inet_pton(3)
    private static func bytes(of address: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, address, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }

    /// inet_ntop(3)
    private static func text(of bytes: [UInt8]) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard let start = buffer.baseAddress,
                inet_ntop(family, bytes, start, socklen_t(buffer.count)) != nil
            else { return "" }
            return String(cString: start)
        }
    }

    /// `192.168.122.0/24`
    var cidr: String { "\(Self.text(of: base))/\(prefix)" }

    /// The address `number` behind the base; negative ones count from the end.
    func address(_ number: Int) -> String {
        var bytes = base
        if number < 0 {
            for index in bytes.indices {
                let kept = min(max(prefix - index * 8, 0), 8)
                bytes[index] |= kept == 8 ? 0 : 0xff >> kept
            }
        }
        var carry = number < 0 ? number + 1 : number
        for index in bytes.indices.reversed() where carry != 0 {
            let sum = Int(bytes[index]) + carry
            bytes[index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
        return Self.text(of: bytes)
    }
}
