import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// Servers that boot from a volume.
@Suite(.timeLimit(.minutes(1))) struct VolumeServerTests {
    /// One with a boot volume of an image and another volume that stood by itself.
    private func makeServer(_ rig: Rig) async throws -> VirtualMachine {
        try await rig.make(
            "stored",
            [
                "image": .text("debian-12"), "plan": .text("blue"),
                "disks": .map([
                    .init("disk0", .map([.init("size", .number(12))])),
                    .init("disk1", .map([.init("volume", .text("data"))])),
                ]),
            ])
    }

    private func snapshots(_ rig: Rig) -> [String?] { rig.cloud.rows("snapshots").map { $0["name"].string } }

    @Test func itsSnapshotsAreThoseOfItsVolumes() async throws {
        let rig = try Rig()
        _ = try await makeServer(rig)
        rig.cloud.plan("snapshot", ["status": "creating"], ["status": "creating"], ["status": "available"])
        _ = try await rig.apply(.createSnapshot(Specification(name: "one")), to: "stored")
        var machine = try await rig.apply(.createSnapshot(Specification(name: "two")), to: "stored")
        #expect(machine.snapshots.map(\.name) == ["one", "two"] && machine.snapshots.map(\.current) == [false, true])
        #expect(machine.snapshots.map(\.parent) == [nil, "one"])
        #expect(rig.cloud.rows("snapshots").count == 4)
        #expect(rig.cloud.rows("snapshots").allSatisfy { $0["status"] == "available" })
        machine = try await rig.apply(.deleteSnapshot("one"), to: "stored")
        #expect(machine.snapshots.map(\.name) == ["two"])
        #expect(snapshots(rig) == ["snapshot for stored-two", "snapshot for stored-two"])
    }

    @Test func aSnapshotOfAVolumeThatFailsTakesTheWholeWithIt() async throws {
        let rig = try Rig()
        _ = try await makeServer(rig)
        let reason = "create snapshot:Snapshot failed to create."
        rig.cloud.plan("snapshot", ["status": "creating"], ["status": "error", "stub:message": .text(reason)])
        let failure = await rig.failure {
            _ = try await rig.apply(.createSnapshot(Specification(name: "one")), to: "stored")
        }
        #expect(failure?.code == .failed && failure?.cause == reason, "\(String(describing: failure))")
        #expect(try await rig.vm("stored").snapshots.isEmpty)
        #expect(rig.cloud.rows("snapshots").isEmpty, "a snapshot of a volume is left")
    }

    /// By an image that is made of the snapshot: Compute fills the volume with it (2.93).
    @Test func itGoesBackToASnapshot() async throws {
        let rig = try Rig()
        let made = try await makeServer(rig)
        _ = try await rig.apply(.createSnapshot(Specification(name: "one")), to: "stored")
        _ = try await rig.apply(.createSnapshot(Specification(name: "two")), to: "stored")
        let root = try #require(made.disks.first { $0.boot }?.volume).rawValue
        let (volumes, images) = (rig.cloud.rows("volumes").count, rig.cloud.rows("images").count)
        let taken = rig.cloud.rows("snapshots").first { $0["volume_id"].string == root }
        let machine = try await rig.apply(.revertSnapshot("one"), to: "stored")
        #expect(machine.id == made.id && machine.disks.map(\.volume) == made.disks.map(\.volume))
        #expect(machine.snapshots.map(\.current) == [true, false])
        let temporary = rig.bodies("POST", "/volumes").first { $0["volume"]["snapshot_id"] != .null }?["volume"]
        #expect(temporary?["snapshot_id"] == taken?["id"] && temporary?["size"] == 12)
        let rebuild = try #require(rig.server.requests.last { JSON($0.body)["rebuild"] != .null })
        #expect(rebuild.header("OpenStack-API-Version") == "compute 2.93")
        // What was made for it is gone.
        #expect(rig.cloud.rows("volumes").count == volumes && rig.cloud.rows("images").count == images)
        // A snapshot that is made then goes on from there.
        let again = try await rig.apply(.createSnapshot(Specification(name: "three")), to: "stored")
        #expect(again.snapshots.filter(\.current).map(\.name) == ["three"])
    }

    @Test func aCloudThatIsTooOldSaysSoAndMakesNothing() async throws {
        let rig = try Rig()
        rig.server.on(
            "GET", "/compute/v2.1/",
            .json(200, #"{"version": {"id": "v2.1", "version": "2.90", "min_version": "2.1", "status": "CURRENT"}}"#))
        _ = try await makeServer(rig)
        _ = try await rig.apply(.createSnapshot(Specification(name: "one")), to: "stored")
        let count = rig.count("POST", "/volumes")
        let failure = await rig.failure { _ = try await rig.apply(.revertSnapshot("one"), to: "stored") }
        #expect(failure?.code == .unsupported && rig.count("POST", "/volumes") == count)
    }

    @Test func itsCloneHasCopiesOfItsVolumes() async throws {
        let rig = try Rig()
        let made = try await makeServer(rig)
        let images = rig.cloud.rows("images").count
        _ = try await rig.apply(.clone(name: "copy", full: false, start: true), to: "stored")
        let copy = try await rig.vm("copy")
        #expect(copy.status == .up && copy.disks.map(\.size) == made.disks.map(\.size))
        #expect(Set(copy.disks.compactMap(\.volume)).isDisjoint(with: made.disks.compactMap(\.volume)))
        #expect(copy.disks.map(\.boot) == [true, false] && copy.metadata["plan"] == "blue")
        let volumes = rig.bodies("POST", "/volumes").map { $0["volume"] }
        #expect(volumes.map { $0["source_volid"].string } == made.disks.map { $0.volume?.rawValue })
        let mapping = try #require(rig.bodies("POST", "/servers").last)["server"]["block_device_mapping_v2"].elements
        #expect(mapping.map { $0["delete_on_termination"] } == [true, false])
        #expect(rig.cloud.rows("images").count == images && rig.cloud.rows("snapshots").isEmpty)
    }

    @Test func aCloneThatFailsLeavesNothing() async throws {
        let rig = try Rig()
        _ = try await makeServer(rig)
        let volumes = rig.cloud.rows("volumes").count
        rig.cloud.limitServers(to: rig.cloud.rows("servers").count)
        let failure = await rig.failure {
            _ = try await rig.apply(.clone(name: "copy", full: false, start: true), to: "stored")
        }
        #expect(failure?.code == .quotaExceeded)
        #expect(rig.cloud.rows("volumes").count == volumes)
    }

    /// It is made of an image of the server, which goes again; its metadata says what the server was made from.
    @Test func aCloneOfAServerOfAnImageKeepsWhatItWasMadeFrom() async throws {
        let rig = try Rig()
        let images = rig.cloud.rows("images").count
        _ = try await rig.apply(.clone(name: "copy", full: false, start: false), to: "db1")
        let copy = try await rig.vm("copy")
        #expect(copy.status == .down && copy.flavor == "m1.tiny")
        #expect(copy.metadata["image"] == "debian-12" && copy.metadata["plan"] == "lab")
        #expect(copy.image == "debian-12")
        #expect(copy.nics.map(\.network) == ["default"])
        let source = try #require(rig.bodies("POST", "/action").first { $0["createImage"] != .null })["createImage"]
        #expect(source["name"] == "copy-source")
        // Its other volume is copied too.
        #expect(copy.disks.map(\.size) == [1, 4] && copy.disks.map(\.type) == ["local", "volume"])
        #expect(rig.cloud.rows("images").count == images, "the image that it was made of is left")
    }

    /// However many volumes it has.
    @Test func itsVolumesAreReadByOneListing() async throws {
        let rig = try Rig(pageSize: 100)
        let made = try await makeServer(rig)
        let before = rig.server.requests.count
        let machine = try #require(try await rig.vms().items([made.id]).first)
        #expect(machine.disks.count == 2)
        let asked = rig.server.requests.dropFirst(before).map(\.path).filter { $0.contains("/volumes") }
        #expect(asked == ["/volume/v3/\(StubCloud.project)/volumes/detail"])
    }
}
