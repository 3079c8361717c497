import LibvirtKit
import ProviderAPI

extension Machines {
    /// All machines in a constant number of calls.
    ///
    /// virConnectGetAllDomainStats tells of states without a word to the hypervisor's processes, one of which may hang;
    /// memory and processors are asked of those that are off, for the same reason. What only the XML tells comes from
    /// the cache, and where that has nothing the machine is not complete.
    func list(on connection: Connection) throws -> [VirtualMachine] {
        let (states, sizes) = try states(on: connection)
        let context = try MachineContext(of: connection, bulk: true, reservations: false)
        cache.keep(names: Dictionary(states.map { ($0.uuid, $0.name) }) { first, _ in first })
        return states.map { machine($0, size: sizes[$0.uuid], context) }
    }

    /// The states of all, and the sizes of those that are off, by UUID: each machine is told of once, by one of two calls.
    /// Where one was stopped between these, and neither has it, all are asked again.
    private func states(on connection: Connection) throws -> ([DomainStats], [String: DomainStats]) {
        let active = try connection.domains(.active).map(\.uuid)
        let off = try connection.stats([.state, .balloon, .vcpu], of: .inactive)
        let on = try connection.stats(.state, of: .active)
        let sizes = Dictionary(off.map { ($0.uuid, $0) }) { first, _ in first }
        let running = Set(on.map(\.uuid))
        guard active.allSatisfy({ running.contains($0) || sizes[$0] != nil }) else {
            return (try connection.stats(.state), sizes)
        }
        return (on + off.filter { !running.contains($0.uuid) }, sizes)
    }

    private func machine(_ state: DomainStats, size: DomainStats?, _ context: MachineContext) -> VirtualMachine {
        let status = VirtualMachine.Status(state.state)
        let known = cache.entry(state.uuid)
        let hasSnapshots = context.withSnapshots?.contains(state.uuid) == true
        var machine =
            known?.machine
            ?? VirtualMachine(id: .init(state.uuid), name: state.name, status: status, rawStatus: "", isComplete: false)
        machine.name = state.name
        machine.status = status
        machine.rawStatus = state.state?.rawValue ?? "unknown"
        machine.autostart = context.autostart?.contains(state.uuid)
        if let memory = size?.memory.map({ $0 / 1024 }) {
            if machine.memory != memory { machine.isComplete = false }
            machine.memory = memory
        }
        if let cpus = size?.vcpus {
            if machine.cpus != cpus { machine.isComplete = false }
            machine.cpus = cpus
        }
        // Taking a snapshot has no event.
        if hasSnapshots || !machine.snapshots.isEmpty { machine.isComplete = false }
        if let detail = known?.detail { machine.setAddresses(detail, context.leases, agent: nil) }
        return machine
    }
}

extension VirtualMachine.Status {
    /// The normalised state; libvirt pauses what this program's users suspend.
    init(_ state: DomainState?) {
        switch state {
        case .running, .blocked: self = .up
        case .paused, .suspended: self = .suspended
        case .pausedByStorage, .pausedByWatchdog, .pausedByPanic: self = .paused
        case .shuttingDown: self = .stopping
        case .shutOff: self = .down
        case .crashed: self = .crashed
        case nil, .some(.none): self = .unknown
        }
    }
}

extension VirtualMachine {
    /// Addresses of its interfaces, from the leases or from the guest agent (by hardware address); kcli's `ip` field
    /// first. A machine that is off has none, but its interfaces have those that are kept for them.
    mutating func setAddresses(
        _ detail: DomainDetail, _ leases: [String: [String]], agent: [String: [String]]?,
        reserved: [String: [String]]? = nil
    ) {
        let isOn = status != .down && status != .crashed
        nics = detail.nics.map { nic in
            var nic = nic
            let mac = nic.mac ?? ""
            // What the agent said stays until it is asked again.
            let said = agent?[mac] ?? nics.first { $0.mac == nic.mac }?.addresses ?? []
            nic.addresses = isOn ? leases[mac] ?? said : reserved.map { $0[mac] ?? [] } ?? said
            return nic
        }
        let fixed = metadata["ip"].map { [$0] } ?? []
        addresses = isOn ? Address.sorted(fixed + nics.flatMap(\.addresses)) : []
    }
}
