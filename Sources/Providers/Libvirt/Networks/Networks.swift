import FoundationEssentials
import LibvirtKit
import ProviderAPI
import XMLKit

/// The virtual networks of a host.
struct Networks: CollectionService {
    let session: Session
    let machines: MachineCache
    let operations: Set<Operation>

    var parameters: [Parameter] { NetworkParameters.all }

    /// Definition, start and stop have events; changes of a definition's parts and of who is on it have none.
    var eventCoverage: EventCoverage {
        .all(
            except: [
                "ports", "autostart", "cidr", "dual_cidr", "dhcp", "domain", "nat", "mode", "plan", "gateway",
                "dhcp_range", "reservations", "leases", "dns", "forwarders", "bridge", "device", "mtu", "vlans",
            ])
    }

    func list() async throws(ProviderError) -> [ProviderAPI.Network] {
        try await session.run("networks") { connection in
            let context = try NetworkContext(of: connection)
            let isWhole = machines.isWhole
            return try connection.networks().compactMap { network in
                try unless(.noNetwork) {
                    var item = try Self.item(network, context, on: connection)
                    item.ports = machines.machines(on: network.name)
                    item.isComplete = isWhole
                    return item
                }
            }
        }
    }

    func items(_ ids: [ProviderAPI.Network.ID]) async throws(ProviderError) -> [ProviderAPI.Network] {
        try await session.run("networks") { try items(ids, on: $0) }
    }

    private func items(_ ids: [ProviderAPI.Network.ID], on connection: Connection) throws -> [ProviderAPI.Network] {
        let context = try NetworkContext(of: connection)
        let ports = try NetworkPorts(on: connection)
        return try ids.compactMap { id in
            try unless(.noNetwork) {
                let network = try connection.network(uuid: id.rawValue)
                var item = try Self.item(network, context, on: connection)
                item.ports = ports.now(network.name)
                return item
            }
        }
    }

    private static func item(_ network: LibvirtKit.Network, _ context: NetworkContext, on connection: Connection) throws
        -> ProviderAPI.Network
    {
        var item = ProviderAPI.Network(id: .init(network.uuid), name: network.name)
        item.active = context.active.contains(network.uuid)
        item.autostart = context.autostart.contains(network.uuid)
        do {
            NetworkFacts.fill(&item, from: try XMLElement(parsing: try network.xml()))
            item.leases = item.active == true ? try Self.leases(of: network, on: connection) : []
            // A new plan is in the definition at once, in the running network after its next start.
            item.plan = MachineMetadata.fields(of: try XMLElement(parsing: try network.xml(inactive: true)))["plan"]
        } catch let error as LibvirtError where error.code != .noNetwork && connection.isAlive {
            item.fault = "\(error)"
        } catch let error as XMLError {
            item.fault = "\(error)"
        }
        return item
    }

    /// A network without a DHCP server has none to tell of.
    private static func leases(of network: LibvirtKit.Network, on connection: Connection) throws -> [String] {
        do {
            return try network.leases().map(NetworkFacts.line).sorted()
        } catch {
            guard connection.isAlive, error.code != .noNetwork else { throw error }
            return []
        }
    }
}

/// What is asked once for all networks.
private struct NetworkContext {
    let active: Set<String>
    let autostart: Set<String>

    init(of connection: Connection) throws {
        active = Set(try connection.networks(.active).map(\.uuid))
        autostart = Set(try connection.networks(.autostart).map(\.uuid))
    }
}

// MARK: - Changes

extension Networks {
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError)
        -> ProviderAPI.Network
    {
        try MachineName.check(specification.name)
        // So that this network is known from any other of its name.
        let uuid = UUID().uuidString.lowercased()
        var definition = try NetworkDefinition.network(specification)
        definition.append(XMLElement("uuid", text: uuid))
        return try await session.run("network \(specification.name)") { [definition] connection in
            // Defining again would change a network that is there.
            guard try !connection.networks().contains(where: { $0.name == specification.name }) else {
                throw ProviderError(.alreadyExists, "network \(specification.name): the name is taken")
            }
            try Self.requireFree(definition, named: specification.name, on: connection)
            let owed = Owed.network(uuid: uuid, name: specification.name)
            let network = try session.debts.making(owed, on: connection) {
                try connection.define(network: definition.description)
            }
            do {
                // The start comes last: one that runs is whole.
                try network.setAutostart(specification.flag("autostart") ?? true)
                try Self.start(network)
            } catch {
                session.debts.takeBack(owed, on: connection)
                throw error
            }
            return try item(network.uuid, on: connection)
        }
    }

    /// libvirt would start no network whose addresses another one has, and not say which.
    private static func requireFree(_ definition: XMLElement, named name: String, on connection: Connection) throws {
        let wanted = definition.all("ip").compactMap(NetworkDefinition.range)
        let bridge = definition.first("bridge")?["name"]
        let isOwn = NetworkParameters.managedModes.contains(NetworkFacts.mode(of: definition))
        for other in try connection.networks() {
            guard let document = try unless(.noNetwork, call: { try XMLElement(parsing: try other.xml()) }) else {
                continue
            }
            for range in document.all("ip").compactMap(NetworkDefinition.range) {
                guard let mine = wanted.first(where: range.overlaps) else { continue }
                throw ProviderError(
                    .invalidValue, "network \(name): cidr \(mine.cidr) overlaps \(range.cidr) of network \(other.name)")
            }
            if isOwn, let bridge, document.first("bridge")?["name"] == bridge {
                throw ProviderError(
                    .invalidValue, "network \(name): bridge \(bridge) is that of network \(other.name)")
            }
        }
    }

    /// What keeps a network from starting is on the host: an interface that has its addresses, a bridge that is taken.
    private static func start(_ network: LibvirtKit.Network) throws {
        do throws(LibvirtError) {
            try network.start()
        } catch {
            guard error.code == .internalError || error.code == .operationFailed else { throw error }
            throw ProviderError(.busy, "network \(network.name): the host cannot start it", cause: error.message)
        }
    }

    func delete(_ id: ProviderAPI.Network.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("network \(id)") { connection in
            let network = try connection.network(uuid: id.rawValue)
            try named(network, on: connection) { try delete(network, on: connection) }
        }
    }

    private func delete(_ network: LibvirtKit.Network, on connection: Connection) throws {
        let users = try NetworkPorts(on: connection).all(network.name)
        guard users.isEmpty else {
            let all = users.prefix(5).joined(separator: ", ") + (users.count > 5 ? ", ..." : "")
            throw ProviderError(.busy, "network \(network.name): it is used by \(all)")
        }
        guard try network.isPersistent() else { return try network.stop() }
        let before = Owed.stoppedNetwork(uuid: network.uuid, name: network.name)
        let isActive = try network.isActive()
        try session.debts.undertaking(isActive ? [before] : [], on: connection) {
            if isActive { try network.stop() }
            try network.undefine()
        }
    }

    /// An error is about the network by its name.
    private func named(_ network: LibvirtKit.Network, on connection: Connection, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as LibvirtError {
            guard connection.isAlive else { throw error }
            throw ProviderError(error, on: "network \(network.name)")
        }
    }

    func apply(_ change: ProviderAPI.Network.Change, to id: ProviderAPI.Network.ID, _ job: any JobReporter)
        async throws(ProviderError) -> ProviderAPI.Network
    {
        try await session.run("network \(id)") { connection in
            let network = try connection.network(uuid: id.rawValue)
            try named(network, on: connection) { try apply(change, to: network, on: connection) }
            return try item(id.rawValue, on: connection)
        }
    }

    private func apply(_ change: ProviderAPI.Network.Change, to network: LibvirtKit.Network, on connection: Connection)
        throws
    {
        switch change {
        case .link(.autostart(let flag)): try network.setAutostart(flag)
        case .active(true): if try !network.isActive() { try Self.start(network) }
        case .active(false): try stop(network, on: connection)
        case .rename, .description, .portSecurity, .shared: throw ProviderError.unsupported(change.operation)
        case .plan, .dhcp, .domain, .service, .link:
            let waits = if case .plan = change { true } else { false }
            try NetworkChange(network, on: connection, session.debts).perform(alongside: waits) {
                document throws(ProviderError) in
                try NetworkEdit.apply(change, to: &document)
            }
        }
    }

    /// Its machines would be cut off, and stay so after a new start.
    private func stop(_ network: LibvirtKit.Network, on connection: Connection) throws {
        guard try network.isActive() else { return }
        if let user = try NetworkPorts(on: connection).running(network.name).first {
            throw ProviderError(
                .busy, "network \(network.name): virtual machine \(user) is running on it: stop it first")
        }
        try network.stop()
    }

    private func item(_ uuid: String, on connection: Connection) throws -> ProviderAPI.Network {
        guard let item = try items([.init(uuid)], on: connection).first else {
            throw ProviderError(.notFound, "network \(uuid): it is gone")
        }
        return item
    }
}
