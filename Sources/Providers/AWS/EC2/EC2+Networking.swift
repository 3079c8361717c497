import ProviderAPI
import XMLKit

extension EC2 {
    typealias Filters = [(name: String, values: [String])]

    private func described<Item>(
        _ action: String, _ set: String, _ filters: Filters, to what: String, _ make: (XMLElement) -> Item?
    ) async throws(ProviderError) -> [Item] {
        var form = QueryForm()
        for filter in filters { form.filter(filter.name, filter.values) }
        var items: [Item] = []
        for element in try await pages(action, form, size: 1000, set: set, to: what) {
            if let item = make(element) { items.append(item) }
        }
        return items
    }

    /// DescribeVpcs.
    func vpcs(_ filters: Filters = [], to what: String) async throws(ProviderError) -> [VPC] {
        try await described("DescribeVpcs", "vpcSet", filters, to: what, VPC.init)
    }

    /// DescribeSubnets.
    func subnets(_ filters: Filters = [], to what: String) async throws(ProviderError) -> [NetworkRange] {
        try await described("DescribeSubnets", "subnetSet", filters, to: what, NetworkRange.init)
    }

    /// DescribeRouteTables, 100 a page.
    func routeTables(_ filters: Filters = [], to what: String) async throws(ProviderError) -> [RouteTable] {
        var form = QueryForm()
        for filter in filters { form.filter(filter.name, filter.values) }
        return try await pages("DescribeRouteTables", form, size: 100, set: "routeTableSet", to: what)
            .compactMap(RouteTable.init)
    }

    /// DescribeInternetGateways.
    func internetGateways(_ filters: Filters = [], to what: String) async throws(ProviderError)
        -> [InternetGateway]
    {
        try await described(
            "DescribeInternetGateways", "internetGatewaySet", filters, to: what, InternetGateway.init)
    }

    /// DescribeSecurityGroups.
    func securityGroups(_ filters: Filters = [], to what: String) async throws(ProviderError) -> [Group] {
        try await described("DescribeSecurityGroups", "securityGroupInfo", filters, to: what, Group.init)
    }

    /// DescribeNetworkInterfaces.
    func networkInterfaces(_ filters: Filters = [], to what: String) async throws(ProviderError)
        -> [NetworkInterface]
    {
        try await described(
            "DescribeNetworkInterfaces", "networkInterfaceSet", filters, to: what, NetworkInterface.init)
    }

    /// A call with plain parameters whose answer says no more than that it was carried out.
    func carryOut(_ action: String, _ parameters: KeyValuePairs<String, String>, to what: String)
        async throws(ProviderError)
    {
        var form = QueryForm()
        for parameter in parameters { form.set(parameter.key, parameter.value) }
        _ = try await call(action, form, to: what)
    }

    /// A call that makes something: the text at a path of its answer.
    func make(
        _ action: String, _ parameters: KeyValuePairs<String, String>, tags: (resource: String, [String: String])?,
        id path: String, to what: String
    ) async throws(ProviderError) -> String {
        var form = QueryForm()
        for parameter in parameters { form.set(parameter.key, parameter.value) }
        if let tags { form.tag(tags.resource, tags.1) }
        let answer = try await call(action, form, to: what)
        guard let id = answer.text(path) else {
            throw ProviderError(.malformedReply, "\(what): the answer of \(action) has no \(path)")
        }
        return id
    }

    /// CreateNetworkInterface; the form carries a ClientToken.
    func createNetworkInterface(_ form: QueryForm, to what: String) async throws(ProviderError) -> String {
        let answer = try await call("CreateNetworkInterface", form, to: what)
        guard let id = answer.text("networkInterface/networkInterfaceId") else {
            throw ProviderError(.malformedReply, "\(what): EC2 does not name the interface that it made")
        }
        return id
    }

    /// AuthorizeSecurityGroupIngress and its like: `action` is the whole name.
    func change(_ action: String, _ permissions: [Group.Permission], of group: String, to what: String)
        async throws(ProviderError)
    {
        guard !permissions.isEmpty else { return }
        var form = QueryForm()
        form.set("GroupId", group)
        form.list("IpPermissions", of: permissions) { form, prefix, permission in
            form.set(prefix + "IpProtocol", permission.proto)
            form.set(prefix + "FromPort", permission.from)
            form.set(prefix + "ToPort", permission.to)
            let lists: [(String, String, [String])] = [
                ("IpRanges", "CidrIp", permission.ranges), ("Ipv6Ranges", "CidrIpv6", permission.ranges6),
                ("Groups", "GroupId", permission.groups),
                ("PrefixListIds", "PrefixListId", permission.prefixLists),
            ]
            for (name, member, values) in lists {
                form.list(prefix + name, of: values) { form, prefix, value in form.set(prefix + member, value) }
            }
        }
        _ = try await call(action, form, to: what)
    }

    /// DescribeAvailabilityZones: the names of those that can be used.
    func zones(to what: String) async throws(ProviderError) -> [String] {
        try await call("DescribeAvailabilityZones", to: what).items("availabilityZoneInfo")
            .filter { ($0.text("zoneState") ?? "available") == "available" }.compactMap { $0.text("zoneName") }
            .sorted()
    }

    /// DescribeAccountAttributes: limits by name.
    func accountAttributes(to what: String) async throws(ProviderError) -> [String: String] {
        let attributes = try await call("DescribeAccountAttributes", to: what).items("accountAttributeSet")
        return Dictionary(
            attributes.map { attribute in
                let values = attribute.items("attributeValueSet").compactMap { $0.text("attributeValue") }
                return (attribute.text("attributeName") ?? "", values.joined(separator: " "))
            }
        ) { $1 }
    }
}
