import ProviderAPI

extension VirtualMachine {
    /// A server with what its entry in the listing tells: all but what other services know.
    init(_ server: ServerPayload) {
        let words = [server.status, server.task].compactMap { $0 }
        self.init(
            id: .init(server.id), name: server.name, status: Status(server),
            rawStatus: words.joined(separator: "/"), isComplete: false)
        let all = (server.addresses ?? [:]).sorted { $0.key < $1.key }.flatMap(\.value)
        addresses = Self.ordered(all)
        memory = server.flavor?.ram
        cpus = server.flavor?.vcpus
        flavor = server.flavor?.name ?? server.flavor?.id
        creationDate = server.created
        description = server.description.flatMap { $0.isEmpty || $0 == server.name ? nil : $0 }
        metadata = server.metadata ?? [:]
        image = metadata["image"]
        ports = (server.addresses ?? [:]).keys.sorted()
        isUnfinished = server.status == "BUILD"
        if let message = server.fault?.message, server.status == "ERROR" { fault = message }
    }

    /// An entry of the listing that makes no sense.
    init(oddID id: String, name: String, reason: String) {
        self.init(id: .init(id), name: name, status: .unknown, rawStatus: "")
        fault = reason
    }

    /// The server as a whole.
    init(_ server: ServerPayload, in surroundings: Surroundings) {
        self.init(server)
        isComplete = true
        if let id = server.image?.id { image = surroundings.images[id]?.title ?? image ?? id }
        disks = Self.disks(of: server, surroundings)
        nics = Self.nics(of: server, surroundings)
        snapshots = Self.snapshots(of: server, surroundings)
        if !surroundings.gaps.isEmpty, fault == nil { fault = surroundings.gaps.joined(separator: "; ") }
    }

    /// Floating ones before fixed ones, IPv4 before IPv6: the first is the one to use.
    private static func ordered(_ addresses: [ServerPayload.Address]) -> [String] {
        let ranked = addresses.enumerated().sorted { left, right in
            let a = (left.element.type == "floating" ? 0 : 1, left.element.addr.contains(":") ? 1 : 0, left.offset)
            let b = (right.element.type == "floating" ? 0 : 1, right.element.addr.contains(":") ? 1 : 0, right.offset)
            return a < b
        }
        var seen: Set<String> = []
        return ranked.map(\.element.addr).filter { seen.insert($0).inserted }
    }

    /// The root disk of its host, where it boots from an image, and its volumes by their devices.
    private static func disks(of server: ServerPayload, _ surroundings: Surroundings) -> [Disk] {
        var disks: [Disk] = []
        let root = server.rootDevice.flatMap { $0.split(separator: "/").last.map(String.init) } ?? "vda"
        if server.image?.id != nil {
            disks.append(Disk(name: root, size: server.flavor?.disk, type: VirtualMachine.Disk.local, boot: true))
        }
        for (index, attachment) in (server.volumes ?? []).enumerated() {
            let volume = surroundings.volumes[attachment.id]
            let device = volume?.device(on: server.id) ?? ""
            // Drivers that know no devices leave it empty.
            let name = device.isEmpty ? "volume\(index)" : device
            disks.append(
                Disk(
                    name: name, volume: .init(attachment.id), size: volume?.size, pool: volume?.type,
                    path: volume?.title, type: VirtualMachine.Disk.standing,
                    boot: server.image?.id == nil && (device.isEmpty ? index == 0 : device == root)))
        }
        if !disks.isEmpty, !disks.contains(where: \.boot) { disks[0].boot = true }
        return disks.sorted { ($0.boot ? 0 : 1, $0.name) < ($1.boot ? 0 : 1, $1.name) }
    }

    private static func nics(of server: ServerPayload, _ surroundings: Surroundings) -> [NIC] {
        let known = (server.addresses ?? [:]).values.flatMap { $0 }
        return (surroundings.ports[server.id] ?? []).enumerated().map { index, port in
            let fixed = (port.addresses ?? []).map(\.address)
            let floating = known.filter { $0.type == "floating" && $0.mac == port.mac }.map(\.addr)
            return NIC(
                name: "eth\(index)", network: surroundings.networks[port.network] ?? port.network, mac: port.mac,
                model: nil, type: port.type, addresses: fixed + floating)
        }
    }

    /// Compute notes in each which image the server was of, then: the server goes on from the last one since it is of
    /// that image, or from that image itself, where it was put back to it. One that boots from a volume is of none: it
    /// goes on from the last that was made, or that it was put back to.
    private static func snapshots(of server: ServerPayload, _ surroundings: Surroundings) -> [Snapshot] {
        let own = surroundings.images.values.filter { $0.snapshotOf == server.id }
            .sorted { ($0.created ?? "", $0.id) < ($1.created ?? "", $1.id) }
        let base = server.image?.id
        let current =
            base == nil
            ? own.max { ($0.reverted ?? $0.created ?? "") < ($1.reverted ?? $1.created ?? "") }
            : own.last { $0.base == base } ?? own.first { $0.id == base }
        return own.enumerated().map { index, image in
            let parent =
                own[..<index].last { base == nil || $0.base == image.base } ?? own.first { $0.id == image.base }
            return Snapshot(
                name: image.snapshotName ?? image.title, current: image.id == current?.id,
                creationDate: image.created, description: image.snapshotDescription,
                parent: parent.map { $0.snapshotName ?? $0.title }, state: image.status)
        }
    }
}

extension VirtualMachine.Disk {
    /// The type of a flavor's own disk, which is no volume.
    static let local = "local"
    /// The type of a volume, whose own kind (`ssd`, ...) is its pool.
    static let standing = "volume"
}
