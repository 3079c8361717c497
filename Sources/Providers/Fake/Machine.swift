import ProviderAPI

/// A machine with what only the cloud knows of it.
struct Machine: Shelved {
    /// What a snapshot keeps: the configuration and the content of the volumes.
    struct Saved: Sendable {
        var memory: Int?
        var cpus: Int?
        var flavor: String?
        var metadata: [String: String]
        var description: String?
        var disks: [VirtualMachine.Disk]
        var volumes: [Disk.ID: Volume]
    }

    var facts: VirtualMachine
    /// The address that each interface gets when the machine is up; empty where it gets none.
    var leases: [String]
    /// Content of the snapshots, in the order of theirs.
    var saved: [Saved] = []
    /// Counts the changes of its power state: what was planned before the last one is void.
    var turn: Int32 = 0
    /// Processors at its last boot.
    var bootCPUs = 0
    /// Processors that it runs with.
    var runningCPUs = 0
    /// MiB that it runs with.
    var runningMemory = 0
    /// Security groups, by name.
    var groups: [String] = []

    /// It begins to run with what is configured now.
    mutating func boot() {
        facts.pending = [:]
        bootCPUs = facts.cpus ?? 1
        runningCPUs = bootCPUs
        runningMemory = facts.memory ?? 0
        facts.console = CloudState.console(of: facts.id)
    }

    var isDown: Bool {
        switch facts.status {
        case .down, .crashed, .error: true
        default: false
        }
    }
}

/// A volume with what only the cloud knows of it.
struct Volume: Shelved {
    var facts: Disk
    /// The machine that it was made with and that takes it along when it goes.
    var owner: VirtualMachine.ID?
    /// The machine that it is attached to.
    var holder: VirtualMachine.ID?
    var isThin = true
    /// Bytes of its pool that it takes.
    var allocation: Int
    var content: SparseContent
}

/// An image with its content.
struct ImageRecord: Shelved {
    var facts: Image
    var allocation: Int
    var content: SparseContent
    /// The pool it takes room of.
    var pool: Pool.ID?
}

/// A network with the addresses that are taken in it.
struct NetworkRecord: Shelved {
    var facts: Network
    var range: AddressRange?
    var taken: Set<UInt32> = []
    var next: UInt32 = 10

    /// The next free address of it; nil where it has none to give.
    mutating func lease() -> String? {
        guard let range, facts.dhcp != false else { return nil }
        let hosts = range.hosts
        guard hosts > 12 else { return nil }
        for _ in 0..<hosts {
            let host = next
            next = next + 1 >= hosts ? 10 : next + 1
            if taken.insert(host).inserted { return range.address(host) }
        }
        return nil
    }

    /// Gives an address back.
    mutating func release(_ address: String) {
        if let host = range?.host(of: address) { taken.remove(host) }
    }
}
