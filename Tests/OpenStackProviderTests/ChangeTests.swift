import HTTPKit
import HTTPTesting
import OpenStackTesting
import ProviderAPI
import Synchronization
import Testing

@testable import OpenStackProvider

/// What is changed in servers that are there.
@Suite struct ChangeTests {
    @Test func powerIsTheActionsOfCompute() async throws {
        let rig = try Rig()
        let path = "/action"
        #expect(try await rig.apply(.power(.down), to: "web1").status == .down)
        #expect(try await rig.apply(.power(.up), to: "web1").status == .up)
        #expect(try await rig.apply(.power(.suspend), to: "web1").status == .suspended)
        #expect(try await rig.apply(.power(.resume), to: "web1").status == .up)
        #expect(try await rig.apply(.power(.pause), to: "web1").status == .paused)
        #expect(try await rig.apply(.power(.resume), to: "web1").status == .up)
        #expect(try await rig.apply(.power(.restart), to: "web1").status == .up)
        #expect(try await rig.apply(.power(.reset), to: "web1").status == .up)
        let sent = rig.bodies("POST", path)
        #expect(
            sent == [
                ["os-stop": nil], ["os-start": nil], ["suspend": nil], ["resume": nil], ["pause": nil],
                ["unpause": nil],
                ["reboot": ["type": "SOFT"]], ["reboot": ["type": "HARD"]],
            ])
    }

    @Test func whatIsSuspendedGoesOnBeforeItStops() async throws {
        let rig = try Rig()
        _ = try await rig.apply(.power(.suspend), to: "web1")
        #expect(try await rig.apply(.power(.down), to: "web1").status == .down)
        #expect(rig.bodies("POST", "/action") == [["suspend": nil], ["resume": nil], ["os-stop": nil]])
    }

    @Test(.timeLimit(.minutes(1)))
    func whatOthersDoIsToldOf() async throws {
        let rig = try Rig()
        var events = try #require(rig.provider.events()).makeAsyncIterator()
        let machine = try await rig.vm("web1")
        // Nothing was changed: nothing is asked for.
        _ = try await rig.vms().list()
        #expect(rig.count("GET", "/os-instance-actions") == 0)
        let other = try Rig.provider(of: rig.cloud)
        let vms = try #require(other.vms)
        for action in [VirtualMachine.Change.power(.restart), .power(.down)] {
            _ = try await vms.apply(action, to: machine.id, rig.job)
        }
        _ = try await rig.vms().list()
        let told = [await events.next(), await events.next()]
        #expect(told.compactMap { $0?.detail } == ["reboot", "stop"])
        #expect(told.allSatisfy { $0?.change == .resource(.vms, id: machine.id.rawValue) })
        #expect(told.allSatisfy { $0?.isOfOthers == true })
        // What was done from here is not: whoever did it has told of it.
        _ = try await rig.apply(.power(.up), to: "web1")
        _ = try await rig.vms().list()
        _ = try await vms.apply(.power(.down), to: machine.id, rig.job)
        _ = try await rig.vms().list()
        #expect(await events.next()?.detail == "stop")
        // Each is told of once.
        _ = try await vms.apply(.power(.up), to: machine.id, rig.job)
        _ = try await rig.vms().list()
        #expect(await events.next()?.detail == "start")
        #expect(rig.count("GET", "/os-instance-actions") == 4)
        // What could not be asked is asked after another listing.
        let path = "/compute/v2.1/servers/\(machine.id)/os-instance-actions"
        let action = #"{"instanceActions": [{"action": "lock", "start_time": "2099-01-31T00:00:00.5"}]}"#
        rig.server.on("GET", path, .text(404, "not yet"), .json(200, action))
        _ = try await vms.apply(.power(.restart), to: machine.id, rig.job)
        let looking = Task {
            while !Task.isCancelled {
                _ = try await rig.vms().list()
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        let last = await events.next()
        #expect(last?.detail == "lock" && last?.isOfOthers == false)
        looking.cancel()
    }

    @Test func whoseARequestWasIsNotGuessed() async throws {
        let now = Mutex(Duration.zero)
        let requests = OwnRequests(uptime: { now.withLock { $0 } })
        let url = try HTTPURL("http://127.0.0.1/")
        let answer = HTTPResponse(status: 202, headers: ["X-OpenStack-Request-Id": "req-1"], url: url)
        _ = try await requests.note { () async throws(ProviderError) in
            #expect(requests.owner(of: "req-1") == .unknown)
            return answer
        }
        #expect(requests.owner(of: "req-1") == .own)
        #expect(requests.owner(of: "req-2") == .others)
        #expect(requests.owner(of: nil) == .unknown)
        // One that got no answer may be any for a minute.
        let failure = ProviderError(.timedOut, "no answer")
        _ = try? await requests.note { () async throws(ProviderError) in throw failure }
        #expect(requests.owner(of: "req-2") == .unknown)
        now.withLock { $0 = .seconds(61) }
        #expect(requests.owner(of: "req-2") == .others)
        #expect(requests.owner(of: "req-1") == .own)
    }

    @Test func aBusyServerIsBusy() async throws {
        let rig = try Rig()
        let machine = try await rig.vm("web1")
        let words =
            #"{"conflictingRequest": {"code": 409, "message": "Cannot 'stop' instance while it is in task_state rebuilding"}}"#
        rig.server.on("POST", "/compute/v2.1/servers/\(machine.id)/action", .json(409, words))
        let failure = await rig.failure { _ = try await rig.apply(.power(.down), to: "web1") }
        #expect(failure?.code == .busy && failure?.description.contains("task_state rebuilding") == true)
    }

    @Test func whatIsBeingStoppedIsNotStoppedAgain() async throws {
        let rig = try Rig()
        let machine = try await rig.vm("web1")
        let path = "/compute/v2.1/servers/\(machine.id)"
        let server: @Sendable (String) -> StubReply = { task in
            StubReply.json(
                200,
                #"{"server": {"id": "\#(machine.id)", "name": "web1", "status": "ACTIVE", "OS-EXT-STS:task_state": \#(task)}}"#
            )
        }
        // Begun between the look and the request.
        let words = #"{"conflictingRequest": {"code": 409, "message": "it is in task_state powering-off"}}"#
        let sent = Atomic(0)
        rig.server.on("POST", path + "/action") { _ in
            sent.add(1, ordering: .relaxed)
            return .json(409, words)
        }
        rig.server.on("GET", path) { _ in server(sent.load(ordering: .relaxed) == 0 ? "null" : #""powering-off""#) }
        #expect(try await rig.apply(.power(.down), to: "web1").status == .stopping)
        #expect(sent.load(ordering: .relaxed) == 1)
        // Under way for longer.
        #expect(try await rig.apply(.power(.down), to: "web1").status == .stopping)
        #expect(sent.load(ordering: .relaxed) == 1)
    }

    @Test func throttlingIsWaitedOutAndThenSaid() async throws {
        let rig = try Rig()
        let path = "/compute/v2.1/servers/detail"
        let slow = StubReply.text(429, "slow down", ["Retry-After": "1", "Content-Type": "text/plain"])
        let headers = ["Content-Type": "application/json"]
        rig.server.on("GET", path, slow, slow, .answer(200, headers, (["servers": []] as JSON).bytes))
        #expect(try await rig.vms().list().isEmpty)
        rig.server.on("GET", path, slow)
        #expect(await rig.failure { _ = try await rig.vms().list() }?.code == .throttled)
    }

    @Test func sizesAreFlavors() async throws {
        let rig = try Rig()
        let machine = try await rig.apply(.memory(1024), to: "web1")
        #expect(machine.memory == 1024 && machine.cpus == 1 && machine.flavor == "m1.small" && machine.status == .up)
        #expect(try await rig.apply(.memory(512), to: "web1").flavor == "m1.tiny")
        #expect(try await rig.apply(.flavor("m1.large"), to: "db1").status == .down)
        let kinds = rig.bodies("POST", "/action").flatMap(\.fields.keys)
        #expect(kinds == ["resize", "confirmResize", "resize", "confirmResize", "resize", "confirmResize"])
        let failure = await rig.failure { _ = try await rig.apply(.cpus(7), to: "web1") }
        #expect(failure?.code == .invalidValue)
    }

    /// `resize_confirm_window`: before it is looked at, or between that and the word.
    @Test(arguments: [false, true]) func aSizeThatTheCloudConfirmsItselfIsNoFailure(late: Bool) async throws {
        let rig = try Rig()
        if late {
            let machine = try await rig.vm("web1")
            let words = #"{"badRequest": {"code": 400, "message": "Instance has not been resized."}}"#
            let cloud = rig.cloud
            rig.server.on("POST", "/compute/v2.1/servers/\(machine.id)/action") { request in
                let isConfirm =
                    JSON(request.body)["confirmResize"] != .null
                    || JSON(request.body).fields.keys.contains("confirmResize")
                cloud.change("servers", named: "web1") { row in
                    row["status"] = isConfirm ? "ACTIVE" : "VERIFY_RESIZE"
                    row["flavor"] = ["original_name": "m1.small", "vcpus": 1, "ram": 1024, "disk": 1]
                }
                return isConfirm ? .json(400, words) : .answer(202)
            }
        } else {
            rig.cloud.plan("resize", ["status": "ACTIVE"])
        }
        let machine = try await rig.apply(.flavor("m1.small"), to: "web1")
        #expect(machine.memory == 1024 && machine.status == .up)
    }

    @Test func aResizeThatFailsLeavesTheServerAsItWas() async throws {
        let rig = try Rig()
        let machine = try await rig.vm("web1")
        rig.server.on("POST", "/compute/v2.1/servers/\(machine.id)/action", .answer(202))
        let failure = await rig.failure { _ = try await rig.apply(.memory(1024), to: "web1") }
        #expect(failure?.code == .failed && failure?.message.contains("as it was") == true)
        #expect(try await rig.vm("web1").memory == 512)
    }

    @Test func factsAreSetAndTakenAway() async throws {
        let rig = try Rig()
        #expect(try await rig.apply(.description("a server"), to: "web1").description == "a server")
        #expect(try await rig.apply(.metadata(key: "te am", value: "red"), to: "web1").metadata["te am"] == "red")
        #expect(try await rig.apply(.metadata(key: "te am", value: nil), to: "web1").metadata["te am"] == nil)
        #expect(try await rig.apply(.rename("web9"), to: "web1").name == "web9")
    }

    @Test func volumesComeAndGo() async throws {
        let rig = try Rig()
        let data = try #require(try await rig.disks().list().first { $0.name == "data" })
        var machine = try await rig.apply(.attachDisk(data.id), to: "web1")
        #expect(machine.disks.map(\.name) == ["vda", "vdb"])
        #expect(try await rig.disks().items([data.id]).first?.vms == ["web1"])
        #expect(await rig.failure { try await rig.disks().delete(data.id, rig.job) }?.code == .busy)
        machine = try await rig.apply(.growDisk("vdb", size: 5), to: "web1")
        #expect(machine.disks.last?.size == 5)
        #expect(
            await rig.failure { _ = try await rig.apply(.growDisk("vdb", size: 3), to: "web1") }?.code == .invalidValue)
        machine = try await rig.apply(.detachDisk("vdb"), to: "web1")
        #expect(machine.disks.map(\.name) == ["vda"])
        let wish = Specification(name: "extra", values: ["size": .number(7)])
        machine = try await rig.apply(.addDisk(wish), to: "web1")
        #expect(machine.disks.last?.size == 7)
        // A disk of its own goes with it, one that stood by itself does not.
        let attached = rig.bodies("POST", "/os-volume_attachments").map { $0["volumeAttachment"] }
        #expect(attached.map { $0["delete_on_termination"] } == [nil, true])
        machine = try await rig.apply(.deleteDisk("vdb"), to: "web1")
        #expect(machine.disks.count == 1)
        #expect(!rig.cloud.rows("volumes").contains { $0["size"] == 7 })
        #expect(await rig.failure { _ = try await rig.apply(.detachDisk("vda"), to: "web1") }?.code == .unsupported)
    }

    @Test func snapshotsAreImagesThatItGoesBackTo() async throws {
        let rig = try Rig()
        _ = try await rig.apply(.createSnapshot(Specification(name: "one")), to: "web1")
        let described = Specification(name: "two", values: ["description": .text("after")])
        var machine = try await rig.apply(.createSnapshot(described), to: "web1")
        #expect(machine.snapshots.map(\.name) == ["one", "two"] && machine.snapshots.map(\.current) == [false, true])
        #expect(machine.snapshots.map(\.parent) == [nil, "one"] && machine.snapshots.last?.description == "after")
        let again = await rig.failure {
            _ = try await rig.apply(.createSnapshot(Specification(name: "one")), to: "web1")
        }
        #expect(again?.code == .alreadyExists)
        machine = try await rig.apply(.revertSnapshot("one"), to: "web1")
        #expect(machine.snapshots.map(\.current) == [true, false])
        #expect(rig.bodies("POST", "/action").contains { $0["rebuild"]["imageRef"] != .null })
        machine = try await rig.apply(.deleteSnapshot("two"), to: "web1")
        #expect(machine.snapshots.map(\.name) == ["one"])
        #expect(await rig.failure { _ = try await rig.apply(.revertSnapshot("nosuch"), to: "web1") }?.code == .notFound)
    }

    @Test func aRunningServerIsNotDeleted() async throws {
        let rig = try Rig()
        let machine = try await rig.vm("web1")
        #expect(await rig.failure { try await rig.vms().delete(machine.id, rig.job) }?.code == .busy)
        #expect(rig.count("DELETE", "/servers/\(machine.id)") == 0)
        _ = try await rig.apply(.power(.down), to: "web1")
        try await rig.vms().delete(machine.id, rig.job)
        #expect(try await rig.vms().items([machine.id]).isEmpty)
    }

    @Test func anInterfaceIsAddedAndRemoved() async throws {
        let rig = try Rig()
        let wish = Specification(name: "eth1", values: ["network": .text("default"), "ip": .text("10.0.1.77")])
        var machine = try await rig.apply(.addNIC(wish), to: "lonely")
        #expect(machine.nics.map(\.addresses) == [["10.0.1.77"]])
        machine = try await rig.apply(.deleteNIC("eth0"), to: "lonely")
        #expect(machine.nics.isEmpty)
    }
}
