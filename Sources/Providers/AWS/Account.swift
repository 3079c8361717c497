import ProviderAPI
import ProviderKit
import Synchronization

/// What the EC2 services of one provider share: the client, what is asked only once, and what was written a moment ago.
final class Account: Sendable {
    let name: String
    let ec2: EC2
    let region: String
    /// The zone that new machines and volumes go to where nothing else says; nil leaves it to EC2.
    let zone: String?
    /// The key pair of new machines that name none.
    let keyPair: String?
    /// Which images of others are listed, and whose images may be named.
    let imageFilters: [ImageFilter]
    let types: TypeCatalog
    let instances = WriteOverlay<String, EC2.Instance>()
    let volumes = WriteOverlay<String, EC2.Volume>()
    let snapshots = WriteOverlay<String, EC2.Snapshot>()
    let images = WriteOverlay<String, EC2.MachineImage>()
    let vpcs = WriteOverlay<String, EC2.VPC>()
    let subnets = WriteOverlay<String, EC2.NetworkRange>()
    let groups = WriteOverlay<String, EC2.Group>()

    init(name: String, ec2: EC2, options: AWSOptions) {
        self.name = name
        self.ec2 = ec2
        region = options.region
        zone = options.zone
        keyPair = options.keyPair
        imageFilters = options.images
        types = TypeCatalog(ec2: ec2)
    }

    /// One machine as it is now; `notFound` where it is gone.
    func instance(_ id: String) async throws(ProviderError) -> EC2.Instance {
        let found = try await ec2.instances([("instance-id", [id])], to: "read \(id)")
        guard let instance = instances.apply(to: found, asked: [id], id: \.id).first else {
            throw ProviderError(.notFound, "\(id): there is no such instance, or it was terminated")
        }
        return instance
    }

    /// These machines; those that are gone are left out. More than a filter takes are picked from all.
    func current(_ ids: [String]) async throws(ProviderError) -> [EC2.Instance] {
        let filters: EC2.Filters = ids.count > EC2.filterLimit ? [] : [("instance-id", ids)]
        let wanted = Set(ids)
        let found = try await ec2.instances(filters, to: "read virtual machines")
        return instances.apply(to: found, asked: ids, id: \.id).filter { wanted.contains($0.id) }
    }

    /// One volume as it is now; `notFound` where it is gone.
    func volume(_ id: String) async throws(ProviderError) -> EC2.Volume {
        let found = try await ec2.volumes([("volume-id", [id])], to: "read \(id)")
        guard let volume = volumes.apply(to: found, asked: [id], id: \.id).first else {
            throw ProviderError(.notFound, "\(id): there is no such volume")
        }
        return volume
    }
}

/// The instance types of the region: asked for once, since a region hardly ever gets new ones.
final class TypeCatalog: Sendable {
    private struct State {
        var known: [String: EC2.InstanceType] = [:]
        /// When all were asked for.
        var complete: ContinuousClock.Instant?
    }

    private let ec2: EC2
    private let state = Mutex(State())
    private static let lifetime = Duration.seconds(24 * 3600)

    init(ec2: EC2) {
        self.ec2 = ec2
    }

    /// All of them.
    func all() async throws(ProviderError) -> [EC2.InstanceType] {
        if let known = complete() { return known }
        let types = try await ec2.instanceTypes(to: "list instance types")
        state.withLock { state in
            state.known = Dictionary(types.map { ($0.name, $0) }) { $1 }
            state.complete = .now
        }
        return types
    }

    private func complete() -> [EC2.InstanceType]? {
        state.withLock { state in
            guard let complete = state.complete, complete.duration(to: .now) < Self.lifetime else { return nil }
            return Array(state.known.values)
        }
    }

    /// These, by name; one that the region does not have is left out. At most one call for each hundred that are new.
    func types(_ names: Set<String>) async throws(ProviderError) -> [String: EC2.InstanceType] {
        let unknown = state.withLock { state in names.filter { state.known[$0] == nil }.sorted() }
        // A filter, since one name that EC2 does not know would fail the call for all.
        for start in stride(from: 0, to: unknown.count, by: 100) {
            let part = Array(unknown[start..<min(start + 100, unknown.count)])
            let found = try await ec2.instanceTypes(named: part, to: "read instance types")
            state.withLock { state in for type in found { state.known[type.name] = type } }
        }
        return state.withLock { state in state.known.filter { names.contains($0.key) } }
    }
}
