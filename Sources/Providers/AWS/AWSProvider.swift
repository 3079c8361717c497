import FoundationEssentials
import HTTPKit
import HTTPProvider
public import ProviderAPI

/// One account of AWS in one region.
public final class AWSProvider: Provider {
    /// The word for `type:` in the configuration.
    public var type: String { "aws" }

    private let account: Account
    private let identity: Identity
    private let zones: Zones
    private let s3: S3
    private let s3Objects: S3Objects

    /// Makes one without asking anybody; `invalidValue` where the configuration cannot be.
    public convenience init(_ settings: ProviderSettings) throws(ProviderError) {
        try self.init(settings, environment: ProcessInfo.processInfo.environment)
    }

    /// The same with another environment than the process has.
    init(_ settings: ProviderSettings, environment: [String: String]) throws(ProviderError) {
        let files = SharedFiles(environment: environment)
        let options = try AWSOptions(settings, environment: environment, files: files)
        let services = try Services(options, environment: environment, files: files)
        account = Account(name: settings.name, ec2: services.ec2, options: options)
        identity = services.identity
        zones = Zones(route53: services.route53)
        s3 = services.s3
        s3Objects = S3Objects(s3: services.s3, cache: FactsCache(), presign: services.presign)
    }

    /// Instances.
    public var vms: (any CollectionService<VirtualMachine>)? { Machines(account: account, zones: zones) }
    /// EBS volumes.
    public var disks: (any CollectionService<Disk>)? { Disks(account: account) }
    /// VPCs.
    public var networks: (any CollectionService<Network>)? { Networks(account: account) }
    /// Subnets.
    public var subnets: (any CollectionService<Subnet>)? { Subnets(account: account) }
    /// AMIs.
    public var images: (any CollectionService<Image>)? { Images(account: account) }
    /// Instance types.
    public var flavors: (any CollectionService<Flavor>)? { Flavors(account: account) }
    /// Security groups.
    public var securityGroups: (any CollectionService<SecurityGroup>)? { SecurityGroups(account: account) }
    /// Hosted zones.
    public var dns: (any CollectionService<DNSZone>)? { zones }
    /// S3's buckets.
    public var buckets: (any CollectionService<Bucket>)? { Buckets(s3: s3) }
    /// S3's objects.
    public var objects: (any ObjectService)? { s3Objects }
    /// Console output.
    public var consoles: (any ConsoleService)? { Consoles(account: account) }
    /// The account and its region.
    public var host: (any HostService)? { HostFacts(account: account, identity: identity) }

    /// Whether EC2 answers and takes the credentials: its zones are a cheap question.
    public func check() async throws(ProviderError) {
        _ = try await account.ec2.zones(to: "ask EC2")
    }

    /// Connections go with the provider.
    public func close() async {}

    /// What it can do.
    static let allOperations: Set<Operation> =
        Machines.all.union(Disks.all).union(Networks.all).union(Subnets.all).union(Images.all).union(Flavors.all)
        .union(SecurityGroups.all).union(Zones.all).union(Buckets.all).union([.hostInfo])
}
