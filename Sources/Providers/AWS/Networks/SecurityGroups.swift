import ProviderAPI
import ProviderKit

/// The security groups of the VPCs.
struct SecurityGroups: CollectionService {
    let account: Account

    var ec2: EC2 { account.ec2 }
    var operations: Set<Operation> { Self.all }
    static let all: Set<Operation> = [
        .listSecurityGroups, .createSecurityGroup, .deleteSecurityGroup, .updateSecurityGroup,
    ]
    let parameters = StandardParameters.securityGroup

    func list() async throws(ProviderError) -> [SecurityGroup] {
        async let groups = ec2.securityGroups(to: "list security groups")
        async let vpcs = ec2.vpcs(to: "list security groups")
        do {
            let names = Dictionary(
                account.vpcs.apply(to: try await vpcs, id: \.id).map { ($0.id, $0.label) }
            ) { $1 }
            return account.groups.apply(to: try await groups, id: \.id).map { SecurityGroup($0, networks: names) }
        } catch {
            throw ProviderError(wrapping: error)
        }
    }

    func items(_ ids: [SecurityGroup.ID]) async throws(ProviderError) -> [SecurityGroup] {
        let wanted = Set(ids)
        return try await list().filter { wanted.contains($0.id) }
    }

    /// The ids of groups that are named so, in one VPC; none for no name.
    func ids(named names: [String], vpc: String?) async throws(ProviderError) -> [String] {
        guard !names.isEmpty else { return [] }
        let filters: EC2.Filters = vpc.map { [("vpc-id", [$0])] } ?? []
        let groups = try await ec2.securityGroups(filters, to: "find security groups")
        return try names.map { name throws(ProviderError) in
            guard let group = groups.first(where: { $0.id == name || $0.name == name }) else {
                throw ProviderError(.invalidValue, "securitygroups: there is no group \(name) in the machine's network")
            }
            return group.id
        }
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> SecurityGroup {
        try specification.require(only: Set(parameters.map(\.name)))
        let lines = specification.texts("rules")
        let rules = try Self.rules(lines)
        let vpc = try await NetworkPlan(account: account).vpc(named: specification.text("network"))
        // EC2 wants a description, in plain letters, and never changes it: what may change is a tag.
        let description = specification.text("description")
        var tags = [Tags.name: specification.name]
        tags[Tags.description] = description
        let id = try await ec2.make(
            "CreateSecurityGroup",
            ["GroupName": specification.name, "GroupDescription": specification.name, "VpcId": vpc.id],
            tags: ("security-group", tags), id: "groupId", to: "create \(specification.name)")
        do throws(ProviderError) {
            var group = try await Polling(deadline: .seconds(30)).until("create \(specification.name)") {
                () async throws(ProviderError) -> EC2.Group? in
                try await ec2.securityGroups([("group-id", [id])], to: "create \(specification.name)").first
            }
            // What EC2 lets out of a new group stays, unless the rules say what is let out.
            let standing = group.rules.filter { $0.direction == .egress }
            let wanted = rules.contains { $0.direction == .egress } ? rules : rules + standing
            try await set(wanted, of: &group)
            account.groups.noteMade(id, group)
            return SecurityGroup(group, networks: [vpc.id: vpc.label])
        } catch {
            await undoing { () async throws(ProviderError) in
                try await ec2.carryOut("DeleteSecurityGroup", ["GroupId": id], to: "give up \(specification.name)")
            }
            throw error
        }
    }

    func delete(_ id: SecurityGroup.ID, _ job: any JobReporter) async throws(ProviderError) {
        let group = try await self.group(id)
        guard group.name != "default" else {
            throw ProviderError(.notPermitted, "\(group.name): EC2 keeps the default group of a network")
        }
        let users = try await ec2.networkInterfaces([("group-id", [group.id])], to: "delete \(group.name)")
        if let user = users.first {
            throw ProviderError(.busy, "\(group.name) is in use by \(user.instance ?? user.id)")
        }
        try await ec2.carryOut("DeleteSecurityGroup", ["GroupId": group.id], to: "delete \(group.name)")
        account.groups.noteGone(group.id)
    }

    private func group(_ id: SecurityGroup.ID) async throws(ProviderError) -> EC2.Group {
        let found = try await ec2.securityGroups([("group-id", [id.rawValue])], to: "read \(id)")
        guard let group = account.groups.apply(to: found, asked: [id.rawValue], id: \.id).first else {
            throw ProviderError(.notFound, "\(id): there is no such security group")
        }
        return group
    }

    func apply(_ change: SecurityGroup.Change, to id: SecurityGroup.ID, _ job: any JobReporter)
        async throws(ProviderError) -> SecurityGroup
    {
        var group = try await self.group(id)
        switch change {
        case .rules(let lines): try await set(try Self.rules(lines), of: &group)
        case .description(let text):
            let what = "describe \(group.name)"
            if text.isEmpty {
                try await ec2.removeTags([Tags.description], of: [group.id], to: what)
            } else {
                try await ec2.setTags([Tags.description: text], of: [group.id], to: what)
            }
            account.groups.noteChanged(
                group.id, isShown: { $0.tags[Tags.description] ?? "" == text },
                put: { $0.tags[Tags.description] = text.isEmpty ? nil : text })
        }
        guard let item = try await items([id]).first else {
            throw ProviderError(.notFound, "\(group.name): it was deleted meanwhile")
        }
        return item
    }

    private static func rules(_ lines: [String]) throws(ProviderError) -> [FirewallRule] {
        try lines.filter { !$0.isEmpty }.map { line throws(ProviderError) in
            try FirewallRule(line) { $0.hasPrefix("sg-") || $0.hasPrefix("pl-") }
        }
    }

    /// Applies the difference: what is new is let in before what is old is shut out.
    private func set(_ rules: [FirewallRule], of group: inout EC2.Group) async throws(ProviderError) {
        let what = "change the rules of \(group.name)"
        let old = group.rules
        let (removed, added) = FirewallRule.difference(from: old, to: rules)
        for (direction, name) in [(FirewallRule.Direction.ingress, "Ingress"), (.egress, "Egress")] {
            let new = added.filter { $0.direction == direction }.map(EC2.Group.Permission.init)
            try await ec2.change("AuthorizeSecurityGroup\(name)", new, of: group.id, to: what)
        }
        for (direction, name) in [(FirewallRule.Direction.ingress, "Ingress"), (.egress, "Egress")] {
            let gone = removed.filter { $0.direction == direction }.map(EC2.Group.Permission.init)
            try await ec2.change("RevokeSecurityGroup\(name)", gone, of: group.id, to: what)
        }
        let final = Set(rules)
        group.ingress = final.filter { $0.direction == .ingress }.sorted().map(EC2.Group.Permission.init)
        group.egress = final.filter { $0.direction == .egress }.sorted().map(EC2.Group.Permission.init)
        let (ingress, egress) = (group.ingress, group.egress)
        account.groups.noteChanged(
            group.id, isShown: { Set($0.rules) == final },
            put: { shown in
                shown.ingress = ingress
                shown.egress = egress
            })
    }
}

extension EC2.Group {
    /// Its permissions, one rule for each peer.
    var rules: [FirewallRule] {
        ingress.flatMap { $0.rules(.ingress) } + egress.flatMap { $0.rules(.egress) }
    }
}

extension EC2.Group.Permission {
    private static let numbers = ["-1": "any", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"]

    /// The rules of it. EC2 says -1 where all ports or types are meant.
    func rules(_ direction: FirewallRule.Direction) -> [FirewallRule] {
        let word = Self.numbers[proto] ?? proto
        var ports = FirewallRule.Ports.any
        if let from, from >= 0, word != "any" {
            if word == "icmp" || word == "icmpv6" {
                // A type of any code has -1 for its code.
                ports = .message(type: from, code: to.flatMap { $0 < 0 ? nil : $0 })
            } else if from != 0 || to != 65535 {
                ports = .range(from...max(from, to ?? from))
            }
        }
        return (ranges + ranges6 + groups + prefixLists).map { FirewallRule(direction, word, ports, $0) }
    }

    /// One rule as EC2 takes it.
    init(_ rule: FirewallRule) {
        let bounds: (Int?, Int?) =
            switch (rule.proto, rule.ports) {
            case (_, .message(let type, let code)): (type, code ?? -1)
            case (_, .range(let ports)): (ports.lowerBound, ports.upperBound)
            case ("icmp", .any), ("icmpv6", .any): (-1, -1)
            case ("tcp", .any), ("udp", .any): (0, 65535)
            case (_, .any): (nil, nil)
            }
        self.init(
            proto: rule.proto == "any" ? "-1" : rule.proto, from: bounds.0, to: bounds.1, ranges: [], ranges6: [],
            groups: [], prefixLists: [])
        if rule.peer.hasPrefix("sg-") {
            groups = [rule.peer]
        } else if rule.peer.hasPrefix("pl-") {
            prefixLists = [rule.peer]
        } else if rule.peer.contains(":") {
            ranges6 = [rule.peer]
        } else {
            ranges = [rule.peer]
        }
    }
}

extension SecurityGroup {
    /// A group with the names of networks by id.
    init(_ group: EC2.Group, networks: [String: String]) {
        self.init(
            id: .init(group.id), name: group.name, description: group.tags[Tags.description] ?? group.description,
            network: group.vpc.map { networks[$0] ?? $0 }, rules: Set(group.rules).sorted().map(\.description))
    }
}
