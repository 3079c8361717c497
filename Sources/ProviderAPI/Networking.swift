/// A network that machines can be on: a libvirt network, a VPC, a Neutron network.
public struct Network: Resource {
    /// What can be changed in a network.
    public enum Change: ResourceChange {
        case dhcp(Bool)
        case domain(String)
        case plan(String)
        /// Make it available, or not.
        case active(Bool)
        /// What its own servers for addresses and names do.
        case service(ServiceChange)
        /// How it is joined to its host and to what lies behind.
        case link(LinkChange)
        case rename(String)
        /// Empty for none.
        case description(String)
        /// Whether addresses are checked and security groups hold, for ports that are made from now on.
        case portSecurity(Bool)
        /// Whether other projects may use it.
        case shared(Bool)

        /// The operation a provider must support to carry it out.
        public var operation: Operation {
            switch self {
            case .dhcp, .domain, .plan, .active: .updateNetwork
            case .service: .serviceNetwork
            case .link(.mtu): .updateMTU
            case .link: .linkNetwork
            case .rename: .renameNetwork
            case .description: .describeNetwork
            case .portSecurity: .guardNetwork
            case .shared: .shareNetwork
            }
        }
    }

    /// What can be changed in the servers for addresses and names that a network has of its own.
    public enum ServiceChange: Sendable, Hashable {
        /// The whole list, each `FIRST LAST`.
        case dhcpRange([String])
        /// The whole list, each `MAC ADDRESS [NAME]`.
        case reservations([String])
        /// Whether it answers questions for names.
        case dns(Bool)
        /// The whole list, each `[DOMAIN] ADDRESS`.
        case forwarders([String])
    }

    /// What can be changed in the way a network is joined to its host.
    public enum LinkChange: Sendable, Hashable {
        /// Whether its machines reach out through the host.
        case nat(Bool)
        /// Whether it starts with its host.
        case autostart(Bool)
        /// Bytes; nil for the platform's own.
        case mtu(Int?)
        /// The whole list, each `NAME [default] [TAG...]`.
        case vlans([String])
    }

    /// The collection it belongs to.
    public static var kind: Kind { .networks }

    /// The platform's id.
    public var id: Identifier<Network>
    /// The platform's name.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// `192.168.122.0/24`.
    public var cidr: String?
    /// The second range of a dual-stack network.
    public var dualCIDR: String?
    /// Whether it gives addresses out.
    public var dhcp: Bool?
    /// The DNS domain of its machines.
    public var domain: String?
    /// `routed`, `bridged`, ... as kcli words it.
    public var type: String?
    /// `nat`, `isolated`, `route`, `open`, `bridge`, ...
    public var mode: String?
    /// The plan it belongs to, in kcli's sense.
    public var plan: String?
    /// Whether it is available.
    public var active: Bool?
    /// Whether it starts with its host.
    public var autostart: Bool?
    /// The host's, or the router's, address in it.
    public var gateway: String?
    /// What it gives addresses from, each `FIRST LAST`.
    public var dhcpRange: [String] = []
    /// Addresses that are kept for one interface, each `MAC ADDRESS [NAME]`.
    public var reservations: [String] = []
    /// Addresses that are given out now, each `ADDRESS MAC UNTIL [NAME]`.
    public var leases: [String] = []
    /// Whether it answers questions for names.
    public var dns: Bool?
    /// Where it asks for names that it does not know, each `[DOMAIN] ADDRESS`.
    public var forwarders: [String] = []
    /// The bridge of the host that it is.
    public var bridge: String?
    /// The interface of the host that it goes out by.
    public var device: String?
    /// Bytes of the largest packet.
    public var mtu: Int?
    /// Its VLANs, each `NAME [default] [TAG...]`.
    public var vlans: [String] = []
    /// Free text.
    public var description: String?
    /// Whether addresses are checked and security groups hold for new ports, unless a port says otherwise.
    public var hasPortSecurity: Bool?
    /// Whether other projects may use it.
    public var isShared: Bool?
    /// Names of the machines on it.
    public var ports: [String]
    /// Whether ``ports`` and ``leases`` are here: a bulk listing may leave them out.
    public var isComplete = true

    /// A network of that identity.
    public init(
        id: Identifier<Network>, name: String, cidr: String? = nil, dhcp: Bool? = nil, domain: String? = nil,
        type: String? = nil, mode: String? = nil, plan: String? = nil, ports: [String] = []
    ) {
        self.id = id
        self.name = name
        self.cidr = cidr
        self.dhcp = dhcp
        self.domain = domain
        self.type = type
        self.mode = mode
        self.plan = plan
        self.ports = ports
    }
}

/// A range of addresses of a network.
public struct Subnet: Resource {
    /// What can be changed in a subnet.
    public enum Change: ResourceChange {
        /// The whole list, each `CIDR via TARGET`.
        case routes([String])
        /// What it tells the machines in it.
        case service(ServiceChange)

        /// The operation a provider must support to carry it out.
        public var operation: Operation {
            switch self {
            case .routes: .updateSubnet
            case .service: .serviceSubnet
            }
        }
    }

    /// What can be changed in what a subnet gives out and tells.
    public enum ServiceChange: Sendable, Hashable {
        /// Whether it gives addresses out.
        case dhcp(Bool)
        /// The whole list, each `FIRST LAST`.
        case pools([String])
        /// The whole list of servers that resolve names.
        case dns([String])
        /// The router's address in it; nil for none.
        case gateway(String?)
    }

    /// The collection it belongs to.
    public static var kind: Kind { .subnets }

    /// The platform's id.
    public var id: Identifier<Subnet>
    /// The platform's name.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// `10.0.1.0/24`.
    public var cidr: String?
    /// Availability zone.
    public var az: String?
    /// Name of its network.
    public var network: String?
    /// The router's address in it.
    public var gateway: String?
    /// Each `CIDR via TARGET`.
    public var routes: [String]
    /// Whether it gives addresses out.
    public var dhcp: Bool?
    /// What it gives addresses from, each `FIRST LAST`.
    public var pools: [String] = []
    /// Servers that resolve names for its machines.
    public var dns: [String] = []

    /// A subnet of that identity.
    public init(
        id: Identifier<Subnet>, name: String, cidr: String? = nil, az: String? = nil, network: String? = nil,
        gateway: String? = nil, routes: [String] = []
    ) {
        self.id = id
        self.name = name
        self.cidr = cidr
        self.az = az
        self.network = network
        self.gateway = gateway
        self.routes = routes
    }
}

/// A set of rules about who may talk to a machine.
public struct SecurityGroup: Resource {
    /// What can be changed in a security group.
    public enum Change: ResourceChange {
        /// The whole list; the provider applies the difference. Each `ingress|egress PROTOCOL PORTS CIDR`.
        case rules([String])
        case description(String)

        /// The operation a provider must support to carry it out.
        public var operation: Operation { .updateSecurityGroup }
    }

    /// The collection it belongs to.
    public static var kind: Kind { .securityGroups }

    /// The platform's id.
    public var id: Identifier<SecurityGroup>
    /// The platform's name.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// Free text.
    public var description: String?
    /// Name of its network.
    public var network: String?
    /// Each `ingress|egress PROTOCOL PORTS CIDR`, sorted.
    public var rules: [String]

    /// A security group of that identity.
    public init(
        id: Identifier<SecurityGroup>, name: String, description: String? = nil, network: String? = nil,
        rules: [String] = []
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.network = network
        self.rules = rules
    }
}

/// A DNS zone with its record sets.
public struct DNSZone: Resource {
    /// All records of one name and type.
    public struct RecordSet: Sendable, Hashable {
        /// Relative to the zone; `@` for the zone itself, `*` for the wildcard.
        public var name: String
        /// `A`, `AAAA`, `CNAME`, `TXT`, ...
        public var type: String
        /// Seconds.
        public var ttl: Int?
        /// One record each, as in a zone file.
        public var values: [String]

        /// A record set.
        public init(name: String, type: String, ttl: Int? = nil, values: [String]) {
            self.name = name
            self.type = type
            self.ttl = ttl
            self.values = values
        }
    }

    /// What can be changed in a zone.
    public enum Change: ResourceChange {
        /// Makes or replaces it.
        case set(RecordSet)
        case remove(name: String, type: String)
        /// Of every record set of that name; seconds.
        case ttl(name: String, seconds: Int)

        /// The operation a provider must support to carry it out.
        public var operation: Operation {
            switch self {
            case .set, .remove: .updateDNS
            case .ttl: .updateTTL
            }
        }
    }

    /// The collection it belongs to.
    public static var kind: Kind { .dns }

    /// The platform's id.
    public var id: Identifier<DNSZone>
    /// Without the last dot.
    public var name: String
    /// Why it could not be read whole.
    public var fault: String?
    /// Whether ``records`` is here: a listing of zones may leave them out.
    public var isComplete: Bool
    /// Sorted by name and type.
    public var records: [RecordSet]

    /// A zone of that identity.
    public init(id: Identifier<DNSZone>, name: String, records: [RecordSet] = [], isComplete: Bool = true) {
        self.id = id
        self.name = name
        self.records = records
        self.isComplete = isComplete
    }
}
