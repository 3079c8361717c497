import CloudInit
import LibvirtKit
import ProviderAPI
import XMLKit

extension Machines {
    var parameters: [Parameter] {
        session.driver == .qemu ? MachineParameters.all : MachineParameters.common
    }

    func plan(_ specification: Specification) throws(ProviderError) -> Specification {
        let wish = try MachineWish(specification)
        var plan = specification
        plan.values["memory"] = .number(wish.memory.size)
        plan.values["cpus"] = .number(wish.processor.count)
        plan.values["start"] = .flag(wish.starts)
        if wish.firmware.machine != nil { plan.values["machine"] = Value(wish.firmware.machine) }
        if let boot = wish.firstBoot { plan.values["hostname"] = .text(boot.hostname) }
        return plan
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> VirtualMachine {
        try specification.require(only: Set(parameters.map(\.name)))
        let wish = try MachineWish(specification)
        return try await session.run("virtual machine \(wish.name)") { connection in
            try requireFree(wish, on: connection)
            try make(wish, on: connection)
            let context = try MachineContext(of: connection, bulk: false)
            guard let machine = try machine(.init(wish.uuid), on: connection, context) else {
                throw ProviderError(.notFound, "virtual machine \(wish.name): it went away at once")
            }
            return machine
        }
    }

    private func requireFree(_ wish: MachineWish, on connection: Connection) throws {
        try requireFree(wish.name, on: connection)
        guard let other = try unless(.noDomain, call: { try connection.domain(uuid: wish.uuid) }) else { return }
        throw ProviderError(.alreadyExists, "uuid \(wish.uuid): virtual machine \(other.name) has it")
    }

    /// Makes the volumes, the definition and, if wished, the running machine: all of it or nothing.
    private func make(_ wish: MachineWish, on connection: Connection) throws {
        var maker = VolumeMaker(connection: connection, catalog: volumes, pool: wish.pool ?? pool, debts: session.debts)
        var reserved = Reservations(of: wish.name, on: connection, session.debts)
        let owed = Owed.machine(uuid: wish.uuid, name: wish.name)
        var isDefined = false
        do {
            let made = try build(wish, &maker, &reserved)
            let domain = try session.debts.making(owed, on: connection) {
                try connection.define(domain: DomainDefinition.domain(wish, made).description)
            }
            isDefined = true
            if let flag = wish.autostart { try domain.setAutostart(flag) }
            if wish.starts { try domain.start() }
        } catch {
            // Of what is taken back later the last comes first: the machine goes before what it needs.
            if connection.isAlive {
                if isDefined { session.debts.takeBack(owed, on: connection) }
                reserved.undo()
                maker.undo()
            } else {
                maker.undo()
                reserved.undo()
                if isDefined { session.debts.takeBack(owed, on: connection) }
            }
            throw error
        }
    }
}
