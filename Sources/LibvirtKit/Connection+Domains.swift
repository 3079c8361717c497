import CLibvirt

/// Which domains a listing has (virConnectListAllDomainsFlags); none set means all.
public struct DomainFilter: OptionSet, Sendable {
    /// libvirt's bits.
    public let rawValue: UInt32

    /// Wraps libvirt's bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Running, paused, ...
    public static let active = Self(rawValue: VIR_CONNECT_LIST_DOMAINS_ACTIVE.rawValue)
    /// Defined and off.
    public static let inactive = Self(rawValue: VIR_CONNECT_LIST_DOMAINS_INACTIVE.rawValue)
    /// Running, and in no other active state.
    public static let running = Self(rawValue: VIR_CONNECT_LIST_DOMAINS_RUNNING.rawValue)
    /// Shut off, and neither crashed nor in another inactive state.
    public static let shutOff = Self(rawValue: VIR_CONNECT_LIST_DOMAINS_SHUTOFF.rawValue)
    /// Those that start with their host.
    public static let autostart = Self(rawValue: VIR_CONNECT_LIST_DOMAINS_AUTOSTART.rawValue)
    /// Those with at least one snapshot.
    public static let withSnapshots = Self(rawValue: VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT.rawValue)
}

/// What virConnectGetAllDomainStats tells of one domain. A fact that was not asked for, or that the driver does not give,
/// is nil.
public struct DomainStats: Sendable, Hashable {
    /// The domain's identity.
    public let uuid: String
    /// Its name.
    public let name: String
    /// Its state.
    public let state: DomainState?
    /// Virtual processors now (`vcpu.current`).
    public let vcpus: Int?
    /// KiB of memory now (`balloon.current`).
    public let memory: Int?
}

/// What to ask virConnectGetAllDomainStats for (virDomainStatsTypes).
public struct DomainStatsTypes: OptionSet, Sendable {
    /// libvirt's bits.
    public let rawValue: UInt32

    /// Wraps libvirt's bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The state; never asks the hypervisor's process.
    public static let state = Self(rawValue: VIR_DOMAIN_STATS_STATE.rawValue)
    /// Memory; asks the process of a running domain.
    public static let balloon = Self(rawValue: VIR_DOMAIN_STATS_BALLOON.rawValue)
    /// Processors; asks the process of a running domain.
    public static let vcpu = Self(rawValue: VIR_DOMAIN_STATS_VCPU.rawValue)
}

extension Connection {
    /// Domains, in one call (virConnectListAllDomains).
    public func domains(_ filter: DomainFilter = []) throws(LibvirtError) -> [Domain] {
        try adoptList(Domain.init(adopting:)) { virConnectListAllDomains(pointer, $0, filter.rawValue) }
    }

    /// Facts of many domains, in one call (virConnectGetAllDomainStats). It never waits for a domain that is busy
    /// with another job.
    public func stats(_ types: DomainStatsTypes, of filter: DomainFilter = []) throws(LibvirtError) -> [DomainStats] {
        var records: UnsafeMutablePointer<virDomainStatsRecordPtr?>?
        let flags = filter.rawValue | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT.rawValue
        let count = try check(virConnectGetAllDomainStats(pointer, types.rawValue, &records, flags))
        defer { virDomainStatsRecordListFree(records) }
        guard let records else { return [] }
        return (0..<Int(count)).compactMap { records[$0].map { Self.stats($0.pointee) } }
    }

    private static func stats(_ record: virDomainStatsRecord) -> DomainStats {
        let parameters = record.params
        let count = record.nparams
        var state: Int32 = 0
        let hasState = virTypedParamsGetInt(parameters, count, "state.state", &state) == 1
        var reason: Int32 = 0
        virTypedParamsGetInt(parameters, count, "state.reason", &reason)
        var vcpus: UInt32 = 0
        let hasVCPUs = virTypedParamsGetUInt(parameters, count, "vcpu.current", &vcpus) == 1
        var memory: UInt64 = 0
        let hasMemory = virTypedParamsGetULLong(parameters, count, "balloon.current", &memory) == 1
        return DomainStats(
            uuid: uuid { virDomainGetUUIDString(record.dom, $0) }, name: copied(virDomainGetName(record.dom)),
            state: hasState ? DomainState(number: state, reason: reason) : nil, vcpus: hasVCPUs ? Int(vcpus) : nil,
            memory: hasMemory ? Int(memory) : nil)
    }

    /// The domain of a UUID (virDomainLookupByUUIDString).
    public func domain(uuid: String) throws(LibvirtError) -> Domain {
        Domain(adopting: try check(virDomainLookupByUUIDString(pointer, uuid)))
    }

    /// The domain of a name (virDomainLookupByName).
    public func domain(named name: String) throws(LibvirtError) -> Domain {
        Domain(adopting: try check(virDomainLookupByName(pointer, name)))
    }

    /// Defines or redefines a persistent domain (virDomainDefineXML).
    public func define(domain xml: String) throws(LibvirtError) -> Domain {
        Domain(adopting: try check(virDomainDefineXML(pointer, xml)))
    }
}
