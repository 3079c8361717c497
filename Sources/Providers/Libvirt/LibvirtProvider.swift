import LibvirtKit
public import ProviderAPI

/// One host with libvirt, connected or trying to be.
public final class LibvirtProvider: Provider {
    /// The word for `type:` in the configuration.
    public static let type = "kvm"

    /// The word for `type:` in the configuration.
    public var type: String { Self.type }

    private let session: Session
    private let machines: Machines

    /// Makes one without connecting; `invalidValue` where the configuration cannot be.
    public init(_ settings: ProviderSettings) throws(ProviderError) {
        let uri = try ConnectionURI(settings).text
        let virtualization = settings.text("virttype")
        if let virtualization, !["kvm", "qemu"].contains(virtualization) {
            throw ProviderError(
                .invalidValue, "\(settings.name): virttype \(virtualization) is not one of kvm, qemu")
        }
        let cache = MachineCache()
        let volumes = VolumeCatalog()
        session = Session(uri: uri) { event in
            switch event {
            case .domain(let uuid, _): cache.remove(uuid)
            case .pool: volumes.removeAll()
            case .closed:
                cache.removeAll()
                volumes.removeAll()
            case .network: break
            }
        }
        machines = Machines(
            session: session, cache: cache, volumes: volumes, pool: settings.text("pool"),
            virtualization: virtualization, operations: Self.operations(of: session.driver))
    }

    /// Machines.
    public var vms: (any CollectionService<VirtualMachine>)? { machines }

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
        [
            .listVMs, .startVM, .stopVM, .shutdownVM, .restartVM, .resetVM, .suspendVM, .resumeVM, .addressVM,
            .updateAutostart, .events,
        ]
    }
}
