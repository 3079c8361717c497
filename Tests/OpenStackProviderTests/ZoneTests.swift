import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Zones and their record sets.
@Suite struct ZoneTests {
    private let rig: Rig
    private let zones: any CollectionService<DNSZone>

    init() throws {
        rig = try Rig()
        zones = try #require(rig.provider.dns)
    }

    private func zone(_ name: String) async throws -> DNSZone {
        try #require(try await zones.list().first { $0.name == name })
    }

    private func set(
        _ values: String..., name: String = "www", type: String = "A", ttl: Int? = nil
    ) -> DNSZone.Change {
        .set(.init(name: name, type: type, ttl: ttl, values: values))
    }

    @Test func allAreListedWithTheirRecordsByPages() async throws {
        let all = try await zones.list()
        #expect(all.map(\.name).sorted() == ["example.org", "lab.example.net"])
        let records = try await zone("example.org").records
        #expect(records.map(\.name) == ["@", "@", "www"] && records.map(\.type) == ["NS", "SOA", "A"])
        #expect(records.last?.values == ["192.0.2.1", "192.0.2.2"])
        // Five record sets, three a page: no call for each zone.
        #expect(rig.count("GET", "/recordsets") == 4 && rig.count("GET", "/zones") == 2)
        let alone = try await zones.items([try await zone("example.org").id])
        #expect(alone == [try await zone("example.org")])
    }

    @Test func recordsAreMadeReplacedAndRemoved() async throws {
        let id = try await zone("example.org").id
        let changed = try await zones.apply(set("192.0.2.9", ttl: 60), to: id, rig.job)
        #expect(changed.records.last == .init(name: "www", type: "A", ttl: 60, values: ["192.0.2.9"]))
        #expect(rig.bodies("POST", "/recordsets").isEmpty, "it was there, and is replaced")
        _ = try await zones.apply(set("10 mail.example.org.", name: "@", type: "MX"), to: id, rig.job)
        #expect(rig.bodies("POST", "/recordsets").last?["name"].string == "example.org.")
        _ = try await zones.apply(set("2001:db8::1", type: "AAAA"), to: id, rig.job)
        let timed = try await zones.apply(.ttl(name: "www", seconds: 120), to: id, rig.job)
        #expect(timed.records.filter { $0.name == "www" }.map(\.ttl) == [120, 120])
        #expect(timed.records.filter { $0.name == "@" }.allSatisfy { $0.ttl == nil })
        let removed = try await zones.apply(.remove(name: "www", type: "A"), to: id, rig.job)
        #expect(removed.records.filter { $0.name == "www" }.map(\.type) == ["AAAA"])
        #expect(try await zone("example.org") == removed)
    }

    @Test func oneIsMadeAndGoesOnceItIsEmpty() async throws {
        let made = try await zones.create(Specification(name: "new.example.com", values: [:]), rig.job)
        #expect(made.name == "new.example.com" && made.records.map(\.type) == ["NS", "SOA"])
        let wish = try #require(rig.bodies("POST", "/zones").last)
        #expect(wish["name"].string == "new.example.com." && wish["email"].string == "hostmaster@new.example.com")
        let again = await rig.failure {
            _ = try await zones.create(Specification(name: "new.example.com", values: [:]), rig.job)
        }
        #expect(again?.code == .alreadyExists)
        _ = try await zones.apply(set("192.0.2.1"), to: made.id, rig.job)
        #expect(await rig.failure { try await zones.delete(made.id, rig.job) }?.code == .notEmpty)
        #expect(rig.server.requests.allSatisfy { $0.method != "DELETE" })
        _ = try await zones.apply(.remove(name: "www", type: "A"), to: made.id, rig.job)
        try await zones.delete(made.id, rig.job)
        #expect(try await zones.list().allSatisfy { $0.id != made.id })
    }

    @Test func oneThatTheServiceCouldNotMakeSaysSo() async throws {
        rig.cloud.change("zones", named: "lab.example.net.") { $0["status"] = "ERROR" }
        #expect(try await zone("lab.example.net").fault != nil)
        #expect(try await zone("example.org").fault == nil)
    }

    @Test func whatTheServiceRefusesIsSaid() async throws {
        let id = try await zone("example.org").id
        rig.server.on(
            "POST", "/dns/v2/zones/\(id)/recordsets",
            .json(413, #"{"code": 413, "type": "over_quota", "message": "Quota exceeded for zone_recordsets."}"#))
        let full = await rig.failure { _ = try await zones.apply(set("192.0.2.1", name: "new"), to: id, rig.job) }
        #expect(full?.code == .quotaExceeded)
        rig.server.on(
            "POST", "/dns/v2/zones/\(id)/recordsets",
            .json(400, #"{"code": 400, "type": "invalid_object", "message": "Provided object does not match schema"}"#))
        let wrong = await rig.failure { _ = try await zones.apply(set("nonsense", name: "new"), to: id, rig.job) }
        #expect(wrong?.code == .invalidValue)
    }
}
