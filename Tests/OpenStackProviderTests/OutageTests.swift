import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// A service that is down takes nothing else with it.
@Suite struct OutageTests {
    private let rig: Rig
    private static let needs = [
        "vms": "compute", "flavors": "compute", "disks": "volume", "images": "image", "networks": "network",
        "subnets": "network", "security_groups": "network", "buckets": "object", "dns": "dns",
    ]

    init() throws { rig = try Rig() }

    private func failure<Item: Resource>(_ service: (any CollectionService<Item>)?) async -> ProviderError.Code? {
        await rig.failure {
            let items = try await #require(service).list()
            #expect(!items.isEmpty)
            // What a listing leaves out is there, too.
            _ = try await #require(service).items(items.map(\.id))
        }?.code
    }

    private func failures() async -> [String: ProviderError.Code] {
        let provider = rig.provider
        var failures: [String: ProviderError.Code] = [:]
        failures["vms"] = await failure(provider.vms)
        failures["flavors"] = await failure(provider.flavors)
        failures["disks"] = await failure(provider.disks)
        failures["images"] = await failure(provider.images)
        failures["networks"] = await failure(provider.networks)
        failures["subnets"] = await failure(provider.subnets)
        failures["security_groups"] = await failure(provider.securityGroups)
        failures["buckets"] = await failure(provider.buckets)
        failures["dns"] = await failure(provider.dns)
        return failures
    }

    @Test(arguments: ["compute", "image", "network", "volume", "object", "dns"])
    func itsCollectionsFailAndNoOthers(_ service: String) async throws {
        #expect(await failures().isEmpty)
        rig.cloud.takeDown([service])
        let expected = Self.needs.filter { $0.value == service }.mapValues { _ in ProviderError.Code.unreachable }
        #expect(await failures() == expected)
    }

    private func host() async throws -> [String: String] {
        let facts = try await #require(rig.provider.host).info()
        return Dictionary(facts.map { ($0.key, $0.value.plainText) }) { $1 }
    }

    @Test func theHostTellsAllThatIsUp() async throws {
        let whole = try await host()
        #expect(whole["fault"] == "" && whole["vms_quota"] == "1000" && whole["volumes_quota"] == "10")
        #expect(whole["networks_quota"] == "100" && whole["routers_used"] == "1" && whole["zones"] == "nova")
        #expect(whole["security_groups_quota"] == "", "no limit is none")
        for (service, facts) in [
            "volume": ["volumes", "storage_quota"], "network": ["networks_used", "floating_ips_quota"],
            "compute": ["vms", "cpus_quota", "zones"],
        ] {
            rig.cloud.takeDown([service])
            let rest = try await host()
            #expect(rest["fault"]?.contains("503") == true && rest["project"] == "demo", "\(rest)")
            for (key, value) in whole where key != "fault" {
                if facts.contains(key) {
                    #expect(rest[key] == "", "\(key)")
                } else if rest[key] != "" {
                    #expect(rest[key] == value, "\(key)")
                }
            }
            #expect(rest.keys.sorted() == whole.keys.sorted())
            let empty = rest.count { $0.value.isEmpty }
            #expect(empty < rest.count / 2, "the others are there")
        }
    }

    @Test func aCloudWithoutAServiceHasNoFaultForIt() async throws {
        let rig = try Rig(absent: ["volumev3", "network"])
        let facts = try await #require(rig.provider.host).info()
        #expect(facts.first { $0.key == "fault" }?.value.plainText == "")
        #expect(!facts.contains { $0.key == "volumes_quota" || $0.key == "networks_quota" })
        #expect(facts.contains { $0.key == "vms_quota" })
    }
}
