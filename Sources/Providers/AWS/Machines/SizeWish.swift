import ProviderAPI
import ProviderKit

/// What a machine must have, where its flavor is not named.
struct SizeWish: Sendable, Hashable {
    /// MiB.
    var memory: Int
    var cpus: Int
    var architecture: String
    /// `on-demand` or `spot`.
    var usage: String

    /// The name of the smallest type that fits: of the current generation, virtual, without accelerators. `outOfRange`
    /// where there is none.
    func choice(of types: [EC2.InstanceType]) throws(ProviderError) -> String {
        let flavors = types.filter(isOrdinary).map(Flavor.init)
        guard let flavor = Flavor.smallest(of: flavors, memory: memory, cpus: cpus) else {
            throw ProviderError(
                .outOfRange,
                "no instance type of \(architecture) has \(memory) MiB and \(cpus) processors: name a flavor")
        }
        return flavor.name
    }

    private func isOrdinary(_ type: EC2.InstanceType) -> Bool {
        type.isCurrent && !type.isBareMetal && !type.hasAccelerator && type.architectures.contains(architecture)
            && type.usageClasses.contains(usage) && type.virtualization.contains("hvm")
    }
}

extension Account {
    /// The name of the smallest type that fits and that is to be had in a zone, or in the region.
    func type(for wish: SizeWish, in zone: String?) async throws(ProviderError) -> String {
        async let known = types.all()
        async let offered = ec2.offeredTypes(in: zone, to: "choose an instance type")
        let choices: [EC2.InstanceType]
        do {
            let names = try await offered
            choices = try await known.filter { names.contains($0.name) }
        } catch {
            throw ProviderError(wrapping: error)
        }
        return try wish.choice(of: choices)
    }
}

extension Flavor {
    /// An instance type as a flavor.
    init(_ type: EC2.InstanceType) {
        self.init(
            id: .init(type.name), name: type.name, cpus: type.cpus, memory: type.memory, disk: type.disk,
            description: type.architectures.joined(separator: " ") + (type.isCurrent ? "" : ", previous generation"))
    }
}
