import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

/// What drafts of servers, volumes and images of CDs say, as the services are told it.
@Suite(.timeLimit(.minutes(1))) struct DraftTests {
    private func snapshot(_ rig: Rig, _ name: String = "before") throws -> String {
        let data = try #require(rig.cloud.rows("volumes").first { $0["name"].string == "data" })
        rig.cloud.insert(
            "snapshots",
            ["id": "s1", "name": .text(name), "size": 3, "status": "available", "volume_id": data["id"]])
        return "s1"
    }

    @Test func aVolumeIsMadeOfASnapshotOrOfAnother() async throws {
        let rig = try Rig()
        let id = try snapshot(rig)
        let data = try #require(rig.cloud.rows("volumes").first { $0["name"].string == "data" })
        let wishes: [(String, [String: Value], JSON, Int)] = [
            ("one", ["snapshot": .text("before"), "type": .text("hdd")], ["snapshot_id": .text(id)], 3),
            ("two", ["snapshot": .text(id), "size": .number(7)], ["snapshot_id": .text(id)], 7),
            ("three", ["source": .text("data")], ["source_volid": data["id"]], 2),
        ]
        for (name, values, sent, size) in wishes {
            let volume = try await rig.disks().create(Specification(name: name, values: values), rig.job)
            #expect(volume.size == size && volume.pool == (name == "one" ? "hdd" : "ssd"))
            let body = try #require(rig.bodies("POST", "/volumes").last)["volume"]
            for (key, value) in sent.fields { #expect(body[key] == value, "\(name)") }
        }
        for values in [
            ["snapshot": .text("nosuch")], ["source": .text("nosuch")], ["type": .text("gold")],
            ["snapshot": .text(id), "image": .text("debian-12")],
        ] as [[String: Value]] {
            let failure = await rig.failure {
                _ = try await rig.disks().create(Specification(name: "refused", values: values), rig.job)
            }
            #expect(failure?.code == .invalidValue, "\(values): \(String(describing: failure))")
        }
    }

    @Test func disksSayWhereTheyAreAndWhatTheyAreMadeOf() async throws {
        let rig = try Rig()
        let id = try snapshot(rig)
        _ = try await rig.make(
            "devices",
            [
                "disks": .map([
                    .init(
                        "disk0",
                        .map([
                            .init("snapshot", .text("before")), .init("bus", .text("scsi")),
                            .init("type", .text("hdd")),
                        ])),
                    .init("disk1", .map([.init("image", .text("debian-12")), .init("device", .text("cdrom"))])),
                ])
            ])
        let sent = try #require(rig.bodies("POST", "/servers").last)["server"]
        let mapping = sent["block_device_mapping_v2"].elements
        #expect(mapping.map { $0["source_type"] } == ["snapshot", "image"] && sent["imageRef"] == .null)
        #expect(mapping.first?["uuid"] == .text(id) && mapping.first?["volume_size"] == 3)
        #expect(mapping.map { $0["disk_bus"] } == ["scsi", nil] && mapping.map { $0["volume_type"] } == ["hdd", nil])
        #expect(mapping.map { $0["device_type"] } == [nil, "cdrom"])
    }

    /// The smallest flavor is one that the image runs in.
    @Test func anImageSaysWhatItNeedsAtLeast() async throws {
        let rig = try Rig()
        rig.cloud.change("images", named: "debian-12") { $0["min_ram"] = 1500 }
        #expect(try await rig.make("needs", ["image": .text("debian-12")]).memory == 1536)
        rig.cloud.change("images", named: "debian-12") { row in
            row["min_ram"] = 0
            row["virtual_size"] = .number((2 << 30) + 1)
        }
        let failure = await rig.failure { _ = try await rig.make("large", ["image": .text("debian-12")]) }
        #expect(failure?.code == .invalidValue, "every flavor has a disk of 1 GiB")
        let disks: Value = .map([.init("disk0", .map([.init("size", .number(1))]))])
        let machine = try await rig.make("large", ["image": .text("debian-12"), "disks": disks])
        #expect(machine.disks.map(\.size) == [3])
    }

    /// Networking makes the port, and it goes with the server, which Compute does not see to.
    @Test func anInterfaceHasTheAddressThatIsAskedFor() async throws {
        let rig = try Rig()
        let ports = rig.cloud.rows("ports").count
        let wish: Value = .map([
            .init("network", .text("default")), .init("mac", .text("52:54:00:00:00:07")),
            .init("ip", .text("10.0.1.88")),
        ])
        let machine = try await rig.make(
            "macs",
            ["image": .text("debian-12"), "nics": .map([.init("eth0", wish)]), "securitygroups": .list([.text("web")])])
        #expect(machine.nics.map(\.mac) == ["52:54:00:00:00:07"] && machine.addresses == ["10.0.1.88"])
        let group = try #require(rig.cloud.rows("security_groups").first { $0["name"].string == "web" })
        #expect(rig.bodies("POST", "/ports").last?["port"]["security_groups"].elements == [group["id"]])
        let added = Specification(
            name: "eth1", values: ["network": .text("default"), "mac": .text("52:54:00:00:00:08")])
        let two = try await rig.apply(.addNIC(added), to: "macs")
        #expect(two.nics.map(\.mac) == ["52:54:00:00:00:07", "52:54:00:00:00:08"])
        let one = try await rig.apply(.deleteNIC("eth1"), to: "macs")
        #expect(one.nics.count == 1 && rig.cloud.rows("ports").count == ports + 1)
        _ = try await rig.apply(.power(.down), to: "macs")
        try await rig.vms().delete(machine.id, rig.job)
        #expect(rig.cloud.rows("ports").count == ports, "its port is left")
    }

    @Test func aServerThatIsRefusedLeavesNoPort() async throws {
        let rig = try Rig()
        let ports = rig.cloud.rows("ports").count
        rig.cloud.limitServers(to: 0)
        let nics: Value = .map([
            .init("eth0", .map([.init("network", .text("default")), .init("mac", .text("52:54:00:00:00:07"))]))
        ])
        let failure = await rig.failure {
            _ = try await rig.make("refused", ["image": .text("debian-12"), "nics": nics])
        }
        #expect(failure?.code == .quotaExceeded)
        #expect(rig.count("POST", "/ports") == 1 && rig.cloud.rows("ports").count == ports)
    }

    @Test func imagesOfCDsAreACollectionOfTheirOwn() async throws {
        let rig = try Rig()
        let isos = try #require(rig.provider.isos as? any BulkService<ISO>)
        let made = try await isos.create(Specification(name: "netinst", values: ["os": .text("debian")]), rig.job)
        #expect(rig.bodies("POST", "/images").last?["disk_format"] == "iso")
        let content = try await isos.content(of: made.id, writable: true)
        try await content.write([1, 2, 3], offset: 0)
        try await content.close()
        #expect(try await isos.list().map(\.name) == ["netinst"])
        let whole = try #require(try await isos.items([made.id]).first)
        #expect(whole.size == 3 && whole.status == "available" && whole.os == "debian")
        #expect(try await !rig.images().list().contains { $0.name == "netinst" })
        #expect(try await rig.images().items([.init(made.id.rawValue)]).isEmpty)
        let failure = await rig.failure {
            _ = try await rig.images().create(Specification(name: "x", values: ["format": .text("iso")]), rig.job)
        }
        #expect(failure?.code == .invalidValue)
        // A server boots from one as from any image.
        #expect(try await rig.make("installer", ["image": .text("netinst")]).image == "netinst")
        try await isos.delete(made.id, rig.job)
        #expect(try await isos.list().isEmpty)
    }
}
