/// A virtual machine, as every platform can tell it. A fact that a platform does not give is nil or empty.
public struct VirtualMachine: Resource {
    /// The normalised states.
    public enum Status: String, Sendable, CaseIterable, Hashable {
        case up, down, suspended, starting, stopping, paused, crashed, error, unknown
    }

    /// A disk as the machine sees it.
    public struct Disk: Sendable, Hashable {
        /// The device in the guest or the platform's name of the attachment (`vda`): unique within the machine.
        public var name: String
        /// The standing volume behind it, where it is one.
        public var volume: ProviderAPI.Disk.ID?
        /// GiB, as provisioned.
        public var size: Int?
        /// `qcow2`, `raw`, `gp3`...
        public var format: String?
        /// `virtio`, `scsi`, `sata`, `ide`, `nvme`, ...
        public var bus: String?
        /// The pool that holds it.
        public var pool: String?
        /// Where the platform keeps it.
        public var path: String?
        /// `disk`, `cdrom`, or the platform's volume type.
        public var type: String?
        /// Whether the machine boots from it.
        public var boot: Bool
        /// Bytes of the volume behind it, as a reader of its content sees them.
        public var capacity: Int?
        /// Bytes that the volume's content takes where it is kept; nil where that is not known.
        public var allocation: Int?

        /// A disk of that name.
        public init(
            name: String, volume: ProviderAPI.Disk.ID? = nil, size: Int? = nil, format: String? = nil,
            bus: String? = nil, pool: String? = nil, path: String? = nil, type: String? = nil, boot: Bool = false
        ) {
            self.name = name
            self.volume = volume
            self.size = size
            self.format = format
            self.bus = bus
            self.pool = pool
            self.path = path
            self.type = type
            self.boot = boot
        }
    }

    /// A network interface.
    public struct NIC: Sendable, Hashable {
        /// `eth0`, `eth1`, ...: unique within the machine.
        public var name: String
        /// The network it is on.
        public var network: String?
        /// Hardware address, lower case with colons.
        public var mac: String?
        /// `virtio`, `e1000`, ...
        public var model: String?
        /// `network`, `bridge`, `direct`, ... or the platform's word.
        public var type: String?
        /// Its addresses, IPv4 before IPv6, without link-local ones.
        public var addresses: [String]

        /// An interface of that name.
        public init(
            name: String, network: String? = nil, mac: String? = nil, model: String? = nil, type: String? = nil,
            addresses: [String] = []
        ) {
            self.name = name
            self.network = network
            self.mac = mac
            self.model = model
            self.type = type
            self.addresses = addresses
        }
    }

    /// A snapshot of the machine.
    public struct Snapshot: Sendable, Hashable {
        /// Unique within the machine.
        public var name: String
        /// Whether the machine's state descends directly from it.
        public var current: Bool
        /// ISO 8601, UTC.
        public var creationDate: String?
        /// Free text.
        public var description: String?
        /// The snapshot before it.
        public var parent: String?
        /// The machine's state in it, in the platform's words.
        public var state: String?

        /// A snapshot of that name.
        public init(
            name: String, current: Bool = false, creationDate: String? = nil, description: String? = nil,
            parent: String? = nil, state: String? = nil
        ) {
            self.name = name
            self.current = current
            self.creationDate = creationDate
            self.description = description
            self.parent = parent
            self.state = state
        }
    }

    /// The collection it belongs to.
    public static var kind: Kind { .vms }

    /// The platform's id (UUID, instance id).
    public var id: Identifier<VirtualMachine>
    /// The platform's name.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// Whether ``CollectionService/items(_:)`` has nothing to add.
    public var isComplete: Bool
    /// The normalised state.
    public var status: Status
    /// The platform's own word for it.
    public var rawStatus: String
    /// Its addresses, the one to use first.
    public var addresses: [String]
    /// MiB, as configured.
    public var memory: Int?
    /// Virtual processors, as configured.
    public var cpus: Int?
    /// Where the platform has flavors.
    public var flavor: String?
    /// Whether it starts with its host.
    public var autostart: Bool?
    /// The image it was made from.
    public var image: String?
    /// The medium in its CD drive.
    public var iso: String?
    /// ISO 8601, UTC, to the second.
    public var creationDate: String?
    /// Free text.
    public var description: String?
    /// Free keys, kcli's own (`plan`, `profile`, `owner`, `user`, `domain`, `dnsclient`, ...) among them.
    public var metadata: [String: String]
    /// In the platform's order, the boot disk first.
    public var disks: [Disk]
    /// In the platform's order.
    public var nics: [NIC]
    /// In order of creation.
    public var snapshots: [Snapshot]
    /// Where a viewer connects; nil when it is not running or the platform makes one on demand.
    public var console: String?
    /// What takes effect only at the next boot: attribute name to the value it will have.
    public var pending: [String: Value]
    /// Names of the networks it is on, where the interfaces do not tell.
    public var ports: [String]
    /// Whether the platform is still making it, so that there is nothing in it yet that a deletion could tear: it can be
    /// deleted whatever its state.
    public var isUnfinished = false

    /// A machine of that identity, with nothing else known yet.
    public init(
        id: Identifier<VirtualMachine>, name: String, status: Status, rawStatus: String, isComplete: Bool = true
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.rawStatus = rawStatus
        self.isComplete = isComplete
        addresses = []
        metadata = [:]
        disks = []
        nics = []
        snapshots = []
        pending = [:]
        ports = []
    }
}

extension VirtualMachine {
    /// What `status` takes.
    public enum PowerAction: String, Sendable, CaseIterable, Hashable {
        /// Start; nothing when it is up.
        case up
        /// Power off, hard; nothing when it is down.
        case down
        /// Ask the guest to power off.
        case shutdown
        /// Ask the guest to reboot.
        case restart
        /// Pull the reset line.
        case reset
        /// Freeze.
        case suspend
        /// Freeze, with its memory kept where it is, on platforms whose `suspend` stores it.
        case pause
        /// Go on after a freeze.
        case resume
    }

    /// Everything that can be changed in a machine.
    public enum Change: ResourceChange {
        case power(PowerAction)
        case rename(String)
        /// MiB.
        case memory(Int)
        case cpus(Int)
        case flavor(String)
        case autostart(Bool)
        /// nil ejects.
        case iso(String?)
        case description(String)
        /// nil removes the key.
        case metadata(key: String, value: String?)
        /// Makes a disk and attaches it: parameters as ``StandardParameters/vmDisk``; its name is a wish.
        case addDisk(Specification)
        /// Detaches it and deletes its volume.
        case deleteDisk(String)
        /// Attaches a standing volume.
        case attachDisk(ProviderAPI.Disk.ID)
        /// Detaches it and keeps its volume.
        case detachDisk(String)
        /// GiB.
        case growDisk(String, size: Int)
        case addNIC(Specification)
        case deleteNIC(String)
        case updateNIC(String, network: String)
        /// Parameters as ``StandardParameters/nic``, those that change.
        case configureNIC(String, Specification)
        /// Keeps an address of its network for it; nil gives it up.
        case reserveAddress(String, address: String?)
        case createSnapshot(Specification)
        case deleteSnapshot(String)
        case revertSnapshot(String)
        case clone(name: String, full: Bool, start: Bool)
        case export(image: String)

        /// The operation a provider must support to carry it out.
        public var operation: Operation {
            switch self {
            case .power(.up): .startVM
            case .power(.down): .stopVM
            case .power(.shutdown): .shutdownVM
            case .power(.restart): .restartVM
            case .power(.reset): .resetVM
            case .power(.suspend): .suspendVM
            case .power(.pause): .pauseVM
            case .power(.resume): .resumeVM
            case .rename: .renameVM
            case .memory: .updateMemory
            case .cpus: .updateCPUs
            case .flavor: .updateFlavor
            case .autostart: .updateAutostart
            case .iso: .updateISO
            case .description: .updateDescription
            case .metadata: .updateMetadata
            case .addDisk: .addDisk
            case .deleteDisk: .deleteVMDisk
            case .attachDisk: .attachDisk
            case .detachDisk: .detachDisk
            case .growDisk: .growVMDisk
            case .addNIC: .addNIC
            case .deleteNIC: .deleteNIC
            case .updateNIC: .updateNIC
            case .configureNIC: .configureNIC
            case .reserveAddress: .reserveAddress
            case .createSnapshot: .createSnapshot
            case .deleteSnapshot: .deleteSnapshot
            case .revertSnapshot: .revertSnapshot
            case .clone: .cloneVM
            case .export: .exportVM
            }
        }
    }
}
