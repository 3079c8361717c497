import LibvirtKit
import ProviderAPI
import XMLKit

/// The names that the host's networks answer for: a zone for each network with a DNS server of its own, under the
/// network's domain, or its name where it has none.
struct Zones: CollectionService {
    let session: Session
    let operations: Set<Operation> = [.listDNS, .updateDNS]

    func list() async throws(ProviderError) -> [DNSZone] {
        try await session.run("DNS zones") { connection in
            try connection.networks().compactMap { network in
                try unless(.noNetwork) { try Self.zone(of: network, on: connection) } ?? nil
            }
        }
    }

    func items(_ ids: [DNSZone.ID]) async throws(ProviderError) -> [DNSZone] {
        try await session.run("DNS zones") { connection in
            try ids.compactMap { id in
                try unless(.noNetwork) {
                    try Self.zone(of: try connection.network(uuid: id.rawValue), on: connection)
                } ?? nil
            }
        }
    }

    func apply(_ change: DNSZone.Change, to id: DNSZone.ID, _ job: any JobReporter) async throws(ProviderError)
        -> DNSZone
    {
        guard operations.contains(change.operation) else {
            throw ProviderError(.unsupported, "libvirt keeps no time to live with its records")
        }
        return try await session.run("DNS zone \(id)") { connection in
            let network = try connection.network(uuid: id.rawValue)
            try NetworkChange(network, on: connection, session.debts).perform(alongside: false) {
                document throws(ProviderError) in
                try Self.apply(change, to: &document)
            }
            guard let zone = try Self.zone(of: network, on: connection) else {
                throw ProviderError(.notFound, "network \(network.name): it answers no questions for names any more")
            }
            return zone
        }
    }

    private static func apply(_ change: DNSZone.Change, to document: inout XMLElement) throws(ProviderError) {
        switch change {
        case .set(let set): try ZoneRecords.set(set.values, of: set.name, type: set.type, in: &document)
        case .remove(let name, let type): try ZoneRecords.set([], of: name, type: type, in: &document)
        case .ttl: throw .unsupported(change.operation)
        }
    }

    /// nil where the network answers no questions for names.
    private static func zone(of network: LibvirtKit.Network, on connection: Connection) throws -> DNSZone? {
        var zone = DNSZone(id: .init(network.uuid), name: network.name)
        do {
            let document = try XMLElement(parsing: try network.xml())
            guard NetworkFacts.answersNames(document) else { return nil }
            zone.name = document.first("domain")?["name"] ?? network.name
            zone.records = ZoneRecords.records(of: document)
        } catch let error as XMLError {
            zone.fault = "\(error)"
        }
        return zone
    }
}
