import ProviderAPI

/// The machines.
struct MachineService: CollectionService {
    let cloud: Cloud
    let eventCoverage = EventCoverage.all(except: [])

    /// Events are told here too: no collection of their own has them.
    let operations: Set<Operation> = Set(Operation.allCases.filter { $0.rawValue.hasPrefix("vm.") }).union([.events])
    let parameters = MachineParameters.all

    func list() async throws(ProviderError) -> [VirtualMachine] {
        try await cloud.enter(.listVMs)
        return try cloud.garbled(try cloud.change { $0.machines.facts })
    }

    func items(_ ids: [VirtualMachine.ID]) async throws(ProviderError) -> [VirtualMachine] {
        try await cloud.enter(.listVMs, label: "vms.items")
        return try cloud.garbled(try cloud.change { state in ids.compactMap { state.machines[$0]?.facts } })
    }

    func create(
        _ specification: Specification, _ job: any JobReporter
    ) async throws(ProviderError) -> VirtualMachine {
        try await cloud.enter(.createVM)
        let item = try cloud.change { (state) throws(ProviderError) in
            let id = try state.createMachine(specification)
            return try state.machines.get(id).facts
        }
        job.accepted()
        return item
    }

    func delete(_ id: VirtualMachine.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.enter(.deleteVM)
        try cloud.change { (state) throws(ProviderError) in try state.deleteMachine(id) }
        job.accepted()
    }

    func apply(
        _ change: VirtualMachine.Change, to id: VirtualMachine.ID, _ job: any JobReporter
    ) async throws(ProviderError) -> VirtualMachine {
        try await cloud.enter(change.operation)
        switch change {
        case .export(let image): try await export(id, as: image, job)
        case .clone(let name, full: true, let start): try await cloneFully(id, name, start, job)
        default:
            try cloud.change { (state) throws(ProviderError) in try state.apply(change, to: id) }
            job.accepted()
        }
        return try cloud.change { (state) throws(ProviderError) in try state.machines.get(id).facts }
    }

    /// Makes an image of the boot disk; an interruption leaves none.
    private func export(_ id: VirtualMachine.ID, as name: String, _ job: any JobReporter) async throws(ProviderError) {
        let image = try cloud.change { (state) throws(ProviderError) in try state.beginExport(of: id, as: name) }
        do { try await cloud.work(job) } catch {
            try cloud.change { (state) throws(ProviderError) in try state.deleteImage(image) }
            throw error
        }
        try cloud.change { (state) throws(ProviderError) in try state.finishImage(image) }
    }

    /// Copies everything; the copy appears when it is whole.
    private func cloneFully(
        _ id: VirtualMachine.ID, _ name: String, _ start: Bool, _ job: any JobReporter
    ) async throws(ProviderError) {
        try cloud.change { (state) throws(ProviderError) in
            try state.checkClone(of: try state.machines.get(id), name: name, full: true)
        }
        try await cloud.work(job)
        try cloud.change { (state) throws(ProviderError) in
            _ = try state.clone(id, name: name, full: true, start: start)
        }
    }
}
