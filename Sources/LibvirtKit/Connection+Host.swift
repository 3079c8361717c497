import CLibvirt
import Glibc

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

/// Times of all of a host's processors together, in nanoseconds since its start (virNodeGetCPUStats).
public struct ProcessorTimes: Sendable, Hashable {
    /// All that passed.
    public let total: Int
    /// With nothing to do, or waiting for storage.
    public let idle: Int
}

extension Connection {
    /// Whether nobody on the way can read what is said: it is encrypted, or does not leave the host (virConnectIsSecure).
    public func isSecure() throws(LibvirtError) -> Bool {
        try check(virConnectIsSecure(pointer)) == 1
    }

    /// What the firmware tells of the host, as XML (virConnectGetSysinfo).
    public func systemInformation() throws(LibvirtError) -> String {
        try adopt(virConnectGetSysinfo(pointer, 0))
    }

    /// The most processors a machine can have (virConnectGetMaxVcpus).
    public func maximumProcessors() throws(LibvirtError) -> Int {
        Int(try check(virConnectGetMaxVcpus(pointer, nil)))
    }

    /// The host's own network interfaces that are up (virConnectListAllInterfaces).
    public func interfaceNames() throws(LibvirtError) -> [String] {
        var list: UnsafeMutablePointer<virInterfacePtr?>?
        let active = VIR_CONNECT_LIST_INTERFACES_ACTIVE.rawValue
        let count = try check(virConnectListAllInterfaces(pointer, &list, active))
        defer { free(list) }
        guard let list else { return [] }
        return (0..<Int(count)).compactMap { index in
            guard let interface = list[index] else { return nil }
            defer { virInterfaceFree(interface) }
            return copied(virInterfaceGetName(interface))
        }
    }

    /// What the host's processors did (virNodeGetCPUStats).
    public func processorTimes() throws(LibvirtError) -> ProcessorTimes {
        let all = Int32(VIR_NODE_CPU_STATS_ALL_CPUS.rawValue)
        var count: Int32 = 0
        try check(virNodeGetCPUStats(pointer, all, nil, &count, 0))
        var statistics = [virNodeCPUStats](repeating: virNodeCPUStats(), count: Int(count))
        try check(virNodeGetCPUStats(pointer, all, &statistics, &count, 0))
        var total = 0
        var idle = 0
        for one in statistics.prefix(Int(count)) {
            let name = withUnsafeBytes(of: one.field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard name != VIR_NODE_CPU_STATS_UTILIZATION else { continue }
            total += Int(clamping: one.value)
            if [VIR_NODE_CPU_STATS_IDLE, VIR_NODE_CPU_STATS_IOWAIT].contains(name) { idle += Int(clamping: one.value) }
        }
        return ProcessorTimes(total: total, idle: idle)
    }

    /// KiB of the host's memory by use: `total`, `free`, `buffers`, `cached` (virNodeGetMemoryStats).
    public func memoryStatistics() throws(LibvirtError) -> [String: Int] {
        let all = Int32(VIR_NODE_MEMORY_STATS_ALL_CELLS.rawValue)
        var count: Int32 = 0
        try check(virNodeGetMemoryStats(pointer, all, nil, &count, 0))
        var statistics = [virNodeMemoryStats](repeating: virNodeMemoryStats(), count: Int(count))
        try check(virNodeGetMemoryStats(pointer, all, &statistics, &count, 0))
        let pairs = statistics.prefix(Int(count)).map { one in
            let name = withUnsafeBytes(of: one.field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            return (name, Int(clamping: one.value))
        }
        return Dictionary(pairs) { first, _ in first }
    }

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
