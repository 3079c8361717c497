import ProviderAPI
import ProviderKit

/// The hosted zones of an account, public and private.
struct Zones: CollectionService {
    let route53: Route53

    var operations: Set<Operation> { Self.all }
    static let all: Set<Operation> = [.listDNS, .createDNSZone, .deleteDNSZone, .updateDNS, .updateTTL]
    /// Seconds, as kcli has it.
    static let standardTTL = 300

    /// The zones alone: their records are detail.
    func list() async throws(ProviderError) -> [DNSZone] {
        try await route53.zones().map { DNSZone(id: .init($0.id), name: $0.name, isComplete: false) }
    }

    /// With their records: Route 53 gives those of one zone a call.
    func items(_ ids: [DNSZone.ID]) async throws(ProviderError) -> [DNSZone] {
        try await ids.concurrently { id async throws(ProviderError) -> DNSZone? in
            async let sets = self.records(of: id.rawValue)
            guard let zone = try await route53.zone(id.rawValue) else { return nil }
            do {
                return DNSZone(zone, try await sets)
            } catch {
                throw ProviderError(wrapping: error)
            }
        }.compactMap { $0 }
    }

    /// A zone that went meanwhile has none.
    private func records(of id: String) async throws(ProviderError) -> [Route53.RecordSet] {
        do throws(ProviderError) {
            return try await route53.records(of: id)
        } catch {
            guard error.code == .notFound else { throw error }
            return []
        }
    }

    private func item(_ id: DNSZone.ID) async throws(ProviderError) -> DNSZone {
        guard let zone = try await items([id]).first else {
            throw ProviderError(.notFound, "\(id): there is no such DNS zone")
        }
        return zone
    }

    func create(_ specification: Specification, _ job: any JobReporter) async throws(ProviderError) -> DNSZone {
        try specification.require(only: [])
        let name = specification.name
        guard RecordText.isHost(name), name.contains(".") else {
            throw ProviderError(.invalidValue, "\(name) is no domain name such as example.com")
        }
        // Route 53 makes a second zone of the same name, which nobody means.
        guard try await !route53.zones().contains(where: { $0.name == name && !$0.isPrivate }) else {
            throw ProviderError(.alreadyExists, "there is a DNS zone \(name) already")
        }
        return try await item(.init(try await route53.createZone(name).id))
    }

    func delete(_ id: DNSZone.ID, _ job: any JobReporter) async throws(ProviderError) {
        try await route53.deleteZone(id.rawValue, to: "delete the DNS zone \(id)")
    }

    func apply(_ change: DNSZone.Change, to id: DNSZone.ID, _ job: any JobReporter) async throws(ProviderError)
        -> DNSZone
    {
        guard let zone = try await route53.zone(id.rawValue) else {
            throw ProviderError(.notFound, "\(id): there is no such DNS zone")
        }
        let records = try await route53.records(of: zone.id)
        let changes = try Self.changes(for: change, in: zone, records)
        try await route53.change(zone.id, changes, to: "change the records of \(zone.name)")
        return try await item(id)
    }

    /// What to send for a change.
    static func changes(for change: DNSZone.Change, in zone: Route53.Zone, _ records: [Route53.RecordSet])
        throws(ProviderError) -> [(Route53.Action, Route53.RecordSet)]
    {
        func standing(_ name: String, _ type: String?) throws(ProviderError) -> [Route53.RecordSet] {
            let found = records.filter {
                RecordText.relative($0.name, to: zone.name) == name && (type == nil || $0.type == type)
            }
            guard !found.contains(where: \.hasPolicy) else {
                throw ProviderError(
                    .unsupported, "\(name) has a routing policy, which files cannot say: change it in AWS's console")
            }
            return found
        }
        switch change {
        case .set(let set):
            let old = try standing(set.name, set.type).first
            let name = RecordText.absolute(set.name, in: zone.name)
            return [(.upsert, try RecordText.recordSet(set, named: name, after: old))]
        case .remove(let name, let type):
            let old = try standing(name, type)
            guard !old.isEmpty else { throw ProviderError(.notFound, "\(name) has no \(type) records") }
            return old.map { (.delete, $0) }
        case .ttl(let name, let seconds):
            guard (0...2_147_483_647).contains(seconds) else {
                throw ProviderError(.outOfRange, "ttl: \(seconds) is no time to live")
            }
            let old = try standing(name, nil)
            guard !old.contains(where: { $0.alias != nil }) else {
                throw ProviderError(.notPermitted, "\(name) is an alias: it has the time to live of its target")
            }
            return old.map { set in
                var set = set
                set.ttl = seconds
                return (.upsert, set)
            }
        }
    }
}

extension DNSZone {
    /// A zone with its records. Sets that a routing policy tells apart are shown as one.
    init(_ zone: Route53.Zone, _ records: [Route53.RecordSet]) {
        var sets: [String: RecordSet] = [:]
        for record in records {
            let name = RecordText.relative(record.name, to: zone.name)
            let values = record.alias.map { [RecordText.line(of: $0)] } ?? record.values
            let key = name + " " + record.type
            if sets[key] == nil {
                sets[key] = RecordSet(name: name, type: record.type, ttl: record.ttl, values: values)
            } else {
                sets[key]?.values += values
            }
        }
        let sorted = sets.values.sorted { ($0.name, $0.type) < ($1.name, $1.type) }
        self.init(id: .init(zone.id), name: zone.name, records: sorted)
    }
}
