import LibvirtKit
import ProviderAPI

extension Machines {
    func apply(_ change: VirtualMachine.Change, to id: VirtualMachine.ID, _ job: any JobReporter)
        async throws(ProviderError) -> VirtualMachine
    {
        guard operations.contains(change.operation) else { throw .unsupported(change.operation) }
        switch change {
        case .clone(let name, let full, let start): try await clone(id, to: name, full: full, start: start, job)
        case .export(let image): try await export(id, to: image, job)
        case .createSnapshot(let wish): try await createSnapshot(wish, of: id, job)
        case .deleteSnapshot(let name): try await deleteSnapshot(name, of: id, job)
        case .revertSnapshot(let name): try await revert(id, to: name, job)
        default: return try await carryOut(change, on: id)
        }
        guard let machine = try await items([id]).first else {
            throw ProviderError(.notFound, "\(cache.subject(id)): it is gone")
        }
        return machine
    }

    private func carryOut(_ change: VirtualMachine.Change, on id: VirtualMachine.ID) async throws(ProviderError)
        -> VirtualMachine
    {
        try await session.run(cache.subject(id)) { connection in
            defer { cache.remove(id.rawValue) }
            let domain = try connection.domain(uuid: id.rawValue)
            let name = domain.name
            try apply(change, to: domain, on: connection)
            cache.remove(id.rawValue)
            let context = try MachineContext(of: connection, bulk: false)
            guard let machine = try machine(id, on: connection, context) else {
                // One without a definition is gone once it is off, which is what was asked for.
                if case .power = change {
                    return VirtualMachine(id: id, name: name, status: .down, rawStatus: DomainState.shutOff.rawValue)
                }
                throw ProviderError(.notFound, "\(cache.subject(id)): it is gone")
            }
            return machine
        }
    }

    private func apply(_ change: VirtualMachine.Change, to domain: Domain, on connection: Connection) throws {
        switch change {
        case .power(let action): try setPower(action, of: domain)
        case .rename(let name): try rename(domain, to: name, on: connection)
        case .memory(let mebibytes): try setMemory(mebibytes, of: domain, on: connection)
        case .cpus(let count): try setCPUs(count, of: domain, on: connection)
        case .autostart(let flag): try domain.setAutostart(flag)
        case .iso(let name): try setISO(name, of: domain, on: connection)
        case .description(let text): try setDescription(text, of: domain, on: connection)
        case .metadata(let key, let value): try setMetadata(key, to: value, of: domain, on: connection)
        case .addDisk(let specification): try addDisk(specification, to: domain, on: connection)
        case .deleteDisk(let name): try detachDisk(name, of: domain, deleting: true, on: connection)
        case .attachDisk(let disk): try attachDisk(disk, to: domain, on: connection)
        case .detachDisk(let name): try detachDisk(name, of: domain, deleting: false, on: connection)
        case .growDisk(let name, let size): try growDisk(name, to: size, of: domain, on: connection)
        case .addNIC(let specification): try addNIC(specification, to: domain, on: connection)
        case .deleteNIC(let name): try deleteNIC(name, of: domain, on: connection)
        case .updateNIC(let name, let network): try updateNIC(name, network: network, of: domain, on: connection)
        case .configureNIC(let name, let wish): try configureNIC(name, wish, of: domain, on: connection)
        case .reserveAddress(let name, let address): try reserve(address, for: name, of: domain, on: connection)
        case .flavor, .clone, .export, .createSnapshot, .deleteSnapshot, .revertSnapshot:
            throw ProviderError.unsupported(change.operation)
        }
    }
}
