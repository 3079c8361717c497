import ProviderAPI

/// The simulated platform's own facts.
struct HostFacts: HostService {
    let cloud: Cloud

    func info() async throws(ProviderError) -> [Value.Entry] {
        try await cloud.enter(.hostInfo)
        return try cloud.change { state in
            let running = state.machines.facts.filter { $0.status != .down && $0.status != .crashed }
            let pools = state.pools.facts
            return [
                Value.Entry("name", .text("fake-cloud")),
                Value.Entry("version", .text("1.0")),
                Value.Entry("region", .text("nowhere-1")),
                Value.Entry("hypervisors", .number(8)),
                Value.Entry("seed", .number(Int(clamping: state.options.seed))),
                Value.Entry("vms", .number(state.machines.count)),
                Value.Entry("vms_running", .number(running.count)),
                Value.Entry("vms_quota", .number(state.options.vmQuota)),
                Value.Entry("memory_used", .number(running.reduce(0) { $0 + ($1.memory ?? 0) })),
                Value.Entry("cpus_used", .number(running.reduce(0) { $0 + ($1.cpus ?? 0) })),
                Value.Entry("storage_capacity", .number(pools.reduce(0) { $0 + ($1.capacity ?? 0) })),
                Value.Entry("storage_allocation", .number(pools.reduce(0) { $0 + ($1.allocation ?? 0) })),
                Value.Entry("content_used", .number(state.contentUsed)),
            ]
        }
    }
}
