import ProviderAPI

/// The sizes of server that the project may use.
struct Flavors: CollectionService {
    let cloud: Cloud
    static let supported: Set<Operation> = [.listFlavors]
    var operations: Set<Operation> { Self.supported }

    func list() async throws(ProviderError) -> [Flavor] {
        let flavors = try await cloud.list(
            FlavorPayload.self, "flavors", .compute, "flavors/detail", to: "list flavors")
        return flavors.map { listed in
            switch listed {
            case .payload(let flavor):
                return Flavor(
                    id: .init(flavor.id), name: flavor.name, cpus: flavor.vcpus, memory: flavor.ram, disk: flavor.disk,
                    description: flavor.description)
            case .odd(let id, let name, let reason):
                var flavor = Flavor(id: .init(id), name: name)
                flavor.fault = reason
                return flavor
            }
        }
    }
}
