import CLibvirt
import Glibc

/// An interface as the guest or the lease file knows it (virDomainInterface).
public struct DomainInterface: Sendable, Hashable {
    /// The guest's or the host's name of it.
    public let name: String
    /// Hardware address; nil where unknown.
    public let mac: String?
    /// IPv4 and IPv6, without prefix length.
    public let addresses: [String]
}

extension Domain {
    /// Where addresses come from (virDomainInterfaceAddressesSource).
    public enum AddressSource: Sendable {
        /// The DHCP leases of libvirt's networks.
        case lease
        /// The guest agent.
        case agent
    }

    /// Its interfaces with their addresses (virDomainInterfaceAddresses).
    public func interfaces(from source: AddressSource) throws(LibvirtError) -> [DomainInterface] {
        let number: UInt32 =
            switch source {
            case .lease: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE.rawValue
            case .agent: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT.rawValue
            }
        var list: UnsafeMutablePointer<virDomainInterfacePtr?>?
        let count = try check(virDomainInterfaceAddresses(pointer, &list, number, 0))
        guard let list else { return [] }
        defer { free(list) }
        return (0..<Int(count)).compactMap { index in
            guard let interface = list[index] else { return nil }
            defer { virDomainInterfaceFree(interface) }
            return Self.interface(interface.pointee)
        }
    }

    private static func interface(_ raw: virDomainInterface) -> DomainInterface {
        let addresses = (0..<Int(raw.naddrs)).compactMap { index in raw.addrs.map { copied($0[index].addr) } }
        return DomainInterface(
            name: copied(raw.name), mac: raw.hwaddr.map { String(cString: $0) }, addresses: addresses)
    }

    /// How long commands to the guest agent may take, in seconds (virDomainAgentSetResponseTimeout).
    public func setAgentTimeout(seconds: Int32) throws(LibvirtError) {
        try check(virDomainAgentSetResponseTimeout(pointer, seconds, 0))
    }
}
