import ProviderAPI

/// The sizes of machine that are sold.
struct FlavorService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    let operations: Set<Operation> = [.listFlavors]

    func list() async throws(ProviderError) -> [Flavor] {
        try await cloud.enter(.listFlavors)
        return try cloud.garbled(try cloud.change { $0.flavors.facts })
    }

    func items(_ ids: [Flavor.ID]) async throws(ProviderError) -> [Flavor] {
        try await cloud.enter(.listFlavors, label: "flavors.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.flavors[$0]?.facts } })
    }
}
