import LibvirtKit
import ProviderAPI

extension Machines {
    /// Carries a power action out; nothing where the machine is in that state already.
    func setPower(_ action: VirtualMachine.PowerAction, of domain: Domain) throws {
        let state = try domain.state()
        do {
            try setPower(action, of: domain, from: state)
        } catch let error as LibvirtError where error.code == .operationInvalid {
            // Somebody else was faster: when the state changed meanwhile, it is judged once more.
            let changed = try domain.state()
            guard changed != state else { throw error }
            try setPower(action, of: domain, from: changed)
        }
    }

    private func setPower(_ action: VirtualMachine.PowerAction, of domain: Domain, from state: DomainState?) throws {
        let isOff = state == .shutOff || state == .crashed
        switch action {
        case .up:
            if isOff { try domain.start() } else { try goOn(domain, from: state) }
        case .down:
            if !isOff { try domain.destroy() }
        case .shutdown:
            if !isOff { try domain.shutdown() }
        case .restart:
            if isOff { try domain.start() } else { try domain.reboot() }
        case .reset:
            try require(!isOff, domain, "it is down: write up instead")
            try domain.reset()
        case .suspend:
            try require(!isOff, domain, "it is down: there is nothing to suspend")
            if state?.isPaused != true, state != .suspended { try domain.suspend() }
        // libvirt's suspend is that.
        case .pause: throw ProviderError.unsupported(.pauseVM)
        case .resume:
            try require(!isOff, domain, "it is down: write up instead")
            try goOn(domain, from: state)
        }
    }

    private func goOn(_ domain: Domain, from state: DomainState?) throws {
        if state?.isPaused == true {
            try domain.resume()
        } else if state == .suspended {
            try domain.wake()
        }
    }

    func require(_ condition: Bool, _ domain: Domain, _ reason: String) throws(ProviderError) {
        guard condition else { throw ProviderError(.busy, "virtual machine \(domain.name): \(reason)") }
    }
}
