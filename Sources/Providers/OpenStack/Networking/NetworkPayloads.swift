/// A network (`GET /v2.0/networks`).
struct NetworkPayload: Decodable, Sendable, Hashable {
    var id: String
    var name: String
    var status: String?
    var isUp: Bool?
    var subnets: [String]?
    var isExternal: Bool?
    var isShared: Bool?
    var project: String?
    var mtu: Int?
    var domain: String?
    var description: String?
    var hasPortSecurity: Bool?
    var type: String?
    var tags: [String]?

    enum CodingKeys: String, CodingKey {
        case id, name, status, subnets, mtu, description, tags
        case hasPortSecurity = "port_security_enabled"
        case isUp = "admin_state_up"
        case isExternal = "router:external"
        case isShared = "shared"
        case project = "project_id"
        case domain = "dns_domain"
        case type = "provider:network_type"
    }

    var title: String { name.isEmpty ? id : name }

    /// Names of Neutron end in a dot.
    var undottedDomain: String? {
        guard let domain, !domain.isEmpty else { return nil }
        return domain.hasSuffix(".") ? String(domain.dropLast()) : domain
    }

    /// The tag `plan=NAME`.
    var plan: String? {
        guard let tag = tags?.first(where: { $0.hasPrefix("plan=") }) else { return nil }
        return String(tag.dropFirst("plan=".count))
    }
}

/// A subnet (`GET /v2.0/subnets`).
struct SubnetPayload: Decodable, Sendable, Hashable {
    struct Route: Decodable, Sendable, Hashable {
        var destination: String
        var nexthop: String
    }

    struct Pool: Decodable, Sendable, Hashable {
        var start: String
        var end: String
    }

    var id: String
    var name: String
    var network: String
    var cidr: String
    var version: Int?
    var gateway: String?
    var hasDHCP: Bool?
    var routes: [Route]?
    var servers: [String]?
    var pools: [Pool]?

    enum CodingKeys: String, CodingKey {
        case id, name, cidr
        case pools = "allocation_pools"
        case network = "network_id"
        case version = "ip_version"
        case gateway = "gateway_ip"
        case hasDHCP = "enable_dhcp"
        case routes = "host_routes"
        case servers = "dns_nameservers"
    }

    var title: String { name.isEmpty ? id : name }
}

/// A port (`GET /v2.0/ports`).
struct PortPayload: Decodable, Sendable, Hashable {
    struct Address: Decodable, Sendable, Hashable {
        var subnet: String?
        var address: String

        enum CodingKeys: String, CodingKey {
            case subnet = "subnet_id"
            case address = "ip_address"
        }
    }

    var id: String
    var network: String
    var mac: String?
    var device: String?
    /// `compute:nova`, `network:router_interface`, `network:dhcp`, ...
    var owner: String?
    var addresses: [Address]?
    var type: String?
    var created: String?
    var description: String?

    enum CodingKeys: String, CodingKey {
        case id, description
        case network = "network_id"
        case mac = "mac_address"
        case device = "device_id"
        case owner = "device_owner"
        case addresses = "fixed_ips"
        case type = "binding:vnic_type"
        case created = "created_at"
    }

    var isOfMachine: Bool { owner?.hasPrefix("compute:") == true }
    var isOfRouter: Bool {
        owner?.hasPrefix("network:router") == true || owner == "network:ha_router_replicated_interface"
    }
}

/// A router (`GET /v2.0/routers`).
struct RouterPayload: Decodable, Sendable, Hashable {
    struct Gateway: Decodable, Sendable, Hashable {
        var network: String?

        enum CodingKeys: String, CodingKey { case network = "network_id" }
    }

    var id: String
    var name: String
    var description: String?
    var gateway: Gateway?

    enum CodingKeys: String, CodingKey {
        case id, name, description
        case gateway = "external_gateway_info"
    }
}

/// A floating address (`GET /v2.0/floatingips`).
struct FloatingAddressPayload: Decodable, Sendable, Hashable {
    var id: String
    var address: String
    var port: String?
    var description: String?

    enum CodingKeys: String, CodingKey {
        case id, description
        case address = "floating_ip_address"
        case port = "port_id"
    }
}

/// A security group with its rules (`GET /v2.0/security-groups`).
struct SecurityGroupPayload: Decodable, Sendable, Hashable {
    struct Rule: Decodable, Sendable, Hashable {
        var id: String
        var direction: String
        /// `IPv4` or `IPv6`.
        var family: String?
        /// nil is any.
        var `protocol`: String?
        var first: Int?
        var last: Int?
        var range: String?
        /// The group whose machines it is about, instead of a range.
        var group: String?
        /// The group of addresses that it is about, instead of a range.
        var addresses: String?

        enum CodingKeys: String, CodingKey {
            case id, direction
            case `protocol` = "protocol"
            case family = "ethertype"
            case first = "port_range_min"
            case last = "port_range_max"
            case range = "remote_ip_prefix"
            case group = "remote_group_id"
            case addresses = "remote_address_group_id"
        }
    }

    var id: String
    var name: String
    var description: String?
    var rules: [Rule]

    enum CodingKeys: String, CodingKey {
        case id, name, description
        case rules = "security_group_rules"
    }
}
