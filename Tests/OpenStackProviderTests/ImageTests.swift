import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// What is told of images.
@Suite struct ImageTests {
    private let rig: Rig

    init() throws { rig = try Rig() }

    private func image(_ name: String) async throws -> Image {
        try #require(try await rig.images().list().first { $0.name == name })
    }

    @Test func propertiesAreWhatNotEveryImageHas() async throws {
        rig.cloud.change("images", named: "debian-12") { row in
            row["hw_disk_bus"] = "scsi"
            row["os_glance_failed_import"] = ""
            row["infrafs_snapshot"] = "before"
            row["os_distro"] = "debian"
            row["checksum"] = "e0d1"
            row["tags"] = ["base"]
        }
        let image = try await image("debian-12")
        #expect(image.properties == ["hw_disk_bus": "scsi"] && image.visibility == "private" && image.os == "debian")
        #expect(try await rig.images().items([image.id]) == [image])
    }

    @Test func theyAreSetAndRemoved() async throws {
        let id = try await image("debian-12").id
        let images = try rig.images()
        let noted = try await images.apply(.property(key: "a/b~c", value: "one"), to: id, rig.job)
        #expect(noted.properties == ["a/b~c": "one"])
        #expect(rig.bodies("PATCH", "/images/\(id)").last?.elements.first?["path"] == "/a~1b~0c")
        let opened = try await images.apply(.visibility("community"), to: id, rig.job)
        #expect(opened.visibility == "community" && opened.properties == noted.properties)
        #expect(try await images.apply(.property(key: "a/b~c", value: nil), to: id, rig.job).properties.isEmpty)
        for key in ["owner", "os_glance_importing_to_stores", "infrafs_snapshot_of", "min_disk"] {
            let failure = await rig.failure {
                _ = try await images.apply(.property(key: key, value: "x"), to: id, rig.job)
            }
            #expect(failure?.code == .notPermitted, "\(key)")
        }
        #expect(rig.count("PATCH", "/images/\(id)") == 3)
    }

    @Test func aDraftSaysThem() async throws {
        let wish: [String: Value] = [
            "visibility": .text("shared"), "properties": .map([.init("hw_disk_bus", .text("scsi"))]),
        ]
        let made = try await rig.images().create(Specification(name: "new", values: wish), rig.job)
        #expect(made.visibility == "shared" && made.properties == ["hw_disk_bus": "scsi"])
    }
}
