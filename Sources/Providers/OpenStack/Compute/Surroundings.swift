import HTTPKit
import ProviderAPI

/// What other services tell about servers: their volumes, ports, images and snapshots. Where one of the services does not
/// answer, the others' facts are there all the same, and it is said what is missing.
struct Surroundings: Sendable {
    var volumes: [String: VolumePayload] = [:]
    var images: [String: ImagePayload] = [:]
    /// By the server they belong to, in order of creation.
    var ports: [String: [PortPayload]] = [:]
    /// Names by id.
    var networks: [String: String] = [:]
    /// What could not be read, in words.
    var gaps: [String] = []
}

extension Cloud {
    /// Those of every server: a listing each, side by side.
    func surroundings() async throws(ProviderError) -> Surroundings {
        async let volumes = attempt(.volume) { () async throws(ProviderError) in try await self.volumes() }
        async let images = attempt(.image) { () async throws(ProviderError) in try await self.images() }
        async let ports = attempt(.network) { () async throws(ProviderError) in
            try await self.ports(query: [])
        }
        async let networks = attempt(.network) { () async throws(ProviderError) in try await self.networkNames() }
        return try Self.join(volumes: await volumes, await images, await ports, await networks)
    }

    /// Those of one server: a call or two for each service.
    func surroundings(of server: ServerPayload) async throws(ProviderError) -> Surroundings {
        let ids = (server.volumes ?? []).map(\.id)
        async let volumes = attempt(.volume) { () async throws(ProviderError) in try await self.volumes(ids) }
        async let images = attempt(.image) { () async throws(ProviderError) in try await self.images(of: server) }
        async let ports = attempt(.network) { () async throws(ProviderError) in
            try await self.ports(query: [("device_id", server.id)])
        }
        async let networks = attempt(.network) { () async throws(ProviderError) in try await self.networkNames() }
        return try Self.join(volumes: await volumes, await images, await ports, await networks)
    }

    /// Asks one of the services, for as long as the others can wait for it.
    func attempt<Value: Sendable>(
        _ service: CloudService, _ body: @escaping @Sendable () async throws(ProviderError) -> Value
    ) async -> Result<Value, ProviderError> {
        let patience = silences.patience(with: service, at: time.uptime())
        let result = await withTaskGroup(of: Result<Value, ProviderError>?.self) { group in
            group.addTask {
                do throws(ProviderError) {
                    return .success(try await body())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard result == nil, !Task.isCancelled else {
            if result != nil { silences.end(of: service) }
            return result ?? .failure(ProviderError(.cancelled, "interrupted"))
        }
        silences.note(service, after: patience, at: time.uptime())
        return .failure(
            ProviderError(.timedOut, "\(name): the \(service.rawValue) service has not answered in time"))
    }

    private static func join(
        volumes: Result<[VolumePayload], ProviderError>, _ images: Result<[ImagePayload], ProviderError>,
        _ ports: Result<[PortPayload], ProviderError>, _ networks: Result<[String: String], ProviderError>
    ) throws(ProviderError) -> Surroundings {
        var all = Surroundings()
        func take<Value>(_ result: Result<Value, ProviderError>, _ otherwise: Value) throws(ProviderError) -> Value {
            switch result {
            case .success(let value): return value
            // A cloud without that service has nothing of the kind.
            case .failure(let error) where error.code == .unsupported: return otherwise
            case .failure(let error) where error.code == .cancelled: throw error
            case .failure(let error):
                all.gaps.append(error.description)
                return otherwise
            }
        }
        all.volumes = Dictionary(try take(volumes, []).map { ($0.id, $0) }) { _, last in last }
        all.images = Dictionary(try take(images, []).map { ($0.id, $0) }) { _, last in last }
        all.networks = try take(networks, [:])
        let ordered = try take(ports, []).filter(\.isOfMachine).sorted {
            ($0.created ?? "", $0.id) < ($1.created ?? "", $1.id)
        }
        all.ports = Dictionary(grouping: ordered) { $0.device ?? "" }
        return all
    }

    // MARK: Single listings

    func volumes() async throws(ProviderError) -> [VolumePayload] {
        try await list(VolumePayload.self, "volumes", .volume, "volumes/detail", to: "list volumes")
            .compactMap(\.payload)
    }

    /// One by itself; several by the listing, which is one call as well.
    private func volumes(_ ids: [String]) async throws(ProviderError) -> [VolumePayload] {
        guard let id = ids.first else { return [] }
        guard ids.count == 1 else { return try await volumes() }
        let what = "look at volume \(id)"
        return try await [found(VolumePayload.self, "volume", .volume, "volumes/\(id)", to: what)].compactMap { $0 }
    }

    func images() async throws(ProviderError) -> [ImagePayload] {
        try await list(ImagePayload.self, "images", .image, "images", to: "list images")
            .compactMap(\.payload)
    }

    /// The image that a server was made from, and its snapshots.
    func images(of server: ServerPayload) async throws(ProviderError) -> [ImagePayload] {
        var images = try await list(
            ImagePayload.self, "images", .image, "images", query: [(ImagePayload.snapshotProperty, server.id)],
            to: "list the snapshots of \(server.name)"
        ).compactMap(\.payload)
        if let id = server.image?.id {
            let what = "look at image \(id)"
            let image = try await found(ImagePayload.self, "", .image, "images/\(id)", to: what)
            if let image { images.append(image) }
        }
        return images
    }

    func ports(query: [(String, String?)]) async throws(ProviderError) -> [PortPayload] {
        try await list(PortPayload.self, "ports", .network, "ports", query: query, to: "list ports")
            .compactMap(\.payload)
    }

    func networks() async throws(ProviderError) -> [Listed<NetworkPayload>] {
        try await list(NetworkPayload.self, "networks", .network, "networks", to: "list networks")
    }

    private func networkNames() async throws(ProviderError) -> [String: String] {
        Dictionary(try await networks().compactMap(\.payload).map { ($0.id, $0.title) }) { _, last in last }
    }
}
