import LibvirtKit
public import ProviderAPI

/// One host with libvirt, connected or trying to be.
public final class LibvirtProvider: Provider {
    /// The word for `type:` in the configuration.
    public static let type = "kvm"

    /// The word for `type:` in the configuration.
    public var type: String { Self.type }

    private let session: Session
    private let cache: MachineCache
    private let volumes: VolumeCatalog
    private let lines = SerialLines()
    private let pool: String?
    private let virtualization: String?
    private let allOperations: Set<Operation>

    /// Makes one without connecting; `invalidValue` where the configuration cannot be.
    public init(_ settings: ProviderSettings) throws(ProviderError) {
        let uri = try ConnectionURI(settings).text
        virtualization = settings.text("virttype")
        if let virtualization, !["kvm", "qemu"].contains(virtualization) {
            throw ProviderError(.invalidValue, "\(settings.name): virttype \(virtualization) is not one of kvm, qemu")
        }
        let cache = MachineCache()
        let volumes = VolumeCatalog()
        let unfinished = settings.stateDirectory.map { "\($0)/unfinished" }
        session = Session(uri: uri, unfinished: unfinished) { event in
            switch event {
            case .domain(let uuid, _): cache.remove(uuid)
            case .pool: volumes.removeAll()
            case .closed:
                cache.removeAll()
                volumes.removeAll()
            case .network: break
            }
        }
        self.cache = cache
        self.volumes = volumes
        pool = settings.text("pool")
        allOperations = Self.operations(of: session.driver)
    }

    private func operations(_ kind: Kind) -> Set<Operation> {
        let prefixes: [String] =
            switch kind {
            case .vms: ["vm."]
            case .disks: ["disk."]
            case .images: ["image."]
            case .isos: ["iso.", "image.read", "image.write"]
            case .networks: ["network."]
            default: []
            }
        return allOperations.filter { operation in prefixes.contains { operation.rawValue.hasPrefix($0) } }
    }

    /// Domains.
    public var vms: (any CollectionService<VirtualMachine>)? {
        Machines(
            session: session, cache: cache, volumes: volumes, pool: pool, virtualization: virtualization,
            operations: operations(.vms))
    }

    /// Every volume of every active pool.
    public var disks: (any CollectionService<ProviderAPI.Disk>)? {
        Disks(session: session, volumes: volumes, machines: cache, pool: pool, operations: operations(.disks))
    }

    /// Storage pools.
    public var pools: (any CollectionService<Pool>)? { Pools(session: session, volumes: volumes) }

    /// Virtual networks.
    public var networks: (any CollectionService<ProviderAPI.Network>)? {
        Networks(session: session, machines: cache, operations: operations(.networks))
    }

    /// The names that the networks answer for.
    public var dns: (any CollectionService<DNSZone>)? { Zones(session: session) }

    /// Volumes that machines are made from.
    public var images: (any CollectionService<Image>)? {
        Images(session: session, volumes: volumes, pool: pool, operations: operations(.images))
    }

    /// Volumes for CD drives.
    public var isos: (any CollectionService<ISO>)? {
        ISOs(session: session, volumes: volumes, pool: pool, operations: operations(.isos))
    }

    /// Screens and serial lines.
    public var consoles: (any ConsoleService)? { Consoles(session: session, machines: cache, lines: lines) }

    /// The host's facts.
    public var host: (any HostService)? { HostFacts(session: session) }

    /// Changes as libvirt tells of them.
    public func events() -> AsyncStream<ProviderEvent>? { session.events() }

    /// Whether libvirt answers.
    public func check() async throws(ProviderError) {
        _ = try await session.run(session.uri) { try $0.libraryVersion() }
    }

    /// Lets go of the connection.
    public func close() async {
        session.close()
    }
}

extension LibvirtProvider {
    /// What can be done through a driver, known before anybody connects.
    static func operations(of driver: Driver) -> Set<Operation> {
        let all: Set<Operation> = [
            .listVMs, .createVM, .deleteVM, .startVM, .stopVM, .shutdownVM, .restartVM, .resetVM, .suspendVM,
            .resumeVM, .renameVM, .consoleVM, .serialVM, .addressVM, .portsVM, .updateMemory, .updateCPUs,
            .updateAutostart, .updateISO, .updateMetadata, .updateDescription, .addDisk, .deleteVMDisk, .attachDisk,
            .detachDisk, .growVMDisk, .addNIC, .deleteNIC, .updateNIC, .configureNIC, .reserveAddress, .listSnapshots,
            .createSnapshot,
            .deleteSnapshot, .revertSnapshot, .listDisks, .createDisk, .deleteDisk, .growDisk, .listPools,
            .createPool, .deletePool, .updatePool, .listNetworks, .createNetwork, .deleteNetwork, .updateNetwork,
            .portsNetwork, .serviceNetwork, .linkNetwork, .updateMTU, .listDNS, .updateDNS, .listImages, .createImage,
            .deleteImage, .readImage, .writeImage, .listISOs, .createISO, .deleteISO, .readDisk, .writeDisk, .cloneVM,
            .exportVM, .hostInfo, .events,
        ]
        switch driver {
        case .qemu: return all
        // libvirt's simulation has no consoles, no resize of volumes and no devices that come and go while it runs.
        case .test:
            return all.subtracting([
                .consoleVM, .serialVM, .growVMDisk, .growDisk, .addDisk, .deleteVMDisk, .attachDisk, .detachDisk,
                .addNIC, .deleteNIC, .updateNIC, .configureNIC, .updateISO, .readDisk, .writeDisk, .readImage,
                .writeImage, .cloneVM,
                .exportVM, .createImage, .createISO,
            ])
        }
    }
}
