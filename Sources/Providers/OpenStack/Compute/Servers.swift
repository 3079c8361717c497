import HTTPKit
import HTTPProvider
import ProviderAPI
import Synchronization

/// The servers.
struct Servers: CollectionService {
    let cloud: Cloud
    let recent: RecentServers
    let actions: InstanceActions

    static let supported: Set<Operation> = [
        .listVMs, .createVM, .deleteVM, .startVM, .stopVM, .shutdownVM, .restartVM, .resetVM, .suspendVM, .pauseVM,
        .resumeVM, .renameVM, .cloneVM, .exportVM, .consoleVM, .serialVM, .addressVM, .portsVM, .updateMemory,
        .updateCPUs,
        .updateFlavor, .updateMetadata, .updateDescription, .addDisk, .deleteVMDisk, .attachDisk, .detachDisk,
        .growVMDisk, .addNIC, .deleteNIC, .reserveAddress, .listSnapshots, .createSnapshot, .deleteSnapshot,
        .revertSnapshot,
    ]
    var operations: Set<Operation> { Self.supported }
    let parameters = ServerParameters.all

    /// More servers than these are cheaper to read by listings.
    private static let fewest = 3

    func list() async throws(ProviderError) -> [VirtualMachine] {
        let servers = try await servers()
        return servers.compactMap { listed in
            switch listed {
            case .payload(let server): Self.isGone(server) ? nil : VirtualMachine(server)
            case .odd(let id, let name, let reason): VirtualMachine(oddID: id, name: name, reason: reason)
            }
        }
    }

    func items(_ ids: [VirtualMachine.ID]) async throws(ProviderError) -> [VirtualMachine] {
        guard ids.count > Self.fewest else {
            var items: [VirtualMachine] = []
            for id in ids { if let item = try await item(id.rawValue) { items.append(item) } }
            return items
        }
        let known = recent.servers(cloud.time.uptime())
        async let surroundings = result { () async throws(ProviderError) in try await cloud.surroundings() }
        let servers: [Listed<ServerPayload>] = if let known { known } else { try await self.servers() }
        let around = try await surroundings.get()
        let wanted = Set(ids.map(\.rawValue))
        return servers.compactMap { listed in
            switch listed {
            case .payload(let server):
                wanted.contains(server.id) && !Self.isGone(server) ? VirtualMachine(server, in: around) : nil
            case .odd(let id, let name, let reason):
                wanted.contains(id) ? VirtualMachine(oddID: id, name: name, reason: reason) : nil
            }
        }
    }

    private func servers() async throws(ProviderError) -> [Listed<ServerPayload>] {
        let began = cloud.time.uptime()
        let servers = try await cloud.list(
            ServerPayload.self, "servers", .compute, "servers/detail", to: "list servers")
        recent.note(servers, began)
        actions.note(servers.compactMap(\.payload), of: cloud)
        return servers
    }

    /// Deleted servers are told of for a while, to administrators.
    private static func isGone(_ server: ServerPayload) -> Bool {
        server.status == "DELETED" || server.status == "SOFT_DELETED"
    }

    /// The server with all that belongs to it; nil where it is gone.
    func item(_ id: String) async throws(ProviderError) -> VirtualMachine? {
        guard let server = try await server(id), !Self.isGone(server) else { return nil }
        return VirtualMachine(server, in: try await cloud.surroundings(of: server))
    }

    /// The server as Compute tells it now; nil where it is gone.
    func server(_ id: String) async throws(ProviderError) -> ServerPayload? {
        try await cloud.found(
            ServerPayload.self, "server", .compute, "servers/\(id)", to: "look at server \(id)")
    }

    /// The same; `notFound` where it is gone.
    func existing(_ id: String) async throws(ProviderError) -> ServerPayload {
        guard let server = try await server(id), !Self.isGone(server) else {
            throw ProviderError(.notFound, "the server \(id) is no longer there")
        }
        return server
    }

    func apply(
        _ change: VirtualMachine.Change, to id: VirtualMachine.ID, _ job: any JobReporter
    ) async throws(ProviderError) -> VirtualMachine {
        defer { recent.forget() }
        recent.forget()
        try await carryOut(change, on: try await existing(id.rawValue), job)
        guard let item = try await item(id.rawValue) else {
            throw ProviderError(.notFound, "the server \(id) went away meanwhile")
        }
        return item
    }

    private func carryOut(
        _ change: VirtualMachine.Change, on server: ServerPayload, _ job: any JobReporter
    ) async throws(ProviderError) {
        switch change {
        case .power(let action): try await power(action, server)
        case .rename(let name): try await update(server, ["name": .text(name)])
        case .description(let text): try await update(server, ["description": .text(text)])
        case .metadata(let key, let value): try await setMetadata(key, to: value, of: server)
        case .flavor(let name): try await resize(server, to: try await cloud.flavor(named: name), job)
        case .memory(let size): try await resize(server, memory: size, job)
        case .cpus(let count): try await resize(server, cpus: count, job)
        case .addDisk(let wish): try await addDisk(wish, to: server)
        case .deleteDisk(let name): try await removeDisk(name, from: server, deleting: true)
        case .attachDisk(let volume): try await attach(volume.rawValue, to: server)
        case .detachDisk(let name): try await removeDisk(name, from: server, deleting: false)
        case .growDisk(let name, let size): try await grow(name, of: server, to: size)
        case .addNIC(let wish): try await addInterface(wish, to: server)
        case .deleteNIC(let name): try await removeInterface(name, from: server)
        case .createSnapshot(let wish): try await snapshot(server, wish, job)
        case .deleteSnapshot(let name): try await deleteSnapshot(name, of: server)
        case .revertSnapshot(let name): try await revert(server, to: name, job)
        case .clone(let name, _, let start): try await clone(server, as: name, start: start, job)
        case .export(let image): try await export(server, as: image, job)
        case .reserveAddress(let name, let wish): try await setFloatingAddress(wish, of: name, on: server)
        case .autostart, .iso, .updateNIC, .configureNIC: throw .unsupported(change.operation)
        }
    }

    // MARK: Facts

    private func update(_ server: ServerPayload, _ fields: JSONValue) async throws(ProviderError) {
        try await cloud.send(
            .put, .compute, "servers/\(server.id)", body: ["server": fields], to: "change \(server.name)"
        )
    }

    private func setMetadata(
        _ key: String, to value: String?, of server: ServerPayload
    ) async throws(ProviderError) {
        let what = "change metadata \(key) of \(server.name)"
        if let value {
            guard key.utf8.count <= 255, value.utf8.count <= 255 else {
                throw ProviderError(.tooLarge, "\(what): names and values have up to 255 bytes here")
            }
            try await cloud.send(
                .post, .compute, "servers/\(server.id)/metadata", body: ["metadata": .object([key: .text(value)])],
                to: what)
        } else {
            let path = "servers/\(server.id)/metadata/\(key)"
            try await cloud.send(.delete, .compute, path, to: what)
        }
    }

    // MARK: Power

    /// `POST /servers/ID/action`.
    @discardableResult
    func act(
        _ server: ServerPayload, _ action: JSONValue, to what: String
    ) async throws(ProviderError) -> HTTPResponse {
        try await cloud.send(
            .post, .compute, "servers/\(server.id)/action", body: action, to: "\(what) \(server.name)")
    }

    private func power(_ action: VirtualMachine.PowerAction, _ server: ServerPayload) async throws(ProviderError) {
        let status = VirtualMachine.Status(server)
        switch action {
        case .up, .resume: try await wake(server, isStart: action == .up)
        // Compute asks the guest first and pulls the plug when it does not go in time, either way.
        case .down, .shutdown:
            guard status != .down else { return }
            // It stops what is active alone.
            if ["PAUSED", "SUSPENDED"].contains(server.status) {
                try await wake(server, isStart: false)
                try await settle("\(server.name) to be active") { () async throws(ProviderError) -> Bool? in
                    let now = try await self.existing(server.id)
                    return now.status == "ACTIVE" && now.task == nil ? true : nil
                }
            }
            try await stop(server)
        case .restart: try await act(server, ["reboot": ["type": "SOFT"]], to: "restart")
        case .reset: try await act(server, ["reboot": ["type": "HARD"]], to: "reset")
        case .suspend: try await act(server, ["suspend": .null], to: "suspend")
        case .pause: try await act(server, ["pause": .null], to: "pause")
        }
    }

    /// Stops it, unless that is under way: somebody may have begun it a moment ago, as a clone does that is not to run.
    private func stop(_ server: ServerPayload) async throws(ProviderError) {
        let isDone = { (server: ServerPayload) in
            server.task == "powering-off" || VirtualMachine.Status(server) == .down
        }
        guard !isDone(server) else { return }
        do throws(ProviderError) {
            try await act(server, ["os-stop": .null], to: "stop")
        } catch {
            guard error.code == .busy, isDone(try await existing(server.id)) else { throw error }
        }
    }

    private func wake(_ server: ServerPayload, isStart: Bool) async throws(ProviderError) {
        switch server.status {
        case "ACTIVE": return
        case "PAUSED": try await act(server, ["unpause": .null], to: "resume")
        case "SUSPENDED": try await act(server, ["resume": .null], to: "resume")
        case "SHELVED", "SHELVED_OFFLOADED": try await act(server, ["unshelve": .null], to: "start")
        default:
            guard isStart else {
                throw ProviderError(.busy, "\(server.name) is \(server.status): only what is suspended can resume")
            }
            try await act(server, ["os-start": .null], to: "start")
        }
    }

    // MARK: Deletion

    func delete(_ id: VirtualMachine.ID, _ job: any JobReporter) async throws(ProviderError) {
        defer { recent.forget() }
        let server = try await existing(id.rawValue)
        guard ![.up, .suspended, .paused].contains(VirtualMachine.Status(server)) else {
            throw ProviderError(.busy, "\(server.name) is \(server.status): write down to its status first")
        }
        guard try await snapshots(of: server).isEmpty else {
            throw ProviderError(.notEmpty, "\(server.name) has snapshots: remove them first")
        }
        let addresses = try await cloud.ownAddresses(of: server)
        let ports = await ownPorts(of: server.id)
        let what = "delete \(server.name)"
        try await cloud.send(.delete, .compute, "servers/\(server.id)", to: what)
        job.accepted()
        try await awaitGone(server.id, server.name)
        for port in ports { try await deletePort(port, to: "\(what) with its interface") }
        for address in addresses {
            try await cloud.send(.delete, .network, "floatingips/\(address.id)", to: "\(what) with its address")
        }
    }

    /// Asks again and again until there is an answer; `timedOut` after ten minutes.
    @discardableResult
    func settle<Value: Sendable>(
        _ what: String, _ probe: () async throws(ProviderError) -> Value?
    ) async throws(ProviderError) -> Value {
        try await cloud.settle(what, probe)
    }

    private func result<Value: Sendable>(
        _ body: @Sendable () async throws(ProviderError) -> Value
    ) async -> Result<Value, ProviderError> {
        do throws(ProviderError) { return .success(try await body()) } catch { return .failure(error) }
    }
}

/// The last listing, for the few moments in which it is as good as another one.
final class RecentServers: Sendable {
    private let last = Mutex<(servers: [Listed<ServerPayload>], began: Duration)?>(nil)
    private static let lifetime = Duration.seconds(1)

    func note(_ servers: [Listed<ServerPayload>], _ began: Duration) {
        last.withLock { $0 = (servers, began) }
    }

    func servers(_ now: Duration) -> [Listed<ServerPayload>]? {
        last.withLock { last in
            guard let known = last, now - known.began < Self.lifetime else { return nil }
            return known.servers
        }
    }

    /// Something was changed: what was listed before may not hold.
    func forget() { last.withLock { $0 = nil } }
}

extension Cloud {
    /// What copying content may take, which can be terabytes: a day. It is a job's, which can be cancelled.
    static var copyingTime: Duration { .seconds(24 * 60 * 60) }

    /// Asks again and again until there is an answer; `timedOut` after that time.
    @discardableResult
    func settle<Value: Sendable>(
        _ what: String, within limit: Duration = .seconds(600), _ probe: () async throws(ProviderError) -> Value?
    ) async throws(ProviderError) -> Value {
        let schedule = PollSchedule(first: .milliseconds(200), growth: 1.5, longest: .seconds(3), limit: limit)
        return try await poll(
            schedule, time: time, failing: { ProviderError($0, doing: "wait for \(what)") }, probe)
    }
}
