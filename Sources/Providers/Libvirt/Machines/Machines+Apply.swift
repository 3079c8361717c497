import LibvirtKit
import ProviderAPI

extension Machines {
    func apply(_ change: VirtualMachine.Change, to id: VirtualMachine.ID, _ job: any JobReporter)
        async throws(ProviderError) -> VirtualMachine
    {
        guard operations.contains(change.operation) else { throw .unsupported(change.operation) }
        return try await session.run(cache.subject(id)) { connection in
            defer { cache.remove(id.rawValue) }
            let domain = try connection.domain(uuid: id.rawValue)
            try apply(change, to: domain, on: connection)
            cache.remove(id.rawValue)
            let context = try MachineContext(of: connection, bulk: false)
            guard let machine = try machine(id, on: connection, context) else {
                throw ProviderError(.notFound, "\(cache.subject(id)): it is gone")
            }
            return machine
        }
    }

    private func apply(_ change: VirtualMachine.Change, to domain: Domain, on connection: Connection) throws {
        switch change {
        case .power(let action): try setPower(action, of: domain)
        case .autostart(let flag): try domain.setAutostart(flag)
        default: throw ProviderError.unsupported(change.operation)
        }
    }
}
