import ProviderAPI
import ProviderKit

/// The account's own AMIs, and those of others that the configuration lists.
struct Images: CollectionService {
    let account: Account

    var operations: Set<Operation> { Self.all }
    static let all: Set<Operation> = [.listImages, .deleteImage]

    /// One call for the account's own and one for each owner that the configuration names.
    func list() async throws(ProviderError) -> [Image] {
        let owners = Dictionary(grouping: account.imageFilters, by: \.owner)
        let others = try await owners.sorted { $0.key < $1.key }.concurrently { group async throws(ProviderError) in
            try await account.ec2.images(
                owners: [group.key], [("name", group.value.map(\.pattern))], to: "list images of \(group.key)")
        }
        let own = try await account.ec2.images(owners: ["self"], to: "list images")
        var seen: Set<String> = []
        let all = (own + others.flatMap { $0 }).filter { seen.insert($0.id).inserted }
        return account.images.apply(to: all, id: \.id).map(Image.init)
    }

    func items(_ ids: [Image.ID]) async throws(ProviderError) -> [Image] {
        let wanted = Set(ids)
        guard ids.count <= EC2.filterLimit else { return try await list().filter { wanted.contains($0.id) } }
        let found = try await account.ec2.images([("image-id", ids.map(\.rawValue))], to: "read images")
        return account.images.apply(to: found, asked: ids.map(\.rawValue), id: \.id).map(Image.init)
    }

    func delete(_ id: Image.ID, _ job: any JobReporter) async throws(ProviderError) {
        guard
            let image = try await account.ec2.images(owners: ["self"], [("image-id", [id.rawValue])], to: "read \(id)")
                .first
        else {
            throw ProviderError(.forbidden, "\(id) is no image of this account")
        }
        try await remove(image)
    }

    /// The image, and the snapshots that were made for it.
    func remove(_ image: EC2.MachineImage) async throws(ProviderError) {
        let what = "delete \(image.name ?? image.id)"
        try await account.ec2.deregisterImage(image.id, to: what)
        account.images.noteGone(image.id)
        for snapshot in image.devices.compactMap(\.snapshot) {
            do throws(ProviderError) {
                try await account.ec2.deleteSnapshot(snapshot, to: what)
            } catch {
                // Another image of the same snapshot keeps it.
                guard error.code == .busy || error.code == .notFound || error.code == .forbidden else { throw error }
            }
        }
    }
}

extension Image {
    /// An AMI as an image.
    init(_ image: EC2.MachineImage) {
        let size = image.devices.compactMap(\.size).reduce(0, +)
        self.init(
            id: .init(image.id), name: image.name ?? image.tags[Tags.name] ?? image.id,
            size: size == 0 ? nil : size << 30, format: "ami", status: image.state,
            os: image.platform, pool: image.owner)
    }
}

/// The instance types of a region.
struct Flavors: CollectionService {
    let account: Account

    var operations: Set<Operation> { Self.all }
    static let all: Set<Operation> = [.listFlavors]

    func list() async throws(ProviderError) -> [Flavor] {
        try await account.types.all().map(Flavor.init)
    }

    func items(_ ids: [Flavor.ID]) async throws(ProviderError) -> [Flavor] {
        try await account.types.types(Set(ids.map(\.rawValue))).values.map(Flavor.init)
    }
}
