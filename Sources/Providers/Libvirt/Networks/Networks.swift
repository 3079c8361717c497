import LibvirtKit
import ProviderAPI
import XMLKit

/// The virtual networks of a host.
struct Networks: CollectionService {
    let session: Session
    let machines: MachineCache
    let operations: Set<Operation> = [
        .listNetworks, .createNetwork, .deleteNetwork, .updateNetwork, .portsNetwork,
    ]

    var parameters: [Parameter] {
        StandardParameters.network + [Parameter("bridge", .text, "the host's bridge, for mode bridge")]
    }

    /// Definition, start and stop have events; changes of a definition's parts and of who is on it have none.
    var eventCoverage: EventCoverage {
        .all(except: ["ports", "autostart", "cidr", "dual_cidr", "dhcp", "domain", "nat", "mode", "plan"])
    }

    func list() async throws(ProviderError) -> [ProviderAPI.Network] {
        try await session.run("networks") { connection in
            let active = Set(try connection.networks(.active).map(\.uuid))
            let autostart = Set(try connection.networks(.autostart).map(\.uuid))
            let isWhole = machines.isWhole
            return try connection.networks().map { network in
                var item = try Self.item(network, on: connection)
                item.active = active.contains(network.uuid)
                item.autostart = autostart.contains(network.uuid)
                item.ports = machines.machines(on: network.name)
                item.isComplete = isWhole
                return item
            }
        }
    }

    func items(_ ids: [ProviderAPI.Network.ID]) async throws(ProviderError) -> [ProviderAPI.Network] {
        try await session.run("networks") { try items(ids, on: $0) }
    }

    private func items(_ ids: [ProviderAPI.Network.ID], on connection: Connection) throws -> [ProviderAPI.Network] {
        let active = Set(try connection.networks(.active).map(\.uuid))
        let autostart = Set(try connection.networks(.autostart).map(\.uuid))
        let ports = try Self.ports(on: connection)
        return try ids.compactMap { id in
            try unless(.noNetwork) {
                let network = try connection.network(uuid: id.rawValue)
                var item = try Self.item(network, on: connection)
                item.active = active.contains(network.uuid)
                item.autostart = autostart.contains(network.uuid)
                item.ports = (ports[network.name] ?? []).map(\.name)
                return item
            }
        }
    }

    /// Who is on which network, by the XML of every machine.
    private static func ports(on connection: Connection) throws -> [String: [(name: String, isActive: Bool)]] {
        var ports: [String: [(name: String, isActive: Bool)]] = [:]
        let active = Set(try connection.domains(.active).map(\.uuid))
        for domain in try connection.domains() {
            guard let document = try unless(.noDomain, call: { try domain.document() }) else { continue }
            let names = document.all("devices/interface").compactMap { $0.first("source")?["network"] }
            for name in Set(names) { ports[name, default: []].append((domain.name, active.contains(domain.uuid))) }
        }
        return ports.mapValues { $0.sorted { $0.name < $1.name } }
    }

    private static func item(_ network: LibvirtKit.Network, on connection: Connection) throws -> ProviderAPI.Network {
        var item = ProviderAPI.Network(id: .init(network.uuid), name: network.name)
        do {
            fill(&item, from: try XMLElement(parsing: try network.xml()))
            // A new plan is in the definition at once, in the running network after its next start.
            item.plan = MachineMetadata.fields(of: try XMLElement(parsing: try network.xml(inactive: true)))["plan"]
        } catch let error as LibvirtError where error.code != .noNetwork && connection.isAlive {
            item.fault = "\(error)"
        } catch let error as XMLError {
            item.fault = "\(error)"
        }
        return item
    }

    /// kcli calls what libvirt routes or isolates `routed`, and what only joins a bridge of the host `bridged`.
    private static func fill(_ item: inout ProviderAPI.Network, from document: XMLElement) {
        let mode = document.first("forward").map { $0["mode"] ?? "nat" }
        let ranges = document.all("ip").compactMap(NetworkDefinition.range)
        item.mode = mode ?? "isolated"
        item.type = ["nat", "route", "open", "isolated"].contains(item.mode) ? "routed" : "bridged"
        item.cidr = ranges.first?.cidr
        item.dualCIDR = ranges.dropFirst().first?.cidr
        item.dhcp = document.first("ip/dhcp") != nil
        item.domain = document.first("domain")?["name"]
    }
}

// MARK: - Changes

extension Networks {
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError)
        -> ProviderAPI.Network
    {
        try specification.require(only: Set(parameters.map(\.name)))
        try MachineName.check(specification.name)
        let definition = try NetworkDefinition.network(specification)
        return try await session.run("network \(specification.name)") { connection in
            // Defining again would change a network that is there.
            guard try !connection.networks().contains(where: { $0.name == specification.name }) else {
                throw ProviderError(.alreadyExists, "network \(specification.name): the name is taken")
            }
            let network = try connection.define(network: definition.description)
            do {
                try network.start()
                try network.setAutostart(specification.flag("autostart") ?? true)
            } catch {
                // The first failure is the one to tell.
                _ = try? network.stop()
                _ = try? network.undefine()
                throw error
            }
            return try item(network.uuid, on: connection)
        }
    }

    func delete(_ id: ProviderAPI.Network.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await session.run("network \(id)") { connection in
            let network = try connection.network(uuid: id.rawValue)
            if let user = try Self.ports(on: connection)[network.name]?.first {
                throw ProviderError(.busy, "network \(network.name): virtual machine \(user.name) is on it")
            }
            if try network.isActive() { try network.stop() }
            if try network.isPersistentStill() { try network.undefine() }
        }
    }

    func apply(_ change: ProviderAPI.Network.Change, to id: ProviderAPI.Network.ID, _ job: any JobReporter)
        async throws(ProviderError) -> ProviderAPI.Network
    {
        try await session.run("network \(id)") { connection in
            let network = try connection.network(uuid: id.rawValue)
            switch change {
            case .autostart(let flag): try network.setAutostart(flag)
            case .active(let flag):
                guard try network.isActive() != flag else { break }
                if flag { try network.start() } else { try network.stop() }
            case .plan(let plan):
                try redefine(network, waits: true, on: connection) { NetworkDefinition.set(plan: plan, of: &$0) }
            case .dhcp(let flag): try redefine(network, on: connection) { Self.setDHCP(flag, of: &$0) }
            case .nat(let flag): try redefine(network, on: connection) { Self.setNAT(flag, of: &$0) }
            case .domain(let domain): try redefine(network, on: connection) { Self.setDomain(domain, of: &$0) }
            }
            return try item(id.rawValue, on: connection)
        }
    }

    private func item(_ uuid: String, on connection: Connection) throws -> ProviderAPI.Network {
        guard let item = try items([.init(uuid)], on: connection).first else {
            throw ProviderError(.notFound, "network \(uuid): it is gone")
        }
        return item
    }

    /// Changes the definition as a whole, which libvirt takes over when the network starts: it is restarted, and where
    /// that would cut running machines off (`waits` says that the change can wait) nothing is changed.
    private func redefine(
        _ network: LibvirtKit.Network, waits: Bool = false, on connection: Connection,
        _ change: (inout XMLElement) -> Void
    ) throws {
        let user = try Self.ports(on: connection)[network.name]?.first(where: \.isActive)
        if let user, !waits {
            throw ProviderError(
                .busy, "network \(network.name): virtual machine \(user.name) is running on it: stop it first")
        }
        let old = try XMLElement(parsing: try network.xml(inactive: true))
        var new = old
        change(&new)
        guard new != old else { return }
        guard try network.isActive(), user == nil else {
            _ = try connection.define(network: new.description)
            return
        }
        try network.stop()
        do {
            try connection.define(network: new.description).start()
        } catch {
            // As it was before; the first failure is the one to tell.
            _ = try? connection.define(network: old.description).start()
            throw error
        }
    }

    private static func setDHCP(_ flag: Bool, of network: inout XMLElement) {
        for child in network.children.indices {
            guard case .element(var ip) = network.children[child], ip.name == "ip" else { continue }
            if !flag {
                ip.removeAll { $0.name == "dhcp" }
            } else if ip.first("dhcp") == nil, let range = NetworkDefinition.range(of: ip) {
                ip.append(NetworkDefinition.dhcp(range))
            }
            network.children[child] = .element(ip)
        }
    }

    private static func setNAT(_ flag: Bool, of network: inout XMLElement) {
        guard flag else { return network.removeAll { $0.name == "forward" } }
        network.update("forward") { $0["mode"] = "nat" }
    }

    private static func setDomain(_ domain: String, of network: inout XMLElement) {
        guard !domain.isEmpty else { return network.removeAll { $0.name == "domain" } }
        network.update("domain") { $0["name"] = domain }
    }
}

extension LibvirtKit.Network {
    /// A network without a definition is gone once it has been stopped.
    fileprivate func isPersistentStill() throws -> Bool {
        try unless(.noNetwork) { try isPersistent() } ?? false
    }
}
