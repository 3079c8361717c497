import CLibvirt

extension Network {
    /// A part of a network's definition that can change while it runs (virNetworkUpdateSection).
    public enum Section: Sendable {
        /// `ip/dhcp/host`: an address that is kept for a guest.
        case dhcpHost
        /// `dns/host`: names of an address.
        case dnsHost

        var number: UInt32 {
            switch self {
            case .dhcpHost: VIR_NETWORK_SECTION_IP_DHCP_HOST.rawValue
            case .dnsHost: VIR_NETWORK_SECTION_DNS_HOST.rawValue
            }
        }
    }

    /// What is done to the part (virNetworkUpdateCommand).
    public enum UpdateCommand: Sendable {
        case add, change, delete

        var number: UInt32 {
            switch self {
            case .add: VIR_NETWORK_UPDATE_COMMAND_ADD_LAST.rawValue
            case .change: VIR_NETWORK_UPDATE_COMMAND_MODIFY.rawValue
            case .delete: VIR_NETWORK_UPDATE_COMMAND_DELETE.rawValue
            }
        }
    }

    /// Changes a part of the running network and of its definition (virNetworkUpdate).
    public func update(_ command: UpdateCommand, _ section: Section, _ xml: String) throws(LibvirtError) {
        var flags: UInt32 = 0
        if try isActive() { flags |= VIR_NETWORK_UPDATE_AFFECT_LIVE.rawValue }
        if try isPersistent() { flags |= VIR_NETWORK_UPDATE_AFFECT_CONFIG.rawValue }
        try check(virNetworkUpdate(pointer, command.number, section.number, -1, xml, flags))
    }
}
