import ProviderAPI

/// The project's limits, and the hypervisors where the account may see them.
struct HostFacts: HostService {
    let cloud: Cloud

    private struct Limits: Decodable, Sendable {
        var absolute: [String: Int]
    }

    /// Of one thing that Networking counts.
    private struct Quota: Decodable, Sendable {
        var limit: Int?
        var used: Int?
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

    /// What one service tells.
    private struct Part: Sendable {
        var facts: [Value.Entry] = []
        /// Why its facts are empty.
        var failure: ProviderError?
    }

    /// A fact that cannot be had is empty, and `fault` says why: the others are there all the same.
    func info() async throws(ProviderError) -> [Value.Entry] {
        let session = try await cloud.keystone.session()
        async let compute = part(.compute, Self.computeLimits.map(\.fact)) { () async throws(ProviderError) in
            try await limits(.compute, Self.computeLimits)
        }
        async let zones = part(.compute, ["zones"]) { () async throws(ProviderError) in
            [.init("zones", Value(try await zoneNames()))]
        }
        async let hypervisors = part(.compute, ["hypervisors"]) { () async throws(ProviderError) in
            [.init("hypervisors", Value(try await hypervisorCount()))]
        }
        async let volume = part(.volume, Self.volumeLimits.map(\.fact)) { () async throws(ProviderError) in
            try await limits(.volume, Self.volumeLimits)
        }
        async let network = part(.network, Self.quotaNames) { () async throws(ProviderError) in
            try await networkQuotas(session.project?.id)
        }
        let parts = await [compute, volume, network, zones, hypervisors]
        if let interruption = parts.compactMap(\.failure).first(where: { $0.code == .cancelled }) { throw interruption }
        let facts: [Value.Entry] = [
            .init("project", Value(session.project?.name)), .init("project_id", Value(session.project?.id)),
            .init("user", Value(session.user?.name)), .init("roles", Value(session.roles.sorted())),
            .init("region", Value(cloud.keystone.account.region)),
            .init("services", Value(session.catalog.services.map(\.rawValue).sorted())),
        ]
        var reasons: [String] = []
        for reason in parts.compactMap(\.failure?.description) where !reasons.contains(reason) {
            reasons.append(reason)
        }
        return facts + parts.flatMap(\.facts) + [.init("fault", Value(reasons.joined(separator: "; ")))]
    }

    /// What one service tells; its facts are empty where it does not, and are none where the cloud has no such service.
    private func part(
        _ service: CloudService, _ names: [String],
        _ body: @escaping @Sendable () async throws(ProviderError) -> [Value.Entry]
    ) async -> Part {
        switch await cloud.attempt(service, body) {
        case .success(let facts): Part(facts: facts)
        case .failure(let error) where error.code == .unsupported: Part()
        case .failure(let error): Part(facts: names.map { .init($0, .none) }, failure: error)
        }
    }

    private func limits(
        _ service: CloudService, _ names: [(fact: String, key: String)]
    ) async throws(ProviderError) -> [Value.Entry] {
        let what = "read the limits of \(service.rawValue)"
        let limits = try await cloud.document(Limits.self, "limits", service, "limits", to: what).absolute
        return names.map { .init($0.fact, Value(limits[$0.key].flatMap(Self.limit))) }
    }

    /// `GET /v2.0/quotas/{project_id}/details` (extension `quota_details`); no facts where Networking lacks it.
    private func networkQuotas(_ project: String?) async throws(ProviderError) -> [Value.Entry] {
        guard let project else { return [] }
        let found = try await cloud.found(
            [String: Quota].self, "quota", .network, "quotas/\(project)/details", to: "read the quotas of network")
        guard let quotas = found else { return [] }
        return Self.networkQuotas.flatMap { fact, key -> [Value.Entry] in
            [
                .init("\(fact)_used", Value(quotas[key]?.used)),
                .init("\(fact)_quota", Value(quotas[key]?.limit.flatMap(Self.limit))),
            ]
        }
    }

    private func zoneNames() async throws(ProviderError) -> [String] {
        try await cloud.document(
            [Zone].self, "availabilityZoneInfo", .compute, "os-availability-zone", to: "list availability zones"
        ).map(\.zoneName).sorted()
    }

    /// -1 is no limit at all.
    private static func limit(_ number: Int) -> Int? { number < 0 ? nil : number }

    private static let computeLimits: [(fact: String, key: String)] = [
        ("vms", "totalInstancesUsed"), ("vms_quota", "maxTotalInstances"), ("cpus_used", "totalCoresUsed"),
        ("cpus_quota", "maxTotalCores"), ("memory_used", "totalRAMUsed"), ("memory_quota", "maxTotalRAMSize"),
    ]

    private static let volumeLimits: [(fact: String, key: String)] = [
        ("volumes", "totalVolumesUsed"), ("volumes_quota", "maxTotalVolumes"),
        ("storage_used", "totalGigabytesUsed"), ("storage_quota", "maxTotalVolumeGigabytes"),
    ]

    private static let networkQuotas = [
        ("networks", "network"), ("subnets", "subnet"), ("ports", "port"), ("routers", "router"),
        ("floating_ips", "floatingip"), ("security_groups", "security_group"),
    ]
    private static let quotaNames = networkQuotas.flatMap { ["\($0.0)_used", "\($0.0)_quota"] }

    /// How many there are; nil where the account may not know.
    private func hypervisorCount() async throws(ProviderError) -> Int? {
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
