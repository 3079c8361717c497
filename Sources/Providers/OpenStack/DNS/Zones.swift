import HTTPKit
import ProviderAPI

/// A zone (`GET /v2/zones`).
struct ZonePayload: Decodable, Sendable {
    var id: String
    /// With its last dot.
    var name: String
    var status: String?
}

/// A set of records (`GET /v2/recordsets`).
struct RecordSetPayload: Decodable, Sendable {
    var id: String
    var zone: String
    /// With its last dot.
    var name: String
    var type: String
    var ttl: Int?
    var records: [String]?

    enum CodingKeys: String, CodingKey {
        case id, name, type, ttl, records
        case zone = "zone_id"
    }
}

/// The zones of the DNS service with all their records.
struct Zones: CollectionService {
    let cloud: Cloud
    /// The address that a zone's SOA names; `email` of the configuration.
    let email: String?

    static let supported: Set<Operation> = [.listDNS, .createDNSZone, .deleteDNSZone, .updateDNS, .updateTTL]
    var operations: Set<Operation> { Self.supported }
    let parameters = [
        Parameter("email", .text, "the address of who is responsible for it"),
        Parameter("ttl", .number, "seconds, for records that tell none"),
        Parameter("description", .text, "free text"),
    ]

    func list() async throws(ProviderError) -> [DNSZone] {
        let zones = try await cloud.list(ZonePayload.self, "zones", .dns, "zones", to: "list zones")
        let records = try await recordSets("recordsets")
        let sets = Dictionary(grouping: records, by: \.zone)
        return zones.map { listed in
            switch listed {
            case .payload(let zone): return DNSZone(zone, sets[zone.id] ?? [])
            case .odd(let id, let name, let reason):
                var zone = DNSZone(id: .init(id), name: name)
                zone.fault = reason
                return zone
            }
        }
    }

    private func recordSets(_ path: String) async throws(ProviderError) -> [RecordSetPayload] {
        try await cloud.list(RecordSetPayload.self, "recordsets", .dns, path, to: "list records")
            .compactMap(\.payload)
    }

    func items(_ ids: [DNSZone.ID]) async throws(ProviderError) -> [DNSZone] {
        guard ids.count == 1, let id = ids.first else {
            let wanted = Set(ids)
            return try await list().filter { wanted.contains($0.id) }
        }
        let what = "look at zone \(id)"
        guard let zone = try await cloud.found(ZonePayload.self, "", .dns, "zones/\(id)", to: what) else { return [] }
        return [DNSZone(zone, try await recordSets("zones/\(id)/recordsets"))]
    }

    private func item(_ id: String) async throws(ProviderError) -> DNSZone {
        guard let zone = try await items([.init(id)]).first else {
            throw ProviderError(.notFound, "the zone \(id) is no longer there")
        }
        return zone
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> DNSZone {
        try specification.require(only: Set(parameters.map(\.name)))
        var zone: JSONValue = [
            "name": .text(specification.name + "."), "type": "PRIMARY",
            "email": .text(specification.text("email") ?? email ?? "hostmaster@\(specification.name)"),
        ]
        if let seconds = specification.number("ttl") { zone["ttl"] = .number(seconds) }
        if let text = specification.text("description") { zone["description"] = .text(text) }
        let made = try await cloud.document(
            ZonePayload.self, "", .post, .dns, "zones", body: zone,
            to: "create zone \(specification.name)")
        job.accepted()
        return try await item(made.id)
    }

    /// `notEmpty` while it has records other than those that the service makes.
    func delete(_ id: DNSZone.ID, _ job: any JobReporter) async throws(ProviderError) {
        let zone = try await item(id.rawValue)
        guard zone.records.allSatisfy({ $0.name == "@" && ["NS", "SOA"].contains($0.type) }) else {
            throw ProviderError(.notEmpty, "the zone \(zone.name) has records: remove them first")
        }
        let what = "delete zone \(zone.name)"
        try await cloud.send(.delete, .dns, "zones/\(id)", to: what)
        job.accepted()
        try await cloud.settle("zone \(zone.name) to be gone") { () async throws(ProviderError) -> Bool? in
            try await cloud.found(ZonePayload.self, "", .dns, "zones/\(id)", to: what) == nil ? true : nil
        }
    }

    func apply(_ change: DNSZone.Change, to id: DNSZone.ID, _ job: any JobReporter) async throws(ProviderError)
        -> DNSZone
    {
        let zone = try await cloud.document(
            ZonePayload.self, "", .dns, "zones/\(id)", to: "look at zone \(id)")
        let sets = try await recordSets("zones/\(id)/recordsets")
        func named(_ name: String) -> [RecordSetPayload] { sets.filter { $0.name == zone.full(name) } }
        switch change {
        case .set(let wanted): try await set(wanted, named(wanted.name).first { $0.type == wanted.type }, in: zone)
        case .remove(let name, let type):
            for set in named(name) where set.type == type {
                try await cloud.send(
                    .delete, .dns, "zones/\(id)/recordsets/\(set.id)", to: "remove \(type) of \(name)")
            }
        case .ttl(let name, let seconds):
            for set in named(name) where set.type != "SOA" {
                try await cloud.send(
                    .put, .dns, "zones/\(id)/recordsets/\(set.id)", body: ["ttl": .number(seconds)],
                    to: "change the ttl of \(name)")
            }
        }
        return try await item(id.rawValue)
    }

    private func set(
        _ wanted: DNSZone.RecordSet, _ present: RecordSetPayload?, in zone: ZonePayload
    ) async throws(ProviderError) {
        var set: JSONValue = ["records": .array(wanted.values.map(JSONValue.text))]
        if let seconds = wanted.ttl { set["ttl"] = .number(seconds) }
        let what = "change \(wanted.type) of \(wanted.name)"
        guard let present else {
            set["name"] = .text(zone.full(wanted.name))
            set["type"] = .text(wanted.type)
            try await cloud.send(.post, .dns, "zones/\(zone.id)/recordsets", body: set, to: what)
            return
        }
        try await cloud.send(.put, .dns, "zones/\(zone.id)/recordsets/\(present.id)", body: set, to: what)
    }
}

extension ZonePayload {
    /// A name of the zone, as the service has it.
    func full(_ name: String) -> String { name == "@" ? self.name : "\(name).\(self.name)" }
}

extension DNSZone {
    init(_ zone: ZonePayload, _ sets: [RecordSetPayload]) {
        let records = sets.map { set in
            RecordSet(
                name: set.name == zone.name ? "@" : String(set.name.dropLast(min(zone.name.count + 1, set.name.count))),
                type: set.type, ttl: set.ttl, values: set.records ?? [])
        }
        self.init(
            id: .init(zone.id), name: zone.name.hasSuffix(".") ? String(zone.name.dropLast()) : zone.name,
            records: records.sorted { ($0.name, $0.type) < ($1.name, $1.type) })
        if zone.status == "ERROR" { fault = "the DNS service says ERROR" }
    }
}
