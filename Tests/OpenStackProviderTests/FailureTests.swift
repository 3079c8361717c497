import HTTPTesting
import Inventory
import OpenStackTesting
import ProviderAPI
import ProviderTesting
import Testing

@testable import OpenStackProvider

/// What goes wrong after a service has accepted it is told at once, with the service's own reason.
@Suite(.timeLimit(.minutes(1))) struct FailureTests {
    // MARK: Builds

    /// The job ends, and the server stays where it is seen.
    @Test func aBuildThatNeverEndsIsToldAndCanBeRemoved() async throws {
        let rig = try Rig(isHasty: true)
        rig.cloud.plan("build", ["status": "BUILD", "OS-EXT-STS:task_state": "spawning"])
        let failure = await rig.failure {
            _ = try await rig.make("stuck", ["image": .text("debian-12"), "start": .flag(false)])
        }
        #expect(failure?.code == .timedOut, "\(String(describing: failure))")
        #expect(failure?.message.contains("stuck is not built yet") == true, "\(String(describing: failure))")
        let machine = try await rig.vm("stuck")
        #expect(machine.status == .starting && machine.rawStatus == "BUILD/spawning" && machine.isUnfinished)
        try await rig.vms().delete(machine.id, rig.job)
        #expect(try await rig.vms().items([machine.id]).isEmpty)
    }

    /// `rmdir` of one that is being built, and of one in error, whatever was being done to it; not of one that starts.
    @Test func whatIsBeingBuiltOrIsInErrorIsRemovedThroughTheTree() async throws {
        let rig = try Rig()
        let states: [(name: String, JSON, status: String, isRemoved: Bool)] = [
            ("web1", ["status": "BUILD", "OS-EXT-STS:task_state": "networking"], "starting", true),
            ("db1", ["status": "ERROR", "OS-EXT-STS:task_state": "spawning"], "error", true),
            ("lonely", ["status": "SHUTOFF", "OS-EXT-STS:task_state": "powering-on"], "starting", false),
        ]
        for (name, state, _, _) in states {
            rig.cloud.change("servers", named: name) { row in for (key, value) in state.fields { row[key] = value } }
        }
        let tree = MountedProvider(rig.provider, policy: Policy(cache: .milliseconds(50))).driver
        for (name, _, status, isRemoved) in states {
            #expect(try await tree.line("lab/vms/\(name)/status") == status)
            let refusal = await rig.failure { try await tree.removeDirectory("lab/vms/\(name)") }
            #expect(refusal?.code == (isRemoved ? nil : .busy), "\(name): \(String(describing: refusal))")
            #expect(rig.cloud.rows("servers").contains { $0["name"].string == name } != isRemoved)
        }
    }

    // MARK: Volumes

    @Test func aVolumeThatCannotBeMadeSaysWhyAndIsNotLeft() async throws {
        let rig = try Rig()
        let reason = "schedule allocate volume:Could not find any available weighted backend."
        rig.cloud.plan("create volume", ["status": "creating"], ["status": "error", "stub:message": .text(reason)])
        let failure = await rig.failure {
            _ = try await rig.disks().create(Specification(name: "doomed", values: ["size": .number(1)]), rig.job)
        }
        #expect(failure?.code == .failed && failure?.cause == reason, "\(String(describing: failure))")
        #expect(!rig.cloud.rows("volumes").contains { $0["name"].string == "doomed" })
    }

    /// An error state, and a return to the state that it was in: neither is waited out.
    @Test(arguments: ["error_extending", "available"])
    func aVolumeThatDoesNotGrowSaysWhy(state: String) async throws {
        let rig = try Rig()
        let volume = try #require(try await rig.disks().list().first { $0.name == "data" })
        let reason = "extend volume:Volume Driver failed to extend volume."
        rig.cloud.insert(
            "messages",
            [
                "id": "m0", "resource_uuid": .text(volume.id.rawValue), "user_message": "what failed another time",
                "created_at": "2999-01-31T12:00:00.000000", "request_id": "req-of-another-time",
            ])
        rig.cloud.plan("extend", ["status": "extending"], ["status": .text(state), "stub:message": .text(reason)])
        let failure = await rig.failure { _ = try await rig.disks().apply(.grow(size: 9), to: volume.id, rig.job) }
        #expect(failure?.code == .failed && failure?.cause == reason, "\(String(describing: failure))")
        #expect(failure?.message.contains(state) == true)
    }

    @Test func aVolumeThatIsNotAttachedSaysWhy() async throws {
        let rig = try Rig()
        let volume = try #require(try await rig.disks().list().first { $0.name == "data" })
        let reason = "Connection to the hypervisor is broken on host"
        rig.cloud.plan("attach", ["status": "reserved"], ["status": "available", "stub:details": .text(reason)])
        let failure = await rig.failure { _ = try await rig.apply(.attachDisk(volume.id), to: "web1") }
        #expect(failure?.code == .failed && failure?.cause == reason, "\(String(describing: failure))")
    }

    @Test func aVolumeThatIsNotDetachedSaysWhy() async throws {
        let rig = try Rig()
        let reason = "Device vdb is busy in the guest"
        rig.cloud.plan("detach", ["status": "detaching"], ["status": "in-use", "stub:details": .text(reason)])
        let failure = await rig.failure { _ = try await rig.apply(.detachDisk("vdb"), to: "db1") }
        #expect(failure?.code == .failed && failure?.cause == reason, "\(String(describing: failure))")
    }

    @Test func aCloudThatTellsNoReasonsTellsOfTheFailure() async throws {
        let rig = try Rig()
        rig.server.on("GET", "/volume/v3/\(StubCloud.project)/messages", .json(403, #"{"forbidden": {"code": 403}}"#))
        rig.cloud.plan("create volume", ["status": "error"])
        let failure = await rig.failure {
            _ = try await rig.disks().create(Specification(name: "doomed", values: ["size": .number(1)]), rig.job)
        }
        #expect(failure?.code == .failed && failure?.message.contains("error") == true)
    }

    // MARK: Images

    private func fetch(_ rig: Rig) async -> ProviderError? {
        await rig.failure {
            _ = try await rig.images().create(
                Specification(name: "fetched", values: ["url": .text("https://images.example.org/a.qcow2")]), rig.job)
        }
    }

    @Test func anImportGoesOnUntilTheImageIsWhole() async throws {
        let rig = try Rig()
        rig.cloud.plan(
            "import", ["status": "queued"], ["status": "importing"], ["status": "importing"],
            ["status": "active", "size": 70])
        #expect(await fetch(rig) == nil)
        #expect(rig.job.acceptances == 1 && rig.job.percentages == [50, 50])
        #expect(try await rig.images().list().first { $0.name == "fetched" }?.size == 70)
    }

    /// A failed import puts the image back to `queued`, as before it began.
    @Test(
        arguments: [
            [["status": "importing"], ["status": "importing"], ["status": "queued"]],
            [["status": "queued"], ["status": "queued", "os_glance_failed_import": "file"]],
            [["status": "queued", "stub:task": ["status": "failure", "message": "HTTP Error 404: Not Found"]]],
            [["status": "importing"], ["status": "killed"]],
        ] as [[JSON]])
    func aFailedImportIsToldAtOnceAndNothingIsLeft(states: [JSON]) async throws {
        let rig = try Rig(isHasty: true)
        rig.cloud.plan("import", states)
        let failure = await fetch(rig)
        #expect(failure?.code == .failed, "\(String(describing: failure))")
        if states.contains(where: { $0["stub:task"] != .null }) {
            #expect(failure?.cause == "HTTP Error 404: Not Found")
        }
        #expect(!rig.cloud.rows("images").contains { $0["name"].string == "fetched" })
    }

    @Test func aSnapshotThatCannotBeMadeSaysWhy() async throws {
        let rig = try Rig()
        let reason = "Image service refused: quota exceeded"
        rig.cloud.plan("createImage", ["status": "queued"], ["stub:gone": true, "stub:details": .text(reason)])
        let failure = await rig.failure {
            _ = try await rig.apply(.createSnapshot(Specification(name: "one")), to: "web1")
        }
        #expect(failure?.code == .failed && failure?.cause == reason, "\(String(describing: failure))")
        #expect(try await rig.vm("web1").snapshots.isEmpty)
    }
}
