import Glibc

/// An IPv4 or IPv6 address as text, with or without the length of its prefix.
struct AddressText {
    let host: String
    let prefix: Int?
    private let bits: Int

    /// Nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        host = parts[0]
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            bits = 32
        } else if inet_pton(AF_INET6, host, &six) == 1 {
            bits = 128
        } else {
            return nil
        }
        guard parts.count == 2 else {
            prefix = nil
            return
        }
        guard let length = Int(parts[1]), (0...bits).contains(length) else { return nil }
        prefix = length
    }

    /// `24`, `/24` or `255.255.255.0` as the length of a prefix; nil for what is none.
    func prefix(ofMask text: String) -> Int? {
        if let length = Int(text.hasPrefix("/") ? String(text.dropFirst()) : text) {
            return (0...bits).contains(length) ? length : nil
        }
        var mask = in_addr()
        guard bits == 32, inet_pton(AF_INET, text, &mask) == 1 else { return nil }
        let value = UInt32(bigEndian: mask.s_addr)
        // Ones, then zeros.
        guard ~value & (~value &+ 1) == 0 else { return nil }
        return value.nonzeroBitCount
    }
}
