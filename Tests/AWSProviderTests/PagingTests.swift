import HTTPTesting
import ProviderAPI
import Testing

@testable import AWSProvider

/// EC2 gives its answers in pages: nothing of the later ones is left out.
@Suite struct PagingTests {
    struct Listing: Sendable, CustomTestStringConvertible {
        let action: String
        let set: String
        let id: String
        let count: @Sendable (AWSProvider) async throws -> Int

        var testDescription: String { action }
    }

    static let listings: [Listing] = [
        .init(action: "DescribeVolumes", set: "volumeSet", id: "volumeId") { try await $0.disks?.list().count ?? 0 },
        .init(action: "DescribeVpcs", set: "vpcSet", id: "vpcId") { try await $0.networks?.list().count ?? 0 },
        .init(action: "DescribeSubnets", set: "subnetSet", id: "subnetId") {
            try await $0.subnets?.list().count ?? 0
        },
        .init(action: "DescribeImages", set: "imagesSet", id: "imageId") { try await $0.images?.list().count ?? 0 },
        .init(action: "DescribeInstanceTypes", set: "instanceTypeSet", id: "instanceType") {
            try await $0.flavors?.list().count ?? 0
        },
        .init(action: "DescribeSecurityGroups", set: "securityGroupInfo", id: "groupId") {
            try await $0.securityGroups?.list().count ?? 0
        },
    ]

    private func cloud() throws -> StubCloud {
        let cloud = try StubCloud()
        for listing in Self.listings { cloud.on(listing.action, Answers.set(listing.action, listing.set)) }
        cloud.on("DescribeInternetGateways", Answers.set("DescribeInternetGateways", "internetGatewaySet"))
        cloud.on("DescribeRouteTables", Answers.set("DescribeRouteTables", "routeTableSet"))
        return cloud
    }

    private static func page(_ listing: Listing, _ names: [String], next: String?) -> StubReply {
        let items = names.map { name in
            "<item><\(listing.id)>\(name)</\(listing.id)><groupName>\(name)</groupName><name>\(name)</name></item>"
        }
        let token = next.map { "<nextToken>\($0)</nextToken>" } ?? ""
        return .xml(
            200,
            "<\(listing.action)Response><\(listing.set)>\(items.joined())</\(listing.set)>\(token)"
                + "</\(listing.action)Response>")
    }

    @Test(arguments: listings)
    func everyPageIsAskedFor(_ listing: Listing) async throws {
        let cloud = try cloud()
        cloud.answer(listing.action) { fields in
            switch fields["NextToken"] {
            case nil: Self.page(listing, ["a-1", "a-2"], next: "p=2/")
            case "p=2/": Self.page(listing, [], next: "p3")
            default: Self.page(listing, ["a-3"], next: nil)
            }
        }
        #expect(try await listing.count(try cloud.provider()) == 3)
        #expect(cloud.calls(listing.action).map { $0["NextToken"] } == [nil, "p=2/", "p3"])
    }

    @Test func aPageThatComesAgainAndAgainIsNonsense() async throws {
        let cloud = try cloud()
        cloud.answer("DescribeVolumes") { _ in Self.page(Self.listings[0], ["vol-1"], next: "same") }
        let error = await #expect(throws: ProviderError.self) { _ = try await cloud.provider().disks?.list() }
        #expect(error?.code == .malformedReply)
        #expect(cloud.calls("DescribeVolumes").count == 2)
    }
}
