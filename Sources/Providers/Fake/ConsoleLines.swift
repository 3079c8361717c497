import ProviderAPI

/// Consoles of machines that run.
struct ConsoleLines: ConsoleService {
    let cloud: Cloud

    func console(of id: VirtualMachine.ID) async throws(ProviderError) -> String {
        try await cloud.enter(.consoleVM)
        let facts = try cloud.change { (state) throws(ProviderError) in try state.machines.get(id).facts }
        guard let console = facts.console else { throw Self.notRunning(facts) }
        return console
    }

    func serial(of id: VirtualMachine.ID) async throws(ProviderError) -> any ByteStream {
        try await cloud.enter(.serialVM)
        let facts = try cloud.change { (state) throws(ProviderError) in try state.machines.get(id).facts }
        guard facts.console != nil else { throw Self.notRunning(facts) }
        return cloud.lines.open(facts) { [weak cloud] in
            do throws(ProviderError) {
                try cloud?.change { (state) throws(ProviderError) in try state.power(.shutdown, id) }
                return nil
            } catch {
                return error.message
            }
        }
    }

    private static func notRunning(_ facts: VirtualMachine) -> ProviderError {
        ProviderError(.busy, "\(facts.name) is \(facts.status.rawValue) and has no console: start it first")
    }
}
