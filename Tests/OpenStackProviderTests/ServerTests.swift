import FoundationEssentials
import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Testing

@testable import OpenStackProvider

@Suite struct ServerTests {
    @Test func everyPageIsListedInAFewCalls() async throws {
        let rig = try Rig()
        let machines = try await rig.vms().list()
        #expect(
            machines.map(\.name).sorted()
                == ["a/b ünïcode", "broken", "db1", "lonely", "twin", "twin", "web1"])
        #expect(Set(machines.map(\.id)).count == 7)
        #expect(rig.count("GET", "/servers/detail") == 3)
        let compute = rig.server.requests.filter { $0.path.hasSuffix("/servers/detail") }
        #expect(compute.allSatisfy { $0.header("OpenStack-API-Version") == "compute 2.93" })
        // All of them whole, by as many calls as there are pages of other things.
        let before = rig.server.requests.count
        let whole = try await rig.vms().items(machines.map(\.id))
        #expect(whole.count == 7 && whole.allSatisfy(\.isComplete))
        #expect(rig.server.requests.count - before < 12)
    }

    @Test func factsAreThoseOfTheServer() async throws {
        let rig = try Rig()
        let machine = try await rig.vm("db1")
        #expect(machine.status == .down && machine.rawStatus == "SHUTOFF")
        #expect(machine.memory == 512 && machine.cpus == 1 && machine.flavor == "m1.tiny")
        #expect(machine.image == "debian-12" && machine.metadata["plan"] == "lab")
        #expect(machine.disks.map(\.name) == ["vda", "vdb"] && machine.disks.map(\.size) == [1, 4])
        #expect(machine.disks.map(\.boot) == [true, false])
        #expect(machine.nics.map(\.network) == ["default"])
        #expect(machine.addresses == machine.nics.first?.addresses)
        #expect(machine.addresses.first?.hasPrefix("10.0.1.") == true)
        #expect(machine.creationDate?.hasPrefix("2026-01-31T") == true)
    }

    @Test func aServerInErrorSaysWhy() async throws {
        let rig = try Rig()
        let machine = try await rig.vm("broken")
        #expect(machine.status == .error)
        #expect(machine.fault == "No valid host was found.")
        #expect(try await rig.vms().list().filter { $0.fault != nil }.map(\.name) == ["broken"])
    }

    @Test func oneOddEntryDoesNotHideTheOthers() async throws {
        let rig = try Rig()
        rig.cloud.change("servers", named: "lonely") { $0["status"] = 7 }
        let machines = try await rig.vms().list()
        #expect(machines.count == 7)
        let odd = try #require(machines.first { $0.name == "lonely" })
        #expect(odd.status == .unknown && odd.fault != nil)
    }

    @Test func aServiceThatIsDownTakesNothingElseWithIt() async throws {
        let rig = try Rig()
        rig.server.on("GET", "/volume/v3/\(StubCloud.project)/volumes/detail", .text(503, "down"))
        let machines = try await rig.vms().list()
        #expect(machines.count == 7)
        let whole = try await rig.vms().items(machines.map(\.id))
        let machine = try #require(whole.first { $0.name == "web1" })
        #expect(machine.nics.count == 1 && machine.image == "debian-12")
        #expect(machine.fault?.contains("volumes") == true)
        let failure = await rig.failure { _ = try await rig.disks().list() }
        #expect(failure?.code == .unreachable)
        #expect(try await !rig.images().list().isEmpty)
    }

    @Test func garbageIsNoEmptyListing() async throws {
        let rig = try Rig()
        for reply: StubReply in [.json(200, "[]"), .json(200, "{\"servers\": [{}]}"), .text(200, "<html>")] {
            rig.server.on("GET", "/compute/v2.1/servers/detail", reply)
            #expect(await rig.failure { _ = try await rig.vms().list() }?.code == .malformedReply)
        }
    }

    // MARK: Creation

    @Test func aServerIsMadeWithAllThatIsAsked() async throws {
        let rig = try Rig()
        let machine = try await rig.make(
            "app1",
            [
                "image": .text("debian-12"), "memory": .number(900), "cpus": .number(1), "description": .text("an app"),
                "keypair": .text("ann"), "securitygroups": .list([.text("web")]), "az": .text("nova"),
                "plan": .text("blue"), "metadata": .map([.init("team", .text("red"))]),
                "keys": .list([.text("ssh-ed25519 AAAA ann")]),
                "nics": .map([
                    .init("eth0", .map([.init("network", .text("default")), .init("ip", .text("10.0.1.99"))]))
                ]),
            ])
        let sent = try #require(rig.bodies("POST", "/servers").first)["server"]
        let images = rig.cloud.rows("images")
        #expect(sent["imageRef"] == images.first { $0["name"].string == "debian-12" }?["id"])
        #expect(sent["flavorRef"] == rig.cloud.rows("flavors").first { $0["name"].string == "m1.small" }?["id"])
        #expect(sent["networks"].elements.first?["fixed_ip"] == "10.0.1.99")
        #expect(sent["key_name"] == "ann" && sent["security_groups"] == [["name": "web"]])
        #expect(sent["metadata"] == ["team": "red", "plan": "blue", "image": "debian-12"])
        let data = try #require(Data(base64Encoded: sent["user_data"].string ?? ""))
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.hasPrefix("#cloud-config\n") && text.contains("ssh-ed25519 AAAA ann"))
        #expect(machine.memory == 1024 && machine.addresses == ["10.0.1.99"] && machine.description == "an app")
        #expect(rig.job.acceptances == 1)
    }

    @Test func disksThatAreAskedForAreVolumes() async throws {
        let rig = try Rig()
        let machine = try await rig.make(
            "stored",
            [
                "image": .text("debian-12"), "start": .flag(false),
                "disks": .map([
                    .init("disk0", .map([.init("size", .number(12))])),
                    .init("disk1", .map([.init("volume", .text("data"))])),
                ]),
            ])
        let mapping = try #require(rig.bodies("POST", "/servers").first)["server"]["block_device_mapping_v2"].elements
        #expect(mapping.map { $0["source_type"] } == ["image", "volume"])
        #expect(mapping.map { $0["boot_index"] } == [0, -1])
        #expect(mapping.map { $0["delete_on_termination"] } == [true, false])
        #expect(machine.status == .down)
        #expect(machine.disks.map(\.boot) == [true, false] && machine.disks.map(\.size) == [12, 2])
        try await rig.vms().delete(machine.id, rig.job)
        let left = rig.cloud.rows("volumes").compactMap { $0["name"].string }
        #expect(left.contains("data"), "a volume that was there before goes with the server")
        #expect(left.count { $0.isEmpty } == 1, "its own volume stays")
    }

    /// As a backup tells of them: the flavor's own disk is no volume, and a volume is of no type by that.
    @Test func theFlavorsOwnDiskIsToldByItsType() async throws {
        let rig = try Rig()
        let own = Value.Entry("vda", .map([.init("type", .text("local")), .init("size", .number(1))]))
        let more = Value.Entry("vdb", .map([.init("size", .number(3)), .init("type", .text("volume"))]))
        let wish: [String: Value] = ["image": .text("debian-12"), "start": .flag(false), "disks": .map([own])]
        let alone = try await rig.make("alone", wish)
        #expect(alone.disks.map(\.type) == ["local"])
        let both = try await rig.make("both", wish.merging(["disks": .map([own, more])]) { $1 })
        #expect(both.disks.map { $0.type == "local" } == [true, false] && both.disks.map(\.boot) == [true, false])
        #expect(both.disks.map { $0.volume == nil } == [true, false])
        let bodies = rig.bodies("POST", "/servers").map { $0["server"] }
        #expect(bodies.map { $0["imageRef"] == .null } == [false, false])
        #expect(bodies[0]["block_device_mapping_v2"] == .null)
        #expect(bodies[1]["block_device_mapping_v2"].elements.map { $0["destination_type"] } == ["local", "volume"])
        let wrong = await rig.failure {
            _ = try await rig.make("wrong", wish.merging(["disks": .map([more, own])]) { $1 })
        }
        #expect(wrong?.code == .invalidValue && wrong?.message.contains("type local") == true)
    }

    @Test func whatCannotBeIsRefusedAndNothingIsMade() async throws {
        let rig = try Rig()
        let wishes: [(String, [String: Value], ProviderError.Code)] = [
            ("no image", [:], .invalidValue), ("an unknown image", ["image": .text("nosuch")], .invalidValue),
            ("an unknown flavor", ["image": .text("debian-12"), "flavor": .text("huge")], .invalidValue),
            ("too much memory", ["image": .text("debian-12"), "memory": .number(1 << 20)], .invalidValue),
            ("what it has not", ["image": .text("debian-12"), "autostart": .flag(true)], .unsupported),
            (
                "an unknown network",
                [
                    "image": .text("debian-12"),
                    "nics": .map([.init("eth0", .map([.init("network", .text("nosuch"))]))]),
                ], .invalidValue
            ),
        ]
        for (what, values, code) in wishes {
            let failure = await rig.failure { _ = try await rig.make("refused", values) }
            #expect(failure?.code == code, "\(what): \(String(describing: failure))")
        }
        #expect(rig.count("POST", "/servers") == 0)
    }

    @Test func aQuotaIsSaidToBeOne() async throws {
        let rig = try Rig()
        rig.cloud.limitServers(to: 7)
        let failure = await rig.failure { _ = try await rig.make("one-more", ["image": .text("debian-12")]) }
        #expect(failure?.code == .quotaExceeded)
        #expect(failure?.description.contains("Quota exceeded for instances") == true)
    }

    @Test func aServerThatCannotBeBuiltIsNotLeftBehind() async throws {
        let rig = try Rig()
        let names = rig.cloud.rows("servers").count
        let reply: JSON = [
            "server": [
                "id": "x1", "name": "doomed", "status": "ERROR", "fault": ["message": "No valid host was found."],
            ]
        ]
        rig.server.on("POST", "/compute/v2.1/servers", .json(202, #"{"server": {"id": "x1"}}"#))
        rig.server.on(
            "GET", "/compute/v2.1/servers/x1", .answer(200, ["Content-Type": "application/json"], reply.bytes))
        rig.server.on("DELETE", "/compute/v2.1/servers/x1", .answer(204))
        let failure = await rig.failure {
            _ = try await rig.make("doomed", ["image": .text("debian-12"), "start": .flag(false)])
        }
        #expect(failure?.code == .failed && failure?.description.contains("No valid host") == true)
        #expect(rig.count("DELETE", "/servers/x1") >= 1)
        #expect(rig.cloud.rows("servers").count == names)
    }

    /// It is there, and stays there when its maker does not wait for it.
    @Test(.timeLimit(.minutes(1)))
    func aBuildThatTakesLongIsAccepted() async throws {
        let rig = try Rig()
        let reply: JSON = ["server": ["id": "x2", "name": "slow", "status": "BUILD"]]
        let builds = StubReply.answer(200, ["Content-Type": "application/json"], reply.bytes)
        rig.server.on("POST", "/compute/v2.1/servers", .json(202, #"{"server": {"id": "x2"}}"#))
        rig.server.on("GET", "/compute/v2.1/servers/x2", builds)
        let maker = Task {
            try await rig.make("slow", ["image": .text("debian-12"), "start": .flag(false)])
        }
        while rig.count("GET", "/servers/x2") < 5 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(rig.job.acceptances == 1)
        maker.cancel()
        #expect(await rig.failure { _ = try await maker.value } != nil)
        #expect(rig.count("DELETE", "/servers/x2") == 0)
    }

    @Test func aFloatingAddressComesAndGoesWithTheServer() async throws {
        let rig = try Rig()
        let machine = try await rig.make(
            "public1", ["image": .text("debian-12"), "public": .flag(true), "start": .flag(false)])
        #expect(machine.addresses.first?.hasPrefix("172.24.4.") == true)
        #expect(rig.cloud.rows("floatingips").count == 1)
        try await rig.vms().delete(machine.id, rig.job)
        #expect(rig.cloud.rows("floatingips").isEmpty)
    }
}
