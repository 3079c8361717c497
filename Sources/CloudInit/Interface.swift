public import ProviderAPI
import YAMLKit

extension FirstBoot {
    /// An interface of a machine as the guest is to configure it, from the parameters of
    /// ``StandardParameters/guestInterface``.
    public struct Interface: Sendable, Hashable {
        /// Its name in the draft; the guest has its own.
        public var name: String
        /// The hardware address that tells it in the guest; the platform fills in what the draft left open.
        public var mac: String?
        /// `192.168.1.5/24`; nil for DHCP.
        public var address: String?
        /// The router's address.
        public var gateway: String?
        /// Servers for names, beside those of the machine.
        public var dns: [String]
        /// The domain to search.
        public var domain: String?
        /// Bytes.
        public var mtu: Int?
        /// Whether the guest is told nothing of it.
        public var isLeftAlone: Bool

        /// Whether DHCP alone would not do.
        var isSpecial: Bool { address != nil || !dns.isEmpty || domain != nil || mtu != nil || isLeftAlone }

        /// The interfaces of a specification. `invalidValue` where an address cannot be.
        public static func all(of specification: Specification) throws(ProviderError) -> [Interface] {
            var isFirst = true
            var interfaces: [Interface] = []
            for nic in specification.entries("nics") {
                interfaces.append(try Interface(nic, gateway: isFirst ? specification.text("gateway") : nil))
                isFirst = false
            }
            return interfaces
        }

        init(_ nic: Specification, gateway: String?) throws(ProviderError) {
            name = nic.name
            mac = nic.text("mac")?.lowercased()
            domain = nic.text("domain")
            mtu = nic.number("mtu")
            isLeftAlone = nic.flag("noconf") ?? false
            dns = try nic.texts("dns").flatMap(FirstBoot.words).map { text throws(ProviderError) in
                try Self.host(text, "dns", nic.name)
            }
            address = try Self.address(nic)
            let router = nic.text("gateway") ?? (address == nil ? nil : gateway)
            self.gateway = try router.map { text throws(ProviderError) in
                try Self.host(text, "gateway", nic.name)
            }
            guard self.gateway == nil || address != nil else {
                throw ProviderError(.invalidValue, "nics/\(nic.name): gateway needs ip with its netmask")
            }
        }

        private static func host(_ text: String, _ field: String, _ name: String) throws(ProviderError) -> String {
            guard let address = AddressText(text), address.prefix == nil else {
                throw ProviderError(.invalidValue, "nics/\(name)/\(field): \(text) is no address")
            }
            return text
        }

        /// The address with its prefix. Without one there is none for the guest: the platform may give it by DHCP.
        private static func address(_ nic: Specification) throws(ProviderError) -> String? {
            guard let text = nic.text("ip") else {
                guard nic.text("netmask") == nil else {
                    throw ProviderError(.invalidValue, "nics/\(nic.name): netmask needs ip")
                }
                return nil
            }
            guard let address = AddressText(text) else {
                throw ProviderError(.invalidValue, "nics/\(nic.name)/ip: \(text) is no address")
            }
            guard let mask = nic.text("netmask") else { return address.prefix == nil ? nil : text }
            guard let prefix = address.prefix(ofMask: mask), address.prefix == nil || address.prefix == prefix else {
                throw ProviderError(.invalidValue, "nics/\(nic.name)/netmask: \(mask) does not fit \(text)")
            }
            return "\(address.host)/\(prefix)"
        }

        /// The address without its prefix, as the draft has it.
        public static func plainAddress(_ nic: Specification) -> String? {
            nic.text("ip").flatMap(AddressText.init)?.host
        }

        func configuration(dns: [String], domain: String?) -> YAMLNode {
            var entries: [YAMLNode.Entry] = []
            if let mac { entries.append(.init("match", .mapping([.init("macaddress", .string(mac))]))) }
            if let address {
                entries.append(.init("dhcp4", .bool(false)))
                entries.append(.init("addresses", .sequence([.string(address)])))
            } else {
                entries.append(.init("dhcp4", .bool(true)))
            }
            if let gateway {
                let all = gateway.contains(":") ? "::/0" : "0.0.0.0/0"
                let route = YAMLNode.mapping([.init("to", .string(all)), .init("via", .string(gateway))])
                entries.append(.init("routes", .sequence([route])))
            }
            if let mtu { entries.append(.init("mtu", .int(mtu))) }
            let servers = self.dns.isEmpty ? dns : self.dns
            let search = self.domain ?? domain
            var resolving: [YAMLNode.Entry] = []
            if !servers.isEmpty { resolving.append(.init("addresses", .sequence(servers.map(YAMLNode.string)))) }
            // What DHCP tells is not overruled without need.
            if let search, address != nil || !servers.isEmpty || self.domain != nil {
                resolving.append(.init("search", .sequence([.string(search)])))
            }
            if !resolving.isEmpty { entries.append(.init("nameservers", .mapping(resolving))) }
            return .mapping(entries)
        }
    }
}
