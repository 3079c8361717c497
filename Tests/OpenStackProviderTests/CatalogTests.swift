import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Where services are, and which of their versions is spoken.
@Suite struct CatalogTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    private func versions(_ service: String) -> Set<String> {
        let asked = rig.server.requests.filter { $0.path.hasPrefix("/\(service)/") && $0.header("X-Auth-Token") != nil }
        return Set(asked.compactMap { $0.header("OpenStack-API-Version") })
    }

    @Test func addressesWithoutAVersionGetOne() async throws {
        rig.cloud.setCatalog(
            ["compute", "image", "network", "dns"].map { ($0, "public", "RegionOne", "/\($0)") }
                + [("block-storage", "public", "RegionOne", "/volume/")])
        #expect(try await !rig.vms().list().isEmpty)
        #expect(try await !rig.disks().list().isEmpty)
        #expect(try await !rig.images().list().isEmpty)
        #expect(try await !rig.networks().list().isEmpty)
        #expect(try await rig.provider.dns?.list().isEmpty == false)
        let paths = Set(rig.server.requests.filter { $0.method == "GET" }.map(\.path))
        #expect(paths.contains("/compute/v2.1/servers/detail"))
        #expect(paths.contains("/volume/v3/\(StubCloud.project)/volumes/detail"))
        #expect(versions("compute") == ["compute 2.93"])
        // Each is asked for its versions once; the address in what it says is not followed.
        #expect(rig.count("GET", "/compute") + rig.count("GET", "/compute/") == 1)
        #expect(rig.server.requests.allSatisfy { $0.header("Host")?.hasPrefix("127.0.0.1") == true })
    }

    @Test(arguments: [
        ("2.1", "2.60", "2.60"), ("2.1", "2.93", "2.93"), ("2.1", "2.96", "2.93"), ("2.95", "2.99", "2.95"),
    ])
    func theNewestVersionThatBothKnowIsSpoken(_ oldest: String, _ newest: String, _ agreed: String) async throws {
        rig.cloud.limitCompute(from: oldest, to: newest)
        _ = try await rig.vms().list()
        #expect(versions("compute") == ["compute \(agreed)"])
    }

    @Test func aCloudWithoutAVersionOfOursIsToldSo() async throws {
        rig.cloud.setCatalog([("compute", "public", "RegionOne", "/compute")])
        rig.server.on(
            "GET", "/compute/", .json(200, #"{"versions": [{"id": "v1.0", "status": "CURRENT", "links": []}]}"#))
        let failure = await rig.failure { _ = try await rig.vms().list() }
        #expect(failure?.code == .unsupported && failure?.message.contains("v1.0") == true)
    }

    @Test func aRootThatTellsNothingIsTheUsualVersion() async throws {
        rig.cloud.setCatalog([("compute", "public", "RegionOne", "/compute")])
        rig.server.on("GET", "/compute/", .text(404, "no root here"))
        #expect(try await !rig.provider.flavors!.list().isEmpty)
        #expect(rig.count("GET", "/compute/v2.1/flavors/detail") > 0)
    }

    @Test func regionAndInterfaceChooseAmongSeveral() async throws {
        rig.cloud.setCatalog([
            ("image", "public", "North", "/nowhere"), ("image", "public", "South", "/image"),
            ("image", "internal", "South", "/inside"), ("compute", "internal", "South", "/inside"),
            ("compute", "public", "South", "/compute/v2.1"), ("compute", "public", "North", "/nowhere"),
            ("volume", "public", "North", "/nowhere"),
            ("volumev3", "public", "South", "/volume/v3/\(StubCloud.project)"),
        ])
        // The region of Compute is everybody's.
        for values: [String: Value] in [[:], ["region_name": .text("South")]] {
            let provider = try Rig.provider(of: rig.cloud, values)
            #expect(try await provider.images?.list().isEmpty == false)
            #expect(try await provider.disks?.list().isEmpty == false)
        }
        #expect(rig.server.requests.allSatisfy { !$0.path.hasPrefix("/nowhere") && !$0.path.hasPrefix("/inside") })
        let inside = try Rig.provider(of: rig.cloud, ["interface": .text("internal")])
        _ = try? await inside.images?.list()
        #expect(rig.count("GET", "/inside/v2/images") == 1)
    }
}
