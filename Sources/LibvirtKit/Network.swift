import CLibvirt
import Glibc

/// An address that a network's DHCP server gave out (virNetworkDHCPLease).
public struct Lease: Sendable, Hashable {
    /// Hardware address.
    public let mac: String
    /// The address, without prefix length.
    public let address: String
    /// Seconds since 1970 at which it ends.
    public let expiry: Int
    /// The name the guest gave.
    public let hostname: String?
}

/// A virtual network (virNetworkPtr), owned. Every method blocks.
public final class Network {
    let pointer: virNetworkPtr

    init(adopting pointer: virNetworkPtr) {
        self.pointer = pointer
    }

    deinit {
        virNetworkFree(pointer)
    }

    /// Its name (virNetworkGetName).
    public var name: String { copied(virNetworkGetName(pointer)) }

    /// Its identity (virNetworkGetUUIDString).
    public var uuid: String { LibvirtKit.uuid { virNetworkGetUUIDString(pointer, $0) } }

    /// Its XML (virNetworkGetXMLDesc): as it runs, or as it will at the next start.
    public func xml(inactive: Bool = false) throws(LibvirtError) -> String {
        guard inactive else { return try adopt(virNetworkGetXMLDesc(pointer, 0)) }
        let xml = virNetworkGetXMLDesc(pointer, VIR_NETWORK_XML_INACTIVE.rawValue)
        if xml == nil, LibvirtError.last().code == .invalidArgument {
            // A driver that keeps one definition only does not know the flag.
            return try adopt(virNetworkGetXMLDesc(pointer, 0))
        }
        return try adopt(xml)
    }

    /// Whether it is started (virNetworkIsActive).
    public func isActive() throws(LibvirtError) -> Bool {
        try check(virNetworkIsActive(pointer)) == 1
    }

    /// Whether it has a definition (virNetworkIsPersistent).
    public func isPersistent() throws(LibvirtError) -> Bool {
        try check(virNetworkIsPersistent(pointer)) == 1
    }

    /// Starts it (virNetworkCreate).
    public func start() throws(LibvirtError) {
        try check(virNetworkCreate(pointer))
    }

    /// Stops it (virNetworkDestroy).
    public func stop() throws(LibvirtError) {
        try check(virNetworkDestroy(pointer))
    }

    /// Forgets its definition (virNetworkUndefine).
    public func undefine() throws(LibvirtError) {
        try check(virNetworkUndefine(pointer))
    }

    /// Makes it start with its host, or not (virNetworkSetAutostart).
    public func setAutostart(_ flag: Bool) throws(LibvirtError) {
        try check(virNetworkSetAutostart(pointer, flag ? 1 : 0))
    }

    /// The addresses its DHCP server gave out (virNetworkGetDHCPLeases).
    public func leases() throws(LibvirtError) -> [Lease] {
        var list: UnsafeMutablePointer<virNetworkDHCPLeasePtr?>?
        let count = try check(virNetworkGetDHCPLeases(pointer, nil, &list, 0))
        defer { free(list) }
        guard let list else { return [] }
        return (0..<Int(count)).compactMap { index in
            guard let lease = list[index] else { return nil }
            defer { virNetworkDHCPLeaseFree(lease) }
            return Lease(
                mac: copied(lease.pointee.mac), address: copied(lease.pointee.ipaddr),
                expiry: Int(lease.pointee.expirytime), hostname: lease.pointee.hostname.map { String(cString: $0) })
        }
    }
}

/// Which networks a listing has (virConnectListAllNetworksFlags); none set means all.
public struct NetworkFilter: OptionSet, Sendable {
    /// libvirt's bits.
    public let rawValue: UInt32

    /// Wraps libvirt's bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Those that are started.
    public static let active = Self(rawValue: VIR_CONNECT_LIST_NETWORKS_ACTIVE.rawValue)
    /// Those that start with their host.
    public static let autostart = Self(rawValue: VIR_CONNECT_LIST_NETWORKS_AUTOSTART.rawValue)
}

extension Connection {
    /// Virtual networks, in one call (virConnectListAllNetworks).
    public func networks(_ filter: NetworkFilter = []) throws(LibvirtError) -> [Network] {
        try adoptList(Network.init(adopting:)) { virConnectListAllNetworks(pointer, $0, filter.rawValue) }
    }

    /// The network of a UUID (virNetworkLookupByUUIDString).
    public func network(uuid: String) throws(LibvirtError) -> Network {
        Network(adopting: try check(virNetworkLookupByUUIDString(pointer, uuid)))
    }

    /// The network of a name (virNetworkLookupByName).
    public func network(named name: String) throws(LibvirtError) -> Network {
        Network(adopting: try check(virNetworkLookupByName(pointer, name)))
    }

    /// Defines or redefines a persistent network (virNetworkDefineXML).
    public func define(network xml: String) throws(LibvirtError) -> Network {
        Network(adopting: try check(virNetworkDefineXML(pointer, xml)))
    }
}
