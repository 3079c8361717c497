import HTTPKit
import ProviderAPI
import ProviderKit

/// Floating addresses of interfaces: what is kept for one is an address that it is reached at from outside.
extension Servers {
    /// `wish` is a floating address of the project, the name of an external network to take one from, or `yes` for the
    /// usual one; nil or `no` gives up what the interface has.
    func setFloatingAddress(
        _ wish: String?, of name: String, on server: ServerPayload
    ) async throws(ProviderError) {
        let surroundings = try await cloud.surroundings(of: server)
        let machine = VirtualMachine(server, in: surroundings)
        guard let nic = machine.nics.first(where: { $0.name == name }),
            let port = surroundings.ports[server.id]?.first(where: { $0.mac == nic.mac })
        else { throw ProviderError(.notFound, "\(server.name) has no interface \(name)") }
        let all = try await cloud.floatingAddresses()
        let present = all.filter { $0.port == port.id }
        guard let wish, wish != "no" else {
            for address in present { try await giveUp(address, of: server) }
            return await seesAddresses(server, port, [])
        }
        let isThere = nic.addresses.contains(wish) || (wish == "yes" && !present.isEmpty)
        guard !isThere else { return }
        guard present.isEmpty else {
            let words = present.map(\.address).joined(separator: ", ")
            throw ProviderError(.busy, "\(name) of \(server.name) has \(words): write an empty line first")
        }
        let address: String
        if let known = all.first(where: { $0.address == wish }) {
            guard known.port == nil else {
                throw ProviderError(.busy, "\(wish) is that of another interface: write an empty line to its ip first")
            }
            try await connect(known, to: port.id)
            address = wish
        } else {
            address = try await takeAddress(wish, for: port.id, of: server)
        }
        await seesAddresses(server, port, [address])
    }

    private func connect(_ address: FloatingAddressPayload, to port: String?) async throws(ProviderError) {
        try await cloud.send(
            .put, .network, "floatingips/\(address.id)", body: ["floatingip": ["port_id": JSONValue(port)]],
            to: "\(port == nil ? "give up" : "assign") \(address.address)")
    }

    /// One that was made for the server goes, another stays with the project.
    private func giveUp(_ address: FloatingAddressPayload, of server: ServerPayload) async throws(ProviderError) {
        guard address.description == Cloud.ownership(of: server.id) else { return try await connect(address, to: nil) }
        try await cloud.send(.delete, .network, "floatingips/\(address.id)", to: "give up \(address.address)")
    }

    private func takeAddress(
        _ wish: String, for port: String, of server: ServerPayload
    ) async throws(ProviderError) -> String {
        let what = "take a floating address"
        let network: String
        if wish == "yes" {
            guard let found = try await cloud.externalNetworkID() else {
                throw ProviderError(
                    .invalidValue, "ip: \(cloud.name) has no external network, or several: write the name of one")
            }
            network = found
        } else {
            guard AddressRange.bytes(wish) == nil else {
                throw ProviderError(.invalidValue, "ip: the project has no floating address \(wish)")
            }
            let found = try await cloud.network(named: wish)
            guard found.isExternal == true else {
                throw ProviderError(.invalidValue, "ip: \(wish) is no external network")
            }
            network = found.id
        }
        let body: JSONValue = [
            "floating_network_id": .text(network), "port_id": .text(port),
            "description": .text(Cloud.ownership(of: server.id)),
        ]
        return try await cloud.document(
            FloatingAddressPayload.self, "floatingip", .post, .network, "floatingips", body: ["floatingip": body],
            to: what
        ).address
    }

    /// Compute hears of it from Networking, a moment later. That it does not is no failure of what was done.
    private func seesAddresses(_ server: ServerPayload, _ port: PortPayload, _ wanted: Set<String>) async {
        _ = try? await cloud.settle("Compute to see the addresses of \(server.name)", within: .seconds(20)) {
            () async throws(ProviderError) -> Bool? in
            let now = try await existing(server.id)
            let floating = (now.addresses ?? [:]).values.flatMap { $0 }.filter {
                $0.type == "floating" && $0.mac == port.mac
            }
            return Set(floating.map(\.addr)) == wanted ? true : nil
        }
    }
}

extension Cloud {
    /// Those of the project.
    func floatingAddresses() async throws(ProviderError) -> [FloatingAddressPayload] {
        try await list(
            FloatingAddressPayload.self, "floatingips", .network, "floatingips", to: "list floating addresses"
        ).compactMap(\.payload)
    }
}
