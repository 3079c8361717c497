import HTTPKit
import ProviderAPI
import ProviderKit

/// Ports that are made for a server before it: Compute makes those that need no hardware address of their own, and deletes
/// no other with the server.
extension Servers {
    private struct Made: Decodable, Sendable {
        var id: String
    }

    /// How a port is marked that goes with its server.
    private static let portMark = "infrafs: goes with its server"

    /// Makes a port with the hardware address and the fixed address that are asked for; its id.
    func makePort(
        _ wish: Specification, on network: String, groups: [String]
    ) async throws(ProviderError) -> String {
        var port: JSONValue = ["network_id": .text(network), "description": .text(Self.portMark)]
        if let address = wish.text("mac") { port["mac_address"] = .text(address) }
        if let address = wish.text("ip") { port["fixed_ips"] = [["ip_address": .text(address)]] }
        if !groups.isEmpty { port["security_groups"] = .array(try await groupIDs(groups).map(JSONValue.text)) }
        return try await cloud.document(
            Made.self, "port", .post, .network, "ports", body: ["port": port], to: "make the interface \(wish.name)"
        ).id
    }

    /// Networking knows groups by their ids alone.
    private func groupIDs(_ names: [String]) async throws(ProviderError) -> [String] {
        let groups = try await cloud.list(
            SecurityGroupPayload.self, "security_groups", .network, "security-groups", to: "list security groups"
        ).compactMap(\.payload)
        var ids: [String] = []
        for name in names {
            guard let group = groups.first(where: { $0.id == name }) ?? groups.first(where: { $0.name == name }) else {
                throw ProviderError(.invalidValue, "securitygroups: there is none called \(name)")
            }
            ids.append(group.id)
        }
        return ids
    }

    /// The ports that go with a server; none where Networking does not answer, which holds up no deletion.
    func ownPorts(of server: String) async -> [String] {
        do throws(ProviderError) {
            return try await cloud.ports(query: [("device_id", server)]).filter(Self.isOwn).map(\.id)
        } catch {
            return []
        }
    }

    static func isOwn(_ port: PortPayload) -> Bool { port.description == portMark }

    /// Deletes it; nothing where it is gone already.
    func deletePort(_ id: String, to what: String) async throws(ProviderError) {
        do throws(ProviderError) {
            try await cloud.send(.delete, .network, "ports/\(id)", to: what)
        } catch {
            guard error.code == .notFound else { throw error }
        }
    }

    /// Removes what a failed creation has made; what that meets is of no use to anybody.
    func discardPorts(_ ids: [String]) async {
        for id in ids {
            await undoing { () async throws(ProviderError) in
                try await self.deletePort(id, to: "undo an interface")
            }
        }
    }
}
