import HTTPTesting

extension Tables {
    /// The word for one of a collection: `security_groups` gives `security_group`.
    private static func singular(_ table: String) -> String { String(table.dropLast()) }

    private static let networkTables: Set<String> = [
        "networks", "subnets", "ports", "routers", "floatingips", "security_groups", "security_group_rules",
        "address_groups",
    ]

    /// Bytes.
    private static let largestFrame = 1450

    mutating func network(_ call: Call, _ path: [String]) -> StubReply {
        // The version is in front: /network/v2.0/ports.
        if path.first == "quotas", path.last == "details" {
            func quota(_ limit: Int, _ used: Int) -> JSON {
                ["limit": .number(limit), "used": .number(used), "reserved": 0]
            }
            return Self.ok([
                "quota": [
                    "network": quota(100, rows["networks"]?.count ?? 0), "subnet": quota(100, 2), "port": quota(500, 7),
                    "router": quota(10, 1), "floatingip": quota(50, 0), "security_group": quota(-1, 2),
                    "security_group_rule": quota(100, 6), "subnetpool": quota(-1, 0), "rbac_policy": quota(10, 0),
                ]
            ])
        }
        let table = (path.first ?? "").split(separator: "-").joined(separator: "_")
        guard Self.networkTables.contains(table) else {
            return Self.refusal(404, "HTTPNotFound", "The resource could not be found.")
        }
        switch (call.method, path.count) {
        case ("GET", 1):
            let found = shownRows(table).filter { row in
                call.query.allSatisfy { key, value in
                    ["limit", "marker"].contains(key) || row[key].string == value
                }
            }
            return page(found, table, call)
        case ("POST", 1): return make(table, call.body)
        default: break
        }
        let id = path[1]
        guard let found = shownRows(table).first(where: { $0["id"].string == id }) else {
            return Self.refusal(404, "\(Self.singular(table))NotFound", "\(table) \(id) could not be found.")
        }
        switch (call.method, path.count > 2 ? path[2] : "") {
        case ("GET", ""): return Self.ok(.object([Self.singular(table): found]))
        case ("PUT", ""):
            if let refusal = refusal(of: call.body[Self.singular(table)], table) { return refusal }
            for (key, value) in call.body[Self.singular(table)].fields { update(table, id) { $0[key] = value } }
            return Self.ok(.object([Self.singular(table): row(table, id) ?? .null]))
        case ("PUT", "tags"):
            let tags = call.body["tags"]
            update(table, id) { $0["tags"] = tags }
            return Self.ok(["tags": tags])
        case ("PUT", "add_router_interface"):
            return connect(router: id, subnet: call.body["subnet_id"].string ?? "")
        case ("PUT", "remove_router_interface"):
            rows["ports"]?.removeAll { port in
                port["device_id"].string == id
                    && (port["id"] == call.body["port_id"]
                        || port["fixed_ips"].elements.contains { $0["subnet_id"] == call.body["subnet_id"] })
            }
            return Self.ok(["id": .text(id)])
        case ("DELETE", ""): return delete(table, found, id)
        default: return Self.refusal(404, "HTTPNotFound", "The resource could not be found.")
        }
    }

    /// What Networking takes of no network: more bytes than there is room for, and sharing by who is no administrator. No
    /// bytes are as many as there can be.
    private func refusal(of wish: JSON, _ table: String) -> StubReply? {
        guard table == "networks" else { return nil }
        if let size = wish["mtu"].int, size > Self.largestFrame {
            let words = "Invalid input for operation: Requested MTU is too big, maximum is \(Self.largestFrame)."
            return Self.refusal(400, "InvalidInput", words)
        }
        guard wish["shared"] == true else { return nil }
        return Self.refusal(403, "PolicyNotAuthorized", "(rule:update_network:shared) is disallowed by policy")
    }

    /// Groups with their rules, networks with their subnets.
    private func shownRows(_ table: String) -> [JSON] {
        (rows[table] ?? []).map { row in
            var row = row
            if table == "security_groups" {
                let rules = (rows["security_group_rules"] ?? []).filter { $0["security_group_id"] == row["id"] }
                row["security_group_rules"] = .array(rules)
            } else if table == "networks" {
                row["subnets"] = .array(
                    (rows["subnets"] ?? []).filter { $0["network_id"] == row["id"] }.map { $0["id"] })
            }
            return row
        }
    }

    private mutating func make(_ table: String, _ body: JSON) -> StubReply {
        if table == "security_group_rules" {
            let made = body["security_group_rules"].elements.map { makeRule($0) }
            return Self.ok(["security_group_rules": .array(made)], 201)
        }
        let wish = body[Self.singular(table)]
        let id: String
        switch table {
        case "networks": id = makeNetwork(wish["name"].string ?? "", wish)
        case "subnets":
            guard let network = wish["network_id"].string, row("networks", network) != nil else {
                return Self.refusal(404, "NetworkNotFound", "Network could not be found.")
            }
            id = makeSubnet(wish["name"].string ?? "", wish["cidr"].string ?? "", on: network, wish)
        case "security_groups": id = makeGroup(wish["name"].string ?? "", wish["description"].string ?? "")
        case "floatingips": id = makeFloatingAddress(wish)
        case "ports":
            let address = wish["fixed_ips"].elements.first?["ip_address"].string
            id = makePort(on: wish["network_id"].string ?? "", of: "", address)
            update(table, id) { row in
                for key in ["mac_address", "description", "security_groups"] where wish[key] != .null {
                    row[key] = wish[key]
                }
                row["device_owner"] = ""
                row["stub:made"] = true
            }
        default:
            id = makeID()
            var row = wish
            row["id"] = .text(id)
            insert(table, row)
        }
        return Self.ok(.object([Self.singular(table): row(table, id) ?? .null]), 201)
    }

    private mutating func delete(_ table: String, _ found: JSON, _ id: String) -> StubReply {
        let ports = rows["ports"] ?? []
        switch table {
        case "networks":
            guard !ports.contains(where: { $0["network_id"].string == id }) else {
                return Self.refusal(
                    409, "NetworkInUse", "There are one or more ports still in use on the network \(id).")
            }
            rows["subnets"]?.removeAll { $0["network_id"].string == id }
        case "security_groups":
            guard found["name"].string != "default" else {
                return Self.refusal(
                    409, "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group.")
            }
            rows["security_group_rules"]?.removeAll { $0["security_group_id"].string == id }
        default: break
        }
        remove(table, id)
        return .answer(204)
    }

    private mutating func connect(router: String, subnet: String) -> StubReply {
        guard let found = row("subnets", subnet) else {
            return Self.refusal(404, "SubnetNotFound", "Subnet could not be found.")
        }
        let id = makeID()
        insert(
            "ports",
            [
                "id": .text(id), "network_id": found["network_id"], "device_id": .text(router),
                "device_owner": "network:router_interface", "mac_address": "fa:16:3e:00:ff:01",
                "fixed_ips": [["subnet_id": .text(subnet), "ip_address": found["gateway_ip"]]],
            ])
        return Self.ok(["id": .text(router), "port_id": .text(id), "subnet_id": .text(subnet)])
    }

    // MARK: Making

    @discardableResult
    mutating func makeNetwork(_ name: String, _ wish: JSON = [:]) -> String {
        let id = makeID()
        var network: JSON = [
            "id": .text(id), "name": .text(name), "status": "ACTIVE", "admin_state_up": true, "shared": false,
            "router:external": false, "project_id": .text(Self.project), "mtu": 1450, "dns_domain": "",
            "description": "", "tags": [], "port_security_enabled": true,
        ]
        for (key, value) in wish.fields { network[key] = value }
        insert("networks", network)
        return id
    }

    @discardableResult
    mutating func makeSubnet(_ name: String, _ range: String, on network: String, _ wish: JSON = [:]) -> String {
        let id = makeID()
        let prefix = range.split(separator: ".").prefix(3).joined(separator: ".")
        var subnet: JSON = [
            "id": .text(id), "name": .text(name), "cidr": .text(range), "network_id": .text(network), "ip_version": 4,
            "gateway_ip": .text(prefix + ".1"),
            "allocation_pools": [["start": .text(prefix + ".2"), "end": .text(prefix + ".254")]], "enable_dhcp": true,
            "host_routes": [], "dns_nameservers": [],
            "project_id": .text(Self.project),
        ]
        for (key, value) in wish.fields { subnet[key] = value }
        insert("subnets", subnet)
        return id
    }

    mutating func makePort(on network: String, of device: String, _ address: String? = nil) -> String {
        let id = makeID()
        let number = next()
        var fixed: [JSON] = []
        if let subnet = (rows["subnets"] ?? []).first(where: { $0["network_id"].string == network }) {
            let prefix = (subnet["cidr"].string ?? "").split(separator: ".").prefix(3).joined(separator: ".")
            fixed = [["subnet_id": subnet["id"], "ip_address": .text(address ?? "\(prefix).\(10 + number % 240)")]]
        }
        let digits = String(number % 65536, radix: 16)
        let hex = String(repeating: "0", count: 4 - digits.count) + digits
        let time = makeTime()
        insert(
            "ports",
            [
                "id": .text(id), "network_id": .text(network), "device_id": .text(device),
                "device_owner": "compute:nova", "mac_address": .text("fa:16:3e:00:\(hex.prefix(2)):\(hex.suffix(2))"),
                "fixed_ips": .array(fixed), "binding:vnic_type": "normal", "created_at": .text(time),
                "status": "ACTIVE", "project_id": .text(Self.project),
            ])
        return id
    }

    private mutating func makeFloatingAddress(_ wish: JSON) -> String {
        let id = makeID()
        var address = wish
        address["id"] = .text(id)
        address["floating_ip_address"] = .text("172.24.4.\(10 + next() % 200)")
        address["status"] = "ACTIVE"
        insert("floatingips", address)
        return id
    }

    /// With the rules that every group begins with: everything may go out.
    @discardableResult
    mutating func makeGroup(_ name: String, _ description: String) -> String {
        let id = makeID()
        insert(
            "security_groups",
            [
                "id": .text(id), "name": .text(name), "description": .text(description),
                "project_id": .text(Self.project),
            ])
        for family in ["IPv4", "IPv6"] {
            _ = makeRule(["security_group_id": .text(id), "direction": "egress", "ethertype": .text(family)])
        }
        return id
    }

    mutating func makeRule(_ wish: JSON) -> JSON {
        var rule: JSON = [
            "id": .text(makeID()), "protocol": nil, "port_range_min": nil, "port_range_max": nil,
            "remote_ip_prefix": nil, "remote_group_id": nil, "remote_address_group_id": nil,
        ]
        for (key, value) in wish.fields { rule[key] = value }
        insert("security_group_rules", rule)
        return rule
    }
}
