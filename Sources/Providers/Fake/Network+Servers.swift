import ProviderAPI

extension Network {
    /// A network with a range has a router, and servers for addresses and names.
    mutating func addServers(in range: AddressRange?) {
        guard let range else { return }
        gateway = range.address(1)
        dns = true
        dhcpRange = dhcp == true ? ["\(range.address(10)) \(range.address(range.hosts - 2))"] : []
        mtu = 1500
    }

    mutating func apply(_ change: ServiceChange, in range: AddressRange?) throws(ProviderError) {
        switch change {
        case .dhcpRange(let lines):
            for line in lines { try Self.check(line, words: 2...2, addresses: 0...1, in: range, "FIRST LAST") }
            dhcpRange = lines
        case .reservations(let lines):
            for line in lines {
                try Self.check(line, words: 2...3, addresses: 1...1, in: range, "MAC ADDRESS [NAME]")
            }
            reservations = lines
        case .dns(let flag): dns = flag
        case .forwarders(let lines):
            for line in lines where !(line.split(separator: " ").last.map { AddressRange.isIPv4(String($0)) } ?? false)
            {
                throw ProviderError(.invalidValue, "'\(line)' is not [DOMAIN] ADDRESS")
            }
            forwarders = lines
        }
    }

    mutating func apply(_ change: LinkChange) throws(ProviderError) {
        switch change {
        case .nat(let flag): mode = flag ? "nat" : "isolated"
        case .autostart(let flag): autostart = flag
        case .mtu(let size):
            guard size.map({ (68...65535).contains($0) }) ?? true else {
                throw ProviderError(.outOfRange, "mtu is not between 68 and 65535")
            }
            mtu = size ?? 1500
        case .vlans(let lines): vlans = lines
        }
    }

    /// Whether a line has that many words, and those of them that are addresses are in the range.
    private static func check(
        _ line: String, words count: ClosedRange<Int>, addresses: ClosedRange<Int>, in range: AddressRange?,
        _ form: String
    ) throws(ProviderError) {
        let words = line.split(separator: " ").map(String.init)
        guard count.contains(words.count) else {
            throw ProviderError(.invalidValue, "'\(line)' is not \(form)")
        }
        for (index, word) in words.enumerated() where addresses.contains(index) {
            guard range?.host(of: word) != nil else {
                throw ProviderError(.invalidValue, "'\(word)' is no address of the network")
            }
        }
    }
}
