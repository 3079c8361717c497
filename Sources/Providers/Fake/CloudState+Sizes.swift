import ProviderAPI

extension CloudState {
    /// How large a machine is.
    struct Size {
        var memory: Int
        var cpus: Int
        var flavor: String?
        /// GiB of the boot disk where nothing else says.
        var disk: Int?
    }

    static let memoryRange = 64...1 << 20
    static let cpuRange = 1...256

    func size(of specification: Specification) throws(ProviderError) -> Size {
        var size = Size(memory: 512, cpus: 2)
        if let name = specification.text("flavor") {
            let flavor = try Self.named(name, on: flavors).facts
            for (key, value) in [("memory", flavor.memory), ("cpus", flavor.cpus)] {
                guard let asked = specification.number(key), asked != value else { continue }
                throw ProviderError(
                    .invalidValue, "\(key) \(asked) contradicts the flavor \(name): set one of the two")
            }
            size = Size(
                memory: flavor.memory ?? size.memory, cpus: flavor.cpus ?? size.cpus, flavor: flavor.name,
                disk: flavor.disk)
        }
        size.memory = specification.number("memory") ?? size.memory
        size.cpus = specification.number("cpus") ?? size.cpus
        try Self.check("memory", size.memory, Self.memoryRange, unit: "MiB")
        try Self.check("cpus", size.cpus, Self.cpuRange, unit: "processors")
        return size
    }

    static func check(
        _ key: String, _ value: Int, _ range: ClosedRange<Int>, unit: String
    ) throws(ProviderError) {
        guard range.contains(value) else {
            throw ProviderError(
                .outOfRange, "\(key): \(value) is not between \(range.lowerBound) and \(range.upperBound) \(unit)")
        }
    }

    /// Configures memory; a machine that runs has it at its next boot. One of a flavor has none of its own then.
    mutating func setMemory(_ memory: Int, of id: VirtualMachine.ID) throws(ProviderError) {
        try Self.check("memory", memory, Self.memoryRange, unit: "MiB")
        let isChanged = try machines.update(id) { machine in
            guard machine.facts.memory != memory else { return false }
            machine.facts.memory = memory
            machine.facts.flavor = nil
            let waits = !machine.isDown && memory != machine.runningMemory
            machine.facts.pending["memory"] = waits ? .number(memory) : nil
            return true
        }
        if isChanged { emit(id, "memory") }
    }

    /// Configures processors. A machine that runs gets more of them at once, up to twice what it booted with; anything
    /// else waits for its next boot.
    mutating func setCPUs(_ cpus: Int, of id: VirtualMachine.ID) throws(ProviderError) {
        try Self.check("cpus", cpus, Self.cpuRange, unit: "processors")
        let isChanged = try machines.update(id) { machine in
            guard machine.facts.cpus != cpus else { return false }
            machine.facts.cpus = cpus
            machine.facts.flavor = nil
            let isLive = (machine.runningCPUs...max(machine.runningCPUs, 2 * machine.bootCPUs)).contains(cpus)
            if isLive { machine.runningCPUs = cpus }
            machine.facts.pending["cpus"] = machine.isDown || isLive ? nil : .number(cpus)
            return true
        }
        if isChanged { emit(id, "cpus") }
    }

    /// Gives a machine that is down another flavor, with its memory and its processors.
    mutating func setFlavor(_ name: String, of id: VirtualMachine.ID) throws(ProviderError) {
        let flavor = try Self.named(name, on: flavors).facts
        let machine = try machines.get(id)
        guard machine.facts.flavor != flavor.name else { return }
        guard machine.isDown else {
            throw ProviderError(.busy, "\(machine.facts.name) is \(machine.facts.status.rawValue): stop it first")
        }
        try machines.update(id) { machine in
            machine.facts.flavor = flavor.name
            machine.facts.memory = flavor.memory ?? machine.facts.memory
            machine.facts.cpus = flavor.cpus ?? machine.facts.cpus
        }
        emit(id, "flavor")
    }
}
