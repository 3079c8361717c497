import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    /// One machine, complete; nil when it is gone. One that cannot be read whole says why and fails nothing else.
    func machine(
        _ id: VirtualMachine.ID, on connection: Connection, _ context: MachineContext,
        _ index: HostIndex = HostIndex()
    ) throws -> VirtualMachine? {
        do {
            let domain = try index.domain(id.rawValue)?.domain ?? connection.domain(uuid: id.rawValue)
            return try machine(domain, on: connection, context, index)
        } catch let error as LibvirtError where error.code == .noDomain {
            cache.remove(id.rawValue)
            return nil
        }
    }

    private func machine(
        _ domain: Domain, on connection: Connection, _ context: MachineContext, _ index: HostIndex
    ) throws -> VirtualMachine {
        let uuid = domain.uuid
        let epoch = cache.epoch(of: uuid)
        let state = try index.domain(uuid)?.state ?? domain.state()
        var machine = VirtualMachine(
            id: .init(uuid), name: domain.name, status: .init(state), rawStatus: state?.rawValue ?? "unknown")
        do {
            machine.autostart = try context.autostart?.contains(uuid) ?? domain.autostart()
            let detail = try fill(&machine, domain, on: connection, context, index)
            cache.store(machine, detail, epoch: epoch)
        } catch let error as LibvirtError where error.code != .noDomain && connection.isAlive {
            machine.fault = "\(error)"
        } catch let error as XMLError {
            machine.fault = "\(error)"
        }
        return machine
    }

    private func fill(
        _ machine: inout VirtualMachine, _ domain: Domain, on connection: Connection, _ context: MachineContext,
        _ index: HostIndex
    ) throws -> DomainDetail {
        let detail = DomainDetail(try XMLElement(parsing: try domain.xml()))
        machine.description = detail.description
        machine.metadata = detail.metadata
        machine.image = detail.metadata["image"]
        machine.creationDate = detail.metadata["creationdate"].flatMap(MachineMetadata.isoDate(kcli:))
        machine.memory = detail.memory
        machine.cpus = detail.cpus
        machine.iso = detail.iso
        machine.disks = try detail.disks.map { try disk($0, on: connection, index) }
        let isOff = machine.status == .down || machine.status == .crashed
        machine.console = isOff ? nil : detail.screen?.address(remote: session.remoteHost)
        if !isOff, try domain.isPersistent() {
            machine.pending = pending(DomainDetail(try XMLElement(parsing: try domain.xml(inactive: true))), detail)
        }
        machine.setAddresses(
            detail, context.leases, agent: agentAddresses(machine, detail, context, domain),
            reserved: context.reservations)
        if !isOff {
            for nic in machine.nics {
                // A lease that runs stays until the guest asks again.
                let kept = (context.reservations[nic.mac ?? ""] ?? []).filter { !nic.addresses.contains($0) }
                if !kept.isEmpty { machine.pending["nics/\(nic.name)/ip"] = .text(kept.joined(separator: " ")) }
            }
        }
        if context.withSnapshots?.contains(machine.id.rawValue) != false {
            machine.snapshots = try snapshots(of: domain)
        }
        return detail
    }

    private func disk(
        _ disk: DomainDetail.Disk, on connection: Connection, _ index: HostIndex
    ) throws -> VirtualMachine.Disk {
        var result = VirtualMachine.Disk(
            name: disk.target, format: disk.format, bus: disk.bus, pool: disk.pool, path: disk.path, type: disk.type,
            boot: disk.boot)
        guard let volume = try volumes.volume(of: disk, on: connection, index) else { return result }
        result.volume = .init(volume.key)
        result.size = volume.gibibytes
        result.capacity = volume.length
        result.allocation = volume.allocation
        result.pool = volume.pool
        result.path = volume.path
        return result
    }

    /// What the definition has and the running machine has not.
    private func pending(_ next: DomainDetail, _ now: DomainDetail) -> [String: Value] {
        var pending: [String: Value] = [:]
        if next.memory != now.memory { pending["memory"] = Value(next.memory) }
        if next.cpus != now.cpus { pending["cpus"] = Value(next.cpus) }
        if next.iso != now.iso { pending["iso"] = Value(next.iso) }
        if next.description != now.description { pending["description"] = Value(next.description) }
        let disks = next.disks.map(\.target)
        if disks != now.disks.map(\.target) { pending["disks"] = Value(disks) }
        let nics = next.nics.map(Self.line)
        if nics != now.nics.map(Self.line) { pending["nics"] = Value(nics) }
        return pending
    }

    private static func line(_ nic: VirtualMachine.NIC) -> String {
        "\(nic.name): " + [nic.network, nic.model, nic.mac].compactMap { $0 }.joined(separator: " ")
    }

    /// What the guest agent says, where an interface has no lease and the agent is there; nil where it was not asked or
    /// does not answer. It gets one second.
    private func agentAddresses(
        _ machine: VirtualMachine, _ detail: DomainDetail, _ context: MachineContext, _ domain: Domain
    ) -> [String: [String]]? {
        let isTold = detail.nics.allSatisfy { context.leases[$0.mac ?? ""] != nil }
        guard machine.status == .up, detail.hasAgent, !isTold || detail.nics.isEmpty else { return nil }
        do {
            try domain.setAgentTimeout(seconds: 1)
            let interfaces = try domain.interfaces(from: .agent)
            return Dictionary(interfaces.map { ($0.mac?.lowercased() ?? "", $0.addresses) }) { $0 + $1 }
        } catch {
            // An agent that went away is no fault of the machine.
            return nil
        }
    }

    private func snapshots(of domain: Domain) throws -> [VirtualMachine.Snapshot] {
        let all = try domain.snapshots().map { snapshot -> (Int, VirtualMachine.Snapshot) in
            let xml = try XMLElement(parsing: try snapshot.xml())
            let time = xml.text("creationTime").flatMap { Int($0) } ?? 0
            let item = VirtualMachine.Snapshot(
                name: snapshot.name, current: try snapshot.isCurrent(),
                creationDate: time > 0 ? MachineMetadata.isoDate(time) : nil, description: xml.text("description"),
                parent: xml.text("parent/name"), state: xml.text("state"))
            return (time, item)
        }
        // libvirt gives parents first; the sort is stable only by the position as second key.
        return all.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.map(\.element.1)
    }
}
