import CLibvirt

/// What virNodeGetInfo tells of a host.
public struct NodeInfo: Sendable, Hashable {
    /// `x86_64`, ...
    public let model: String
    /// KiB.
    public let memory: Int
    /// Active processors.
    public let cpus: Int
    /// MHz; 0 where unknown.
    public let megahertz: Int
    /// NUMA nodes.
    public let nodes: Int
    /// Sockets of each node.
    public let sockets: Int
    /// Cores of each socket.
    public let cores: Int
    /// Threads of each core.
    public let threads: Int
}

extension Connection {
    /// The host's name (virConnectGetHostname).
    public func hostname() throws(LibvirtError) -> String {
        try adopt(virConnectGetHostname(pointer))
    }

    /// The host's processors and memory (virNodeGetInfo).
    public func nodeInfo() throws(LibvirtError) -> NodeInfo {
        var info = virNodeInfo()
        try check(virNodeGetInfo(pointer, &info))
        let model = withUnsafeBytes(of: info.model) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return NodeInfo(
            model: model, memory: Int(info.memory), cpus: Int(info.cpus), megahertz: Int(info.mhz),
            nodes: Int(info.nodes), sockets: Int(info.sockets), cores: Int(info.cores), threads: Int(info.threads))
    }

    /// Bytes of memory that are free (virNodeGetFreeMemory).
    public func freeMemory() throws(LibvirtError) -> Int {
        // The function answers 0 when it fails.
        let bytes = virNodeGetFreeMemory(pointer)
        guard bytes > 0 else { throw .last() }
        return Int(bytes)
    }

    /// The hypervisor's version (virConnectGetVersion), `7.2.18`.
    public func hypervisorVersion() throws(LibvirtError) -> String {
        var version: UInt = 0
        try check(virConnectGetVersion(pointer, &version))
        return Self.dotted(version)
    }

    /// The version of the library on the other side (virConnectGetLibVersion), `9.0.0`.
    public func libraryVersion() throws(LibvirtError) -> String {
        var version: UInt = 0
        try check(virConnectGetLibVersion(pointer, &version))
        return Self.dotted(version)
    }

    /// The host's capabilities as XML (virConnectGetCapabilities).
    public func capabilities() throws(LibvirtError) -> String {
        try adopt(virConnectGetCapabilities(pointer))
    }

    /// What domains can have, as XML (virConnectGetDomainCapabilities); nil lets the driver choose.
    public func domainCapabilities(architecture: String?, machine: String?, virtualization: String?)
        throws(LibvirtError) -> String
    {
        try adopt(virConnectGetDomainCapabilities(pointer, nil, architecture, machine, virtualization, 0))
    }

    private static func dotted(_ version: UInt) -> String {
        "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
    }
}
