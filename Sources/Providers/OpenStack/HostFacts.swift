import ProviderAPI

/// The project's limits, and the hypervisors where the account may see them.
struct HostFacts: HostService {
    let cloud: Cloud

    private struct ComputeLimits: Decodable, Sendable {
        var absolute: [String: Int]
    }

    private struct Zone: Decodable, Sendable {
        struct State: Decodable, Sendable { var available: Bool }
        var zoneName: String
        var zoneState: State?
    }

    private struct Hypervisor: Decodable, Sendable {
        var state: String?
        var status: String?
    }

    func info() async throws(ProviderError) -> [Value.Entry] {
        let session = try await cloud.keystone.session()
        var facts: [Value.Entry] = [
            .init("project", Value(session.project?.name)), .init("project_id", Value(session.project?.id)),
            .init("user", Value(session.user?.name)), .init("roles", Value(session.roles.sorted())),
            .init("region", Value(cloud.keystone.account.region)),
            .init("services", Value(session.catalog.services.map(\.rawValue).sorted())),
        ]
        let what = "read the limits"
        let limits = try await cloud.document(ComputeLimits.self, "limits", .compute, "limits", to: what).absolute
        for (fact, key) in Self.computeLimits { facts.append(.init(fact, Value(limits[key].flatMap(Self.limit)))) }
        if session.catalog[.volume] != nil {
            let limits = try await cloud.document(ComputeLimits.self, "limits", .volume, "limits", to: what).absolute
            for (fact, key) in Self.volumeLimits { facts.append(.init(fact, Value(limits[key].flatMap(Self.limit)))) }
        }
        let zones = try await cloud.document(
            [Zone].self, "availabilityZoneInfo", .compute, "os-availability-zone", to: "list availability zones")
        facts.append(.init("zones", Value(zones.map(\.zoneName).sorted())))
        facts.append(.init("hypervisors", Value(try await hypervisors())))
        return facts
    }

    /// -1 is no limit at all.
    private static func limit(_ number: Int) -> Int? { number < 0 ? nil : number }

    private static let computeLimits = [
        ("vms", "totalInstancesUsed"), ("vms_quota", "maxTotalInstances"), ("cpus_used", "totalCoresUsed"),
        ("cpus_quota", "maxTotalCores"), ("memory_used", "totalRAMUsed"), ("memory_quota", "maxTotalRAMSize"),
    ]

    private static let volumeLimits = [
        ("volumes", "totalVolumesUsed"), ("volumes_quota", "maxTotalVolumes"),
        ("storage_used", "totalGigabytesUsed"), ("storage_quota", "maxTotalVolumeGigabytes"),
    ]

    /// How many there are; nil where the account may not know.
    private func hypervisors() async throws(ProviderError) -> Int? {
        do throws(ProviderError) {
            return try await cloud.list(
                Hypervisor.self, "hypervisors", .compute, "os-hypervisors", to: "list hypervisors"
            ).count
        } catch {
            guard error.code == .forbidden else { throw error }
            return nil
        }
    }
}
