import HTTPKit
public import ProviderAPI
import ProviderKit

/// One project of an OpenStack cloud.
public final class OpenStackProvider: Provider {
    /// The word for `type:` in the configuration.
    public static let type = "openstack"

    /// The word for `type:` in the configuration.
    public var type: String { Self.type }

    private let cloud: Cloud
    private let recent = RecentServers()
    private let actions = InstanceActions()
    private let parts = PartsUnderWay()
    private let empties = EmptyObjects()
    private let readers = ContainerReaders()
    private let email: String?

    /// Makes one without connecting; `invalidValue` or `credentialsMissing` where the configuration cannot be.
    init(
        _ settings: ProviderSettings, environment: (String) -> String?, time: HTTPTime = .system
    ) throws(ProviderError) {
        let account = try OpenStackOptions.account(settings, environment: environment)
        var configuration = HTTPConfiguration(userAgent: "infrafs")
        if let path = account.authorities { configuration.trust = .file(path) }
        cloud = Cloud(
            name: settings.name, account: account, externalNetwork: settings.text("external_network"),
            http: HTTPClient(configuration), time: time)
        email = settings.text("email")
    }

    /// Before a token tells what there is, everything may be.
    private func has(_ service: CloudService) -> Bool { cloud.keystone.services?.contains(service) ?? true }

    /// What the catalogue of the cloud has no service for.
    public var absentKinds: Set<Kind> {
        var absent: Set<Kind> = []
        if !has(.compute) { absent.formUnion([.vms, .flavors]) }
        if !has(.volume) { absent.insert(.disks) }
        if !has(.image) { absent.formUnion([.images, .isos]) }
        if !has(.network) { absent.formUnion([.networks, .subnets, .securityGroups]) }
        if !has(.objectStore) { absent.insert(.buckets) }
        if !has(.dns) { absent.insert(.dns) }
        return absent
    }

    /// Servers.
    public var vms: (any CollectionService<VirtualMachine>)? { Servers(cloud: cloud, recent: recent, actions: actions) }
    /// Volumes.
    public var disks: (any CollectionService<Disk>)? { Volumes(cloud: cloud, recent: recent) }
    /// Networks.
    public var networks: (any CollectionService<Network>)? { Networks(cloud: cloud) }
    /// Subnets.
    public var subnets: (any CollectionService<Subnet>)? { Subnets(cloud: cloud) }
    /// Images.
    public var images: (any CollectionService<Image>)? { Images(cloud: cloud) }
    /// Images of CDs.
    public var isos: (any CollectionService<ISO>)? { ISOs(cloud: cloud) }
    /// Flavors.
    public var flavors: (any CollectionService<Flavor>)? { Flavors(cloud: cloud) }
    /// Containers.
    public var buckets: (any CollectionService<Bucket>)? { Containers(cloud: cloud, readers: readers) }
    /// What is in the containers.
    public var objects: (any ObjectService)? { Objects(cloud: cloud, parts: parts, empties: empties, readers: readers) }
    /// Security groups.
    public var securityGroups: (any CollectionService<SecurityGroup>)? { SecurityGroups(cloud: cloud) }
    /// Zones.
    public var dns: (any CollectionService<DNSZone>)? { Zones(cloud: cloud, email: email) }
    /// Consoles and their logs.
    public var consoles: (any ConsoleService)? { Consoles(cloud: cloud) }
    /// The project's limits.
    public var host: (any HostService)? { HostFacts(cloud: cloud) }

    /// Whether Identity takes the account.
    public func check() async throws(ProviderError) {
        _ = try await cloud.keystone.session()
    }

    /// What was done to servers, as listings show that something was.
    public func events() -> AsyncStream<ProviderEvent>? { actions.subscribers.subscribe() }

    /// Connections go with the client.
    public func close() async { actions.subscribers.finish() }
}
