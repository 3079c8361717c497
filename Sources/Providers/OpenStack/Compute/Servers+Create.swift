import CloudInit
import FoundationEssentials
import HTTPKit
import ProviderAPI

extension Servers {
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> VirtualMachine {
        defer { recent.forget() }
        try specification.require(only: ServerParameters.keys)
        // Checked before anything is made.
        let external = try await cloud.externalNetworkFor(specification)
        let id = try await launch(specification)
        let isToStop = specification.flag("start") == false
        // Compute builds it for as long as that takes; what goes wrong then is told of a server that is there.
        if isToStop { job.accepted() }
        do throws(ProviderError) {
            if isToStop { try await stopOnceBuilt(id) }
            if let external { try await giveAddress(from: external, to: id) }
        } catch {
            if !isToStop { await discard(id) }
            guard isToStop, error.code == .timedOut, try await server(id)?.status == "BUILD" else { throw error }
            throw ProviderError(
                .timedOut, "\(specification.name) is not built yet: it stays as it is, and can be deleted",
                cause: error.description)
        }
        if !isToStop { job.accepted() }
        guard let item = try await item(id) else {
            throw ProviderError(.notFound, "\(specification.name) went away at once")
        }
        return item
    }

    private struct Made: Decodable, Sendable {
        var id: String
    }

    /// `POST /servers`: all of it in one request, which Compute carries out as a whole or puts the server in error.
    func launch(_ specification: Specification) async throws(ProviderError) -> String {
        var server: JSONValue = ["name": .text(specification.name)]
        let image = try await image(of: specification)
        let disks = try await disks(specification, image)
        let bootsLocally = disks == nil || Self.isLocal(specification.entries("disks").first)
        let flavor = try await flavor(specification, hasOwnDisk: bootsLocally, image)
        server["flavorRef"] = .text(flavor.id)
        if let disks { server["block_device_mapping_v2"] = .array(disks) }
        if let image, bootsLocally { server["imageRef"] = .text(image.id) }
        server["metadata"] = Self.metadata(specification)
        if let text = specification.text("description") { server["description"] = .text(text) }
        if let name = specification.text("keypair") { server["key_name"] = .text(name) }
        if let zone = specification.text("az") { server["availability_zone"] = .text(zone) }
        if let flag = specification.flag("config_drive") { server["config_drive"] = .bool(flag) }
        let groups = specification.texts("securitygroups")
        if !groups.isEmpty { server["security_groups"] = .array(groups.map { ["name": .text($0)] }) }
        if let boot = try FirstBoot(specification) {
            server["user_data"] = .text(Data(boot.userData.reveal().utf8).base64EncodedString())
        }
        var body: JSONValue = ["server": server]
        if let group = specification.text("server_group") {
            body["os:scheduler_hints"] = ["group": .text(try await serverGroup(group))]
        }
        return try await build(specification, body)
    }

    /// Sends the request, with the interfaces, some of which have to be made before.
    private func build(_ specification: Specification, _ body: JSONValue) async throws(ProviderError) -> String {
        var body = body
        var ports: [String] = []
        do throws(ProviderError) {
            var server = body["server"]
            server?["networks"] = try await interfaces(specification, making: &ports)
            body["server"] = server
            return try await cloud.document(
                Made.self, "server", .post, .compute, "servers", body: body, to: "create \(specification.name)"
            ).id
        } catch {
            await discardPorts(ports)
            throw error
        }
    }

    /// Compute starts what it builds; what is not to run is stopped as soon as it can be.
    func stopOnceBuilt(_ id: String) async throws(ProviderError) {
        try await awaitBuilt(id)
        try await act(try await existing(id), ["os-stop": .null], to: "stop")
        try await settle("the server to be down") { () async throws(ProviderError) -> Bool? in
            VirtualMachine.Status(try await self.existing(id)) == .down ? true : nil
        }
    }

    private static func metadata(_ specification: Specification) -> JSONValue {
        var fields: [String: JSONValue] = [:]
        for (key, value) in specification.pairs("metadata") { fields[key] = .text(value) }
        for key in ["image"] + StandardParameters.metadataKeys where fields[key] == nil {
            if let text = specification.text(key) { fields[key] = .text(text) }
        }
        return .object(fields)
    }

    private func image(of specification: Specification) async throws(ProviderError) -> ImagePayload? {
        let first = specification.entries("disks").first
        guard let name = first?.text("image") ?? specification.text("image") else {
            guard first?.text("volume") != nil || first?.text("snapshot") != nil else {
                throw ProviderError(
                    .invalidValue,
                    "image is missing: a server starts from an image, or from a volume or a snapshot as its first disk")
            }
            return nil
        }
        return try await cloud.image(named: name)
    }

    private func flavor(
        _ specification: Specification, hasOwnDisk: Bool, _ image: ImagePayload?
    ) async throws(ProviderError) -> FlavorPayload {
        if let name = specification.text("flavor") {
            let flavor = try await cloud.flavor(named: name)
            for (key, has) in [("memory", flavor.ram), ("cpus", flavor.vcpus)] {
                guard let wanted = specification.number(key), wanted > has else { continue }
                throw ProviderError(.invalidValue, "flavor \(flavor.name) has \(has) of \(key), not \(wanted)")
            }
            return flavor
        }
        return try await cloud.flavor(
            memory: max(specification.number("memory") ?? 512, image?.minimumMemory ?? 0),
            cpus: specification.number("cpus") ?? 1, disk: hasOwnDisk ? image?.leastDisk ?? 1 : 0)
    }

    // MARK: Disks

    /// Volumes that Compute makes or takes; nil where the flavor's own disk is all.
    private func disks(_ specification: Specification, _ image: ImagePayload?) async throws(ProviderError)
        -> [JSONValue]?
    {
        let wishes = specification.entries("disks")
        guard !wishes.isEmpty, wishes.count > 1 || !Self.isLocal(wishes.first) else { return nil }
        var disks: [JSONValue] = []
        for (index, wish) in wishes.enumerated() {
            try wish.require(only: Set(ServerParameters.disk.map(\.name)))
            if Self.isLocal(wish) {
                disks.append(try Self.localDisk(wish, isFirst: index == 0, image))
                continue
            }
            var disk = try await device(wish, isFirst: index == 0, image)
            disk["boot_index"] = .number(index == 0 ? 0 : -1)
            disk["destination_type"] = "volume"
            if let bus = wish.text("bus") { disk["disk_bus"] = .text(bus) }
            if let kind = wish.text("device") { disk["device_type"] = .text(kind) }
            disks.append(disk)
        }
        return disks
    }

    /// Whether it is the flavor's own disk, in the word that tells of one in a backup.
    private static func isLocal(_ wish: Specification?) -> Bool { wish?.text("type") == VirtualMachine.Disk.local }

    /// The same as Compute takes it beside volumes.
    private static func localDisk(
        _ wish: Specification, isFirst: Bool, _ image: ImagePayload?
    ) throws(ProviderError) -> JSONValue {
        guard isFirst, let image else {
            throw ProviderError(
                .invalidValue, "\(wish.name): the flavor's own disk (type local) is the first one, of an image")
        }
        return [
            "source_type": "image", "uuid": .text(image.id), "destination_type": "local", "boot_index": 0,
            "delete_on_termination": true,
        ]
    }

    /// Where a disk comes from (`block_device_mapping_v2`).
    private func device(
        _ wish: Specification, isFirst: Bool, _ image: ImagePayload?
    ) async throws(ProviderError) -> JSONValue {
        let isKept = wish.flag("keep")
        if let name = wish.text("volume") {
            guard wish.text("snapshot") == nil else {
                throw ProviderError(.invalidValue, "\(wish.name): it is a volume that is there, or one of a snapshot")
            }
            let id = try await cloud.volume(named: name).id
            return [
                "source_type": "volume", "uuid": .text(id), "delete_on_termination": .bool(isKept.map { !$0 } ?? false),
            ]
        }
        var disk: JSONValue = ["delete_on_termination": .bool(!(isKept ?? false))]
        // A backup tells only that it was a volume.
        if let type = wish.text("type"), type != VirtualMachine.Disk.standing { disk["volume_type"] = .text(type) }
        if let name = wish.text("snapshot") {
            let snapshot = try await cloud.snapshot(named: name)
            disk["source_type"] = "snapshot"
            disk["uuid"] = .text(snapshot.id)
            disk["volume_size"] = .number(wish.number("size") ?? snapshot.size)
            return disk
        }
        let source = try await source(of: wish, isFirst: isFirst, image)
        disk["source_type"] = source == nil ? "blank" : "image"
        if let source { disk["uuid"] = .text(source.id) }
        disk["volume_size"] = .number(max(wish.number("size") ?? 10, source?.leastDisk ?? 1))
        return disk
    }

    private func source(
        of wish: Specification, isFirst: Bool, _ image: ImagePayload?
    ) async throws(ProviderError) -> ImagePayload? {
        if isFirst { return image }
        guard let name = wish.text("image") else { return nil }
        return try await cloud.image(named: name)
    }

    // MARK: Interfaces

    /// Without a word about them, one on the only network there is. `ports` are those that were made for them.
    private func interfaces(
        _ specification: Specification, making ports: inout [String]
    ) async throws(ProviderError) -> JSONValue {
        guard specification.values["nics"] != nil else {
            guard let network = try await cloud.soleNetwork() else { return "auto" }
            return [["uuid": .text(network.id)]]
        }
        var interfaces: [JSONValue] = []
        for wish in specification.entries("nics") {
            try wish.require(only: Set(ServerParameters.interface.map(\.name)))
            var interface: JSONValue = [:]
            if let port = wish.text("port") {
                interface["port"] = .text(port)
            } else if wish.text("mac") != nil {
                let groups = specification.texts("securitygroups")
                let port = try await makePort(wish, on: try await network(of: wish), groups: groups)
                ports.append(port)
                interface["port"] = .text(port)
            } else {
                interface["uuid"] = .text(try await network(of: wish))
                if let address = wish.text("ip") { interface["fixed_ip"] = .text(address) }
            }
            if let tag = wish.text("tag") { interface["tag"] = .text(tag) }
            interfaces.append(interface)
        }
        return interfaces.isEmpty ? "none" : .array(interfaces)
    }

    /// The network that an interface is to be on; the only one where it does not say.
    func network(of wish: Specification) async throws(ProviderError) -> String {
        guard let name = wish.text("network") else { return try await cloud.onlyNetwork().id }
        return try await cloud.network(named: name).id
    }

    private struct Group: Decodable, Sendable {
        var id: String
        var name: String
    }

    private func serverGroup(_ name: String) async throws(ProviderError) -> String {
        let groups = try await cloud.list(
            Group.self, "server_groups", .compute, "os-server-groups", to: "list server groups")
        let group = groups.compactMap(\.payload).first { $0.name == name || $0.id == name }
        guard let group else { throw ProviderError(.invalidValue, "server_group: there is none called \(name)") }
        return group.id
    }

    // MARK: Floating addresses

    /// Gives the server an address of the outside as soon as it has a port.
    private func giveAddress(from network: String, to server: String) async throws(ProviderError) {
        let port = try await settle("a port of the server") { () async throws(ProviderError) -> PortPayload? in
            try await cloud.ports(query: [("device_id", server)]).first { !($0.addresses ?? []).isEmpty }
        }
        let address: JSONValue = [
            "floating_network_id": .text(network), "port_id": .text(port.id),
            "description": .text(Cloud.ownership(of: server)),
        ]
        try await cloud.send(
            .post, .network, "floatingips", body: ["floatingip": address], to: "take a floating address")
    }
}

extension Cloud {
    /// How an address is marked that was made for a server, and goes with it.
    static func ownership(of server: String) -> String { "infrafs: of server \(server)" }

    /// The floating addresses that were made for a server.
    func ownAddresses(of server: ServerPayload) async throws(ProviderError) -> [FloatingAddressPayload] {
        let hasFloating = (server.addresses ?? [:]).values.contains { $0.contains { $0.type == "floating" } }
        guard hasFloating else { return [] }
        let all = try await list(
            FloatingAddressPayload.self, "floatingips", .network, "floatingips",
            query: [("description", Self.ownership(of: server.id))], to: "list the addresses of \(server.name)")
        return all.compactMap(\.payload)
    }

    /// The network that a floating address would come from; nil where none was asked for.
    func externalNetworkFor(_ specification: Specification) async throws(ProviderError) -> String? {
        guard specification.flag("public") ?? (externalNetwork != nil) else { return nil }
        guard let network = try await externalNetworkID() else {
            throw ProviderError(.invalidValue, "public: \(name) has no external network to take an address from")
        }
        return network
    }
}
