public import ProviderAPI
import Synchronization

/// Machines in memory that do at once what they are told.
public enum StubMachines {
    /// Everything a stub machine can do.
    public static let operations: Set<Operation> = [
        .listVMs, .createVM, .deleteVM, .startVM, .stopVM, .shutdownVM, .restartVM, .resetVM, .suspendVM, .pauseVM,
        .resumeVM, .renameVM, .updateMemory, .updateCPUs, .updateAutostart, .updateMetadata, .updateDescription,
        .addDisk, .deleteVMDisk, .attachDisk, .detachDisk, .growVMDisk, .addNIC, .deleteNIC, .updateNIC,
        .listSnapshots, .createSnapshot, .deleteSnapshot, .revertSnapshot, .updateISO, .cloneVM, .exportVM,
    ]

    /// A machine of that name, whose id is `id-NAME`.
    public static func machine(_ name: String, _ status: VirtualMachine.Status = .down, id: String? = nil)
        -> VirtualMachine
    {
        var machine = VirtualMachine(
            id: .init(id ?? "id-\(name)"), name: name, status: status, rawStatus: status == .up ? "running" : "shut off"
        )
        machine.memory = 1024
        machine.cpus = 2
        machine.autostart = false
        machine.disks = [
            .init(name: "vda", size: 10, format: "qcow2", bus: "virtio", pool: "default", type: "disk", boot: true)
        ]
        machine.nics = [.init(name: "eth0", network: "default", mac: "52:54:00:00:00:01", model: "virtio")]
        machine.metadata = ["plan": "web"]
        return machine
    }

    /// A collection of machines.
    public static func collection(
        _ machines: [VirtualMachine], coverage: EventCoverage = .none,
        operations: Set<Operation> = operations, parameters: [Parameter] = StandardParameters.vm
    ) -> StubCollection<VirtualMachine> {
        StubCollection(
            machines, operations: operations, parameters: parameters, coverage: coverage,
            make: { specification in made(specification) },
            carry: { (machine, change) throws(ProviderError) in try carry(&machine, change) })
    }

    private static let count = Atomic(0)

    private static func made(_ specification: Specification) -> VirtualMachine {
        let id = "made-\(count.add(1, ordering: .relaxed).newValue)"
        var machine = machine(specification.name, specification.flag("start") == true ? .up : .down, id: id)
        machine.memory = specification.number("memory") ?? machine.memory
        machine.cpus = specification.number("cpus") ?? machine.cpus
        machine.description = specification.text("description")
        machine.metadata = Dictionary(specification.pairs("metadata").map { ($0.key, $0.value) }) { $1 }
        for key in StandardParameters.metadataKeys {
            if let text = specification.text(key) { machine.metadata[key] = text }
        }
        return machine
    }

    private static func carry(_ machine: inout VirtualMachine, _ change: VirtualMachine.Change) throws(ProviderError) {
        switch change {
        case .power(let action): power(&machine, action)
        case .rename(let name): machine.name = name
        case .memory(let size): machine.memory = size
        case .cpus(let count): machine.cpus = count
        case .autostart(let flag): machine.autostart = flag
        case .iso(let iso): machine.iso = iso
        case .description(let text): machine.description = text
        case .metadata(let key, let value): machine.metadata[key] = value
        default: try carryParts(&machine, change)
        }
    }

    private static func carryParts(_ machine: inout VirtualMachine, _ change: VirtualMachine.Change)
        throws(ProviderError)
    {
        switch change {
        case .addDisk(let disk): machine.disks.append(.init(name: disk.name, size: disk.number("size") ?? 10))
        case .deleteDisk(let name), .detachDisk(let name): machine.disks.removeAll { $0.name == name }
        case .growDisk(let name, let size):
            for index in machine.disks.indices where machine.disks[index].name == name {
                machine.disks[index].size = size
            }
        case .attachDisk(let id): machine.disks.append(.init(name: id.rawValue, volume: id))
        case .addNIC(let nic): machine.nics.append(.init(name: nic.name, network: nic.text("network") ?? "default"))
        case .deleteNIC(let name): machine.nics.removeAll { $0.name == name }
        case .updateNIC(let name, let network):
            for index in machine.nics.indices where machine.nics[index].name == name {
                machine.nics[index].network = network
            }
        case .createSnapshot(let snapshot): machine.snapshots.append(.init(name: snapshot.name, current: true))
        case .deleteSnapshot(let name): machine.snapshots.removeAll { $0.name == name }
        case .revertSnapshot: break
        default: throw .unsupported(change.operation)
        }
    }

    private static func power(_ machine: inout VirtualMachine, _ action: VirtualMachine.PowerAction) {
        switch action {
        case .up, .restart, .reset, .resume: machine.status = .up
        case .down, .shutdown: machine.status = .down
        case .suspend: machine.status = .suspended
        case .pause: machine.status = .paused
        }
        machine.rawStatus = machine.status == .up ? "running" : "\(machine.status)"
    }
}
