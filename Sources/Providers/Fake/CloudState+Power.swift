import ProviderAPI

extension CloudState {
    /// Carries out a power action. One that finds the machine as it would leave it changes nothing.
    mutating func power(_ action: VirtualMachine.PowerAction, _ id: VirtualMachine.ID) throws(ProviderError) {
        let machine = try machines.get(id)
        switch (action, machine.facts.status) {
        case (.up, .up), (.up, .starting), (.resume, .up), (.suspend, .suspended), (.pause, .paused): return
        case (.down, .down), (.shutdown, .down), (.shutdown, .stopping), (.restart, .starting): return
        case (.up, .suspended), (.up, .paused), (.resume, .suspended), (.resume, .paused): resume(id)
        case (.up, .down), (.up, .crashed), (.up, .error): boot(id, word: "booting")
        case (.down, _): stop(id)
        case (.shutdown, .up), (.shutdown, .starting): beginShutdown(id)
        case (.restart, .up): boot(id, word: "rebooting")
        case (.reset, .up), (.reset, .starting), (.reset, .stopping), (.reset, .suspended), (.reset, .paused):
            boot(id, word: "resetting")
        case (.suspend, .up): freeze(id, .suspended)
        case (.pause, .up): freeze(id, .paused)
        default: throw Self.refusal(of: action, to: machine.facts)
        }
    }

    private static func refusal(of action: VirtualMachine.PowerAction, to facts: VirtualMachine) -> ProviderError {
        let advice: String
        switch facts.status {
        case .down, .crashed, .error, .unknown: advice = "start it first"
        case .suspended, .paused: advice = "resume it first"
        case .starting, .stopping, .up: advice = "wait until that is done"
        }
        return ProviderError(
            .busy, "\(facts.name) is \(facts.status.rawValue) and cannot do \(action.rawValue): \(advice)")
    }

    /// Lets a planned step happen, unless the machine has changed its state since.
    mutating func happen(_ step: Step, to id: VirtualMachine.ID, turn: Int32) {
        guard machines[id]?.turn == turn else { return }
        switch step {
        case .booted: finishBoot(id)
        case .addressed: showAddresses(id)
        case .stopped: stop(id)
        }
    }

    private mutating func boot(_ id: VirtualMachine.ID, word: String) {
        turn(id, to: .starting, word)
        machines.touch(id) { $0.boot() }
        hideAddresses(id)
        emit(id, word)
        follow(id, .booted, after: options.bootTime)
    }

    private mutating func finishBoot(_ id: VirtualMachine.ID) {
        turn(id, to: .up, "running")
        emit(id, "started")
        follow(id, .addressed, after: options.addressTime)
    }

    private mutating func beginShutdown(_ id: VirtualMachine.ID) {
        turn(id, to: .stopping, "stopping")
        emit(id, "stopping")
        follow(id, .stopped, after: options.stopTime)
    }

    /// Powers a machine off, hard.
    mutating func stop(_ id: VirtualMachine.ID) {
        turn(id, to: .down, "shutoff")
        machines.touch(id) { machine in
            machine.facts.pending = [:]
            machine.facts.console = nil
        }
        hideAddresses(id)
        emit(id, "stopped")
    }

    private mutating func freeze(_ id: VirtualMachine.ID, _ status: VirtualMachine.Status) {
        turn(id, to: status, status.rawValue)
        emit(id, status.rawValue)
    }

    private mutating func resume(_ id: VirtualMachine.ID) {
        turn(id, to: .up, "running")
        emit(id, "resumed")
        follow(id, .addressed, after: options.addressTime)
    }

    /// A guest that failed: as `outside` can simulate it.
    mutating func crash(_ id: VirtualMachine.ID) {
        stop(id)
        turn(id, to: .crashed, "crashed")
        emit(id, "crashed")
    }

    private mutating func turn(_ id: VirtualMachine.ID, to status: VirtualMachine.Status, _ word: String) {
        machines.touch(id) { machine in
            machine.facts.status = status
            machine.facts.rawStatus = word
            machine.turn &+= 1
        }
    }

    private mutating func follow(_ id: VirtualMachine.ID, _ step: Step, after delay: Duration) {
        guard let machine = machines[id] else { return }
        if delay > .zero { plan(step, for: machine, in: delay) } else { happen(step, to: id, turn: machine.turn) }
    }

    private mutating func showAddresses(_ id: VirtualMachine.ID) {
        var changed = false
        machines.touch(id) { machine in
            let before = machine.facts.addresses
            machine.showAddresses()
            changed = before != machine.facts.addresses
        }
        if changed { emit(id, "addressed") }
    }

    private mutating func hideAddresses(_ id: VirtualMachine.ID) {
        machines.touch(id) { $0.hideAddresses() }
    }

    /// Where a viewer connects while the machine runs.
    static func console(of id: VirtualMachine.ID) -> String {
        let number = Int(UInt64(id.rawValue.prefix(8), radix: 16) ?? 0)
        return "vnc://kvm\(1 + number % 8):\(5900 + number / 8 % 4000)"
    }
}

extension Machine {
    /// Every interface has the address that was leased to it.
    mutating func showAddresses() {
        facts.addresses = leases.contains("") ? leases.filter { !$0.isEmpty } : leases
        for place in facts.nics.indices {
            // One array serves all where there is one interface.
            let lease = leases[place]
            facts.nics[place].addresses = lease.isEmpty ? [] : facts.addresses.count == 1 ? facts.addresses : [lease]
        }
    }

    /// No interface has an address.
    mutating func hideAddresses() {
        facts.addresses = []
        for place in facts.nics.indices { facts.nics[place].addresses = [] }
    }
}

extension CloudState {
    /// A machine that goes on where a snapshot of its memory left it.
    mutating func restoreRunning(_ id: VirtualMachine.ID) {
        machines.touch(id) { machine in
            machine.facts.status = .up
            machine.facts.rawStatus = "running"
            machine.turn &+= 1
            machine.boot()
            machine.showAddresses()
        }
        emit(id, "started")
    }
}
