import ProviderAPI
import ProviderKit

/// The machines of an account in a region: EC2's instances.
struct Machines: CollectionService {
    let account: Account
    /// Where the records of machines are kept.
    let zones: Zones

    var ec2: EC2 { account.ec2 }
    var parameters: [Parameter] { MachineParameters.all }
    var operations: Set<Operation> { Self.all }

    static let all: Set<Operation> = [
        .listVMs, .createVM, .deleteVM, .startVM, .stopVM, .shutdownVM, .restartVM, .suspendVM, .resumeVM, .renameVM,
        .cloneVM, .exportVM, .consoleVM, .serialVM, .addressVM, .portsVM, .updateMemory, .updateCPUs, .updateFlavor,
        .updateMetadata, .updateDescription, .addDisk, .deleteVMDisk, .attachDisk, .detachDisk, .growVMDisk, .addNIC,
        .deleteNIC, .listSnapshots, .createSnapshot, .deleteSnapshot, .revertSnapshot,
    ]

    /// DescribeInstances alone, in pages: what else there is to know is detail.
    func list() async throws(ProviderError) -> [VirtualMachine] {
        let found = try await ec2.instances(to: "list virtual machines")
        return account.instances.apply(to: found, id: \.id).map { described($0, nil) }
    }

    func items(_ ids: [VirtualMachine.ID]) async throws(ProviderError) -> [VirtualMachine] {
        let ids = ids.map(\.rawValue)
        async let instances = account.current(ids)
        async let volumes = self.volumes(of: ids)
        async let snapshots = self.snapshots(of: ids)
        async let networks = account.ec2.vpcs(to: "read networks")
        do {
            let found = try await instances
            let types = try await account.types.types(Set(found.compactMap(\.type)))
            var detail = MachineDetail(types: types)
            detail.images = try await imageNames(of: found)
            detail.volumes = Dictionary(try await volumes.map { ($0.id, $0) }) { $1 }
            detail.snapshots = Dictionary(grouping: try await snapshots) { $0.tags[Tags.machine] ?? "" }
            detail.networks = Dictionary(try await networks.map { ($0.id, $0.tags[Tags.name] ?? $0.id) }) { $1 }
            return found.map { described($0, detail) }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    private func described(_ instance: EC2.Instance, _ detail: MachineDetail?) -> VirtualMachine {
        var machine = VirtualMachine(instance, detail: detail)
        if machine.status == .up { machine.console = Consoles(account: account).page(of: machine.id) }
        return machine
    }

    private func volumes(of ids: [String]) async throws(ProviderError) -> [EC2.Volume] {
        let filters: EC2.Filters = ids.count > EC2.filterLimit ? [] : [("attachment.instance-id", ids)]
        let found = try await ec2.volumes(filters, to: "read volumes")
        return account.volumes.apply(to: found, id: \.id)
    }

    func snapshots(of ids: [String]) async throws(ProviderError) -> [EC2.Snapshot] {
        let filters: EC2.Filters =
            ids.count > EC2.filterLimit ? [("tag-key", [Tags.machine])] : [("tag:\(Tags.machine)", ids)]
        let found = try await ec2.snapshots(filters, to: "read snapshots")
        let wanted = Set(ids)
        return account.snapshots.apply(to: found, id: \.id).filter { wanted.contains($0.tags[Tags.machine] ?? "") }
    }

    /// The names of images that no tag tells, by one call; those that are gone have none.
    private func imageNames(of instances: [EC2.Instance]) async throws(ProviderError) -> [String: String] {
        let ids = Set(instances.filter { $0.tags["image"] == nil }.compactMap(\.image)).sorted()
        guard !ids.isEmpty else { return [:] }
        var names: [String: String] = [:]
        for start in stride(from: 0, to: ids.count, by: EC2.filterLimit) {
            let part = Array(ids[start..<min(start + EC2.filterLimit, ids.count)])
            for image in try await ec2.images([("image-id", part)], to: "read images") { names[image.id] = image.name }
        }
        return names
    }

    /// One machine as it is after a change.
    func machine(_ id: VirtualMachine.ID) async throws(ProviderError) -> VirtualMachine {
        guard let machine = try await items([id]).first else {
            throw ProviderError(.notFound, "\(id): it was terminated meanwhile")
        }
        return machine
    }

    func delete(_ id: VirtualMachine.ID, _ job: any JobReporter) async throws(ProviderError) {
        let instance = try await account.instance(id.rawValue)
        // One that is stopping was told to: it need not be waited for.
        guard ["stopped", "stopping"].contains(instance.state) else {
            throw ProviderError(.busy, "\(instance.label) is \(instance.state): stop it before deleting it")
        }
        let kept = try await snapshots(of: [instance.id])
        guard kept.isEmpty else {
            throw ProviderError(.notEmpty, "\(instance.label) has snapshots: remove them first")
        }
        try await zones.release(instance)
        try await ec2.terminate(instance.id, to: "delete \(instance.label)")
        account.instances.noteGone(instance.id)
    }
}
