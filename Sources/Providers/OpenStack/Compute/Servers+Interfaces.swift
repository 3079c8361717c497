import HTTPKit
import ProviderAPI

extension Servers {
    private struct Attachment: Decodable, Sendable {
        var port_id: String
    }

    func addInterface(_ wish: Specification, to server: ServerPayload) async throws(ProviderError) {
        try wish.require(only: ["network", "ip", "mac"])
        let network = try await network(of: wish)
        var attachment: JSONValue = [:]
        var port: String?
        if wish.text("mac") != nil {
            let made = try await makePort(wish, on: network, groups: [])
            attachment["port_id"] = .text(made)
            port = made
        } else {
            attachment["net_id"] = .text(network)
            if let address = wish.text("ip") { attachment["fixed_ips"] = [["ip_address": .text(address)]] }
        }
        do throws(ProviderError) {
            try await attach(attachment, to: server)
        } catch {
            if let port { await discardPorts([port]) }
            throw error
        }
    }

    private func attach(_ attachment: JSONValue, to server: ServerPayload) async throws(ProviderError) {
        let made = try await cloud.document(
            Attachment.self, "interfaceAttachment", .post, .compute, "servers/\(server.id)/os-interface",
            body: ["interfaceAttachment": attachment], to: "add an interface to \(server.name)")
        try await settle("the interface of \(server.name)") { () async throws(ProviderError) -> Bool? in
            try await cloud.ports(query: [("device_id", server.id)]).contains { $0.id == made.port_id } ? true : nil
        }
    }

    func removeInterface(_ name: String, from server: ServerPayload) async throws(ProviderError) {
        let surroundings = try await cloud.surroundings(of: server)
        let machine = VirtualMachine(server, in: surroundings)
        guard let nic = machine.nics.first(where: { $0.name == name }),
            let port = surroundings.ports[server.id]?.first(where: { $0.mac == nic.mac })
        else { throw ProviderError(.notFound, "\(server.name) has no interface \(name)") }
        try await cloud.send(
            .delete, .compute, "servers/\(server.id)/os-interface/\(port.id)",
            to: "remove \(name) of \(server.name)")
        try await settle("\(name) to leave \(server.name)") { () async throws(ProviderError) -> Bool? in
            try await cloud.ports(query: [("device_id", server.id)]).contains { $0.id == port.id } ? nil : true
        }
        if Self.isOwn(port) { try await deletePort(port.id, to: "remove \(name) of \(server.name)") }
    }
}
