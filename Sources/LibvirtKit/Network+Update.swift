import CLibvirt

extension Network {
    /// A part of a network that can change while it runs (virNetworkUpdateSection).
    public enum Section: Sendable, Hashable, CaseIterable {
        /// `forward/interface`: an interface of the host.
        case forwardInterface
        /// `ip/dhcp/range`: addresses to give out.
        case dhcpRange
        /// `ip/dhcp/host`: an address that is kept for a guest.
        case dhcpHost
        /// `portgroup`: a kind of port.
        case portgroup
        /// `dns/host`: names of an address.
        case dnsHost
        /// `dns/txt`: a text.
        case dnsText
        /// `dns/srv`: where a service is.
        case dnsService

        var number: UInt32 {
            switch self {
            case .forwardInterface: VIR_NETWORK_SECTION_FORWARD_INTERFACE.rawValue
            case .dhcpRange: VIR_NETWORK_SECTION_IP_DHCP_RANGE.rawValue
            case .dhcpHost: VIR_NETWORK_SECTION_IP_DHCP_HOST.rawValue
            case .portgroup: VIR_NETWORK_SECTION_PORTGROUP.rawValue
            case .dnsHost: VIR_NETWORK_SECTION_DNS_HOST.rawValue
            case .dnsText: VIR_NETWORK_SECTION_DNS_TXT.rawValue
            case .dnsService: VIR_NETWORK_SECTION_DNS_SRV.rawValue
            }
        }
    }

    /// What is done to the part (virNetworkUpdateCommand).
    public enum UpdateCommand: Sendable, Hashable {
        case add, change, delete

        var number: UInt32 {
            switch self {
            case .add: VIR_NETWORK_UPDATE_COMMAND_ADD_LAST.rawValue
            case .change: VIR_NETWORK_UPDATE_COMMAND_MODIFY.rawValue
            case .delete: VIR_NETWORK_UPDATE_COMMAND_DELETE.rawValue
            }
        }
    }

    /// What a change affects (virNetworkUpdateFlags).
    public enum Impact: Sendable, Hashable {
        /// The running network.
        case live
        /// The definition, from the next start on.
        case config

        var number: UInt32 {
            switch self {
            case .live: VIR_NETWORK_UPDATE_AFFECT_LIVE.rawValue
            case .config: VIR_NETWORK_UPDATE_AFFECT_CONFIG.rawValue
            }
        }
    }

    /// Changes a part of the running network, of its definition or, with nil, of both as far as they are there
    /// (virNetworkUpdate). `parent` is the number of the `ip` element for what is in one; -1 lets libvirt find it.
    public func update(
        _ command: UpdateCommand, _ section: Section, _ xml: String, parent: Int = -1, _ impact: Impact? = nil
    ) throws(LibvirtError) {
        var flags = impact?.number ?? 0
        if impact == nil {
            if try isActive() { flags |= Impact.live.number }
            if try isPersistent() { flags |= Impact.config.number }
        }
        try check(virNetworkUpdate(pointer, command.number, section.number, Int32(clamping: parent), xml, flags))
    }
}
