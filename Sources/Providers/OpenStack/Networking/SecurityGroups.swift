import HTTPKit
import ProviderAPI
import ProviderKit

/// The security groups, each with its rules.
struct SecurityGroups: CollectionService {
    let cloud: Cloud

    static let supported: Set<Operation> = [
        .listSecurityGroups, .createSecurityGroup, .deleteSecurityGroup, .updateSecurityGroup,
    ]
    var operations: Set<Operation> { Self.supported }
    let parameters = StandardParameters.securityGroup.filter { $0.name != "network" }

    func list() async throws(ProviderError) -> [SecurityGroup] {
        let groups = try await groups()
        let peers = try await peers(groups, [])
        return groups.map { listed in
            switch listed {
            case .payload(let group): return SecurityGroup(group, peers)
            case .odd(let id, let name, let reason):
                var group = SecurityGroup(id: .init(id), name: name)
                group.fault = reason
                return group
            }
        }
    }

    private func groups() async throws(ProviderError) -> [Listed<SecurityGroupPayload>] {
        try await cloud.list(
            SecurityGroupPayload.self, "security_groups", .network, "security-groups",
            to: "list security groups")
    }

    private struct AddressGroup: Decodable, Sendable {
        var id: String
        var name: String
    }

    /// Groups of addresses are asked for where a rule is about one. Not every cloud has them.
    private func peers(
        _ groups: [Listed<SecurityGroupPayload>], _ lines: [String]
    ) async throws(ProviderError) -> RulePeers {
        let known = groups.compactMap(\.payload)
        var addresses: [AddressGroup] = []
        let isAsked = lines.contains { $0.contains(" addresses") }
        if isAsked || known.contains(where: { $0.rules.contains { $0.addresses != nil } }) {
            do throws(ProviderError) {
                addresses = try await cloud.list(
                    AddressGroup.self, "address_groups", .network, "address-groups", to: "list address groups"
                ).compactMap(\.payload)
            } catch {
                // Their ids stand for them then.
                guard error.code != .cancelled else { throw error }
            }
        }
        return RulePeers(groups: known.map { ($0.id, $0.name) }, addresses: addresses.map { ($0.id, $0.name) })
    }

    private func item(_ id: String) async throws(ProviderError) -> SecurityGroup {
        guard let group = try await items([.init(id)]).first else {
            throw ProviderError(.notFound, "the security group \(id) is no longer there")
        }
        return group
    }

    private struct Made: Decodable, Sendable {
        var id: String
    }

    /// Without a word about rules it has those that Neutron gives every group: everything may go out.
    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> SecurityGroup {
        try specification.require(only: Set(parameters.map(\.name)))
        let lines = specification.texts("rules")
        for line in lines { _ = try FirewallRule(line: line) }
        guard try await groups().compactMap(\.payload).allSatisfy({ $0.name != specification.name }) else {
            throw ProviderError(.alreadyExists, "there is a security group \(specification.name) already")
        }
        let what = "create security group \(specification.name)"
        let group: JSONValue = [
            "name": .text(specification.name), "description": .text(specification.text("description") ?? ""),
        ]
        let made = try await cloud.document(
            Made.self, "security_group", .post, .network, "security-groups", body: ["security_group": group], to: what)
        do throws(ProviderError) {
            if specification.values["rules"] != nil { try await setRules(lines, of: made.id) }
            return try await item(made.id)
        } catch {
            await undoing { () async throws(ProviderError) in
                try await cloud.send(.delete, .network, "security-groups/\(made.id)", to: what)
            }
            throw error
        }
    }

    func delete(_ id: SecurityGroup.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await cloud.send(
            .delete, .network, "security-groups/\(id)", to: "delete security group \(id)")
    }

    func apply(
        _ change: SecurityGroup.Change, to id: SecurityGroup.ID, _ job: any JobReporter
    ) async throws(ProviderError) -> SecurityGroup {
        switch change {
        case .rules(let lines): try await setRules(lines, of: id.rawValue)
        case .description(let text):
            try await cloud.send(
                .put, .network, "security-groups/\(id)", body: ["security_group": ["description": .text(text)]],
                to: "change security group \(id)")
        }
        return try await item(id.rawValue)
    }

    /// New rules first, in one request, then those that are not wanted any more: what stays is never without.
    private func setRules(_ lines: [String], of id: String) async throws(ProviderError) {
        let wanted = try lines.filter { !$0.isEmpty }.map { (line) throws(ProviderError) in
            try FirewallRule(line: line)
        }
        let all = try await groups()
        let peers = try await peers(all, lines)
        guard let group = all.compactMap(\.payload).first(where: { $0.id == id }) else {
            throw ProviderError(.notFound, "the security group \(id) is no longer there")
        }
        let present = group.rules.map { (id: $0.id, rule: FirewallRule($0, peers: peers)) }
        let missing = Set(wanted).subtracting(present.map(\.rule))
        let what = "change the rules of \(group.name)"
        if !missing.isEmpty {
            let rules = try missing.sorted().map { (rule) throws(ProviderError) in
                try rule.json(of: id, peers: peers)
            }
            try await cloud.send(
                .post, .network, "security-group-rules", body: ["security_group_rules": .array(rules)], to: what)
        }
        for (rule, line) in present where !wanted.contains(line) {
            try await cloud.send(.delete, .network, "security-group-rules/\(rule)", to: what)
        }
    }
}

extension SecurityGroup {
    init(_ group: SecurityGroupPayload, _ peers: RulePeers) {
        let lines = Set(group.rules.map { FirewallRule($0, peers: peers).description })
        self.init(
            id: .init(group.id), name: group.name, description: group.description.flatMap { $0.isEmpty ? nil : $0 },
            rules: lines.sorted())
    }
}
