import FoundationEssentials
import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

/// From the files of a draft to what is created.
@Suite struct DraftTests {
    @Test func filesBecomeParameters() async throws {
        let bed = Bed()
        try await bed.draft(
            "new",
            [
                "memory": "2G\n", "numcpus": "4\n", "description": "two\nlines\n", "start": "no\n",
                "metadata/team": "blue\n",
                "disks/b/size": "20\n", "disks/a/size": "10G\n", "disks/a/interface": "scsi\n",
                "nets/x/net": "default\n",
            ])
        let made = try #require(try await bed.commit("new"))
        #expect(made.name == "new")
        #expect(made.number("memory") == 2048)
        #expect(made.number("cpus") == 4)
        #expect(made.text("description") == "two\nlines")
        #expect(made.flag("start") == false)
        #expect(made.pairs("metadata").map(\.value) == ["blue"])
        #expect(made.entries("disks").map(\.name) == ["a", "b"])
        #expect(made.entries("disks").map { $0.number("size") } == [10, 20])
        #expect(made.entries("disks").first?.text("bus") == "scsi")
        #expect(made.entries("nics").first?.text("network") == "default")
        #expect(try await !bed.driver.exists("lab/drafts/vms/new"))
        #expect(try await bed.driver.line("lab/vms/new/memory") == "2048")
    }

    @Test func aDocumentIsTheSame() async throws {
        let bed = Bed()
        try await bed.draft(
            "new",
            [
                "info":
                    "numcpus: 4\nmemory: 2G\ndisks: [10, {size: 20, interface: scsi}]\nnets:\n- default\n- {net: other, mac: aa}\nmetadata:\n  team: blue\n"
            ])
        let made = try #require(try await bed.commit("new"))
        #expect(made.number("memory") == 2048)
        #expect(made.number("cpus") == 4)
        #expect(made.entries("disks").map { $0.number("size") } == [10, 20])
        #expect(made.entries("disks").last?.text("bus") == "scsi")
        #expect(made.entries("nics").map { $0.text("network") } == ["default", "other"])
        #expect(made.entries("nics").last?.text("mac") == "aa")
        #expect(made.pairs("metadata").map(\.key) == ["team"])
    }

    @Test func filesGoBeforeTheDocument() async throws {
        let bed = Bed()
        try await bed.draft("new", ["info": "memory: 512\ncpus: 8\n", "memory": "1024\n"])
        let made = try #require(try await bed.commit("new"))
        #expect(made.number("memory") == 1024)
        #expect(made.number("cpus") == 8)
    }

    @Test func aProfileFillsInWhatIsNotSet() async throws {
        let bed = Bed()
        let driver = bed.driver
        for (profile, memory) in [("default", "512"), ("large", "8G")] {
            try await driver.makeDirectory("lab/profiles/\(profile)")
            try await driver.write("lab/profiles/\(profile)/memory", memory + "\n")
            try await driver.write("lab/profiles/\(profile)/cpus", "6\n")
        }
        try await driver.makeDirectory("lab/vms/bare")
        #expect(bed.machines.specifications.last?.number("memory") == 512)
        try await bed.draft("big", ["profile": "large\n", "cpus": "1\n"])
        let plan = try await driver.text("lab/drafts/vms/big/.plan")
        #expect(plan.contains("memory: 8192") && plan.contains("cpus: 1") && plan.contains("name: big"))
        #expect(try await !driver.names("lab/drafts/vms/big").contains(".plan"))
        let made = try #require(try await bed.commit("big"))
        #expect(made.number("memory") == 8192)
        #expect(made.number("cpus") == 1)
        #expect(made.text("profile") == "large")
    }

    @Test func anUnknownProfileIsRefused() async throws {
        let bed = Bed()
        try await bed.draft("new", ["profile": "nosuch\n"])
        #expect(try await bed.driver.text("lab/drafts/vms/new/.plan").hasPrefix("# cannot be created: "))
        #expect(await bed.code { _ = try await bed.commit("new") } == .invalidValue)
        #expect(try await bed.driver.exists("lab/drafts/vms/new/profile"))
        #expect(bed.machines.count(.create) == 0)
    }

    @Test(arguments: [
        ("nosuch", "1\n", ProviderError.Code.invalidValue), ("memory", "lots\n", .invalidValue),
        ("start", "maybe\n", .invalidValue),
        ("cpus", "1\n2\n", .invalidValue), ("disks/a/siez", "10\n", .invalidValue),
        ("disks/a/size", "big\n", .invalidValue),
        ("info", "memory: [1, 2]\n", .invalidValue), ("info", "nosuch: 1\n", .invalidValue),
        ("info", "- 1\n", .invalidValue),
        ("info", "memory: {\n", .invalidValue), ("info", "disks: [{siez: 1}]\n", .invalidValue),
        ("disks", "10\n", .invalidValue),
    ])
    func rubbishIsRefusedByName(file: String, text: String, code: ProviderError.Code) async throws {
        let bed = Bed()
        let before = try? await bed.state("lab/drafts/vms/new")
        #expect(before == nil)
        do {
            try await bed.draft("new", [file: text])
            Issue.record("\(file) took '\(text)'")
        } catch let error as ProviderError {
            #expect(error.code == code)
            let name = file.split(separator: "/").last.map(String.init) ?? file
            #expect(error.description.contains(name), "the error does not name \(file): \(error)")
            #expect(!error.description.contains("\n"))
        }
        #expect(try await bed.state("lab/drafts/vms/new").values.allSatisfy(\.isEmpty), "something of it was kept")
    }

    @Test func whatThePlatformCannotHonourIsUnsupported() async throws {
        let bed = Bed(parameters: [Parameter("memory", .mebibytes, "MiB")])
        #expect(await bed.code { try await bed.draft("new", ["pool": "x\n"]) } == .unsupported)
        #expect(
            await bed.code { try await bed.draft("other", ["cpus": "1\n"]) } == nil, "a fact of a backup is passed over"
        )
    }

    @Test func aBackupIsARestore() async throws {
        let bed = Bed([StubMachines.machine("web1", .up)])
        bed.machines.change(.init("id-web1")) { machine in
            machine.memory = 3000
            machine.description = "precious"
            machine.metadata = ["plan": "blue", "profile": "gone", "team": "a"]
        }
        try await bed.driver.copyTree("lab/vms/web1", to: "lab/drafts/vms/copy")
        let made = try #require(try await bed.commit("copy"))
        #expect(made.name == "copy")
        #expect(made.number("memory") == 3000)
        #expect(made.number("cpus") == 2)
        #expect(made.flag("start") == true)
        #expect(made.text("description") == "precious")
        #expect(made.text("plan") == "blue")
        #expect(made.pairs("metadata").contains { $0.key == "team" && $0.value == "a" })
        #expect(made.entries("disks").map { $0.number("size") } == [10])
        #expect(made.entries("nics").first?.text("mac") == "52:54:00:00:00:01")
        #expect(
            Set(made.values.keys).isSubset(of: StandardParameters.vm.map(\.name)),
            "a fact became a parameter: \(made.values.keys)")
    }

    @Test func aDraftThatIsRefusedStays() async throws {
        let bed = Bed()
        try await bed.draft("new", ["memory": "2048\n"])
        let before = try await bed.state("lab/drafts/vms/new")
        bed.machines.fail(.create, ProviderError(.quotaExceeded, "too many"), times: 1)
        #expect(await bed.code { _ = try await bed.commit("new") } == .quotaExceeded)
        #expect(try await bed.state("lab/drafts/vms/new") == before)
        #expect(try await bed.commit("new") != nil)
        try await bed.draft("web1", ["memory": "2048\n"])
        #expect(await bed.code { _ = try await bed.commit("web1") } == .alreadyExists)
        #expect(await bed.code { try await bed.driver.rename("lab/drafts/vms/web1", to: "lab/vms") } != nil)
    }

    @Test func draftsReadBackAsTheyWereWritten() async throws {
        let bed = Bed()
        try await bed.draft("new", ["memory": "2 G"].mapValues { _ in "2G" })
        #expect(try await bed.driver.text("lab/drafts/vms/new/memory") == "2G")
        #expect(try await bed.driver.status("lab/drafts/vms/new/memory").size == 2)
        try await bed.driver.rename("lab/drafts/vms/new", to: "lab/drafts/vms/other")
        #expect(try await bed.driver.names("lab/drafts/vms") == ["other"])
        #expect(await bed.code { try await bed.driver.removeDirectory("lab/drafts/vms/other") } == .notEmpty)
        #expect(try await bed.driver.removeTree("lab/drafts/vms/other").isEmpty)
        #expect(bed.machines.count(.create) == 0)
    }

    @Test func draftsOutliveTheTree() async throws {
        let state = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: state) }
        try await Bed(state: state).draft("new", ["memory": "2048\n", "disks/a/size": "5\n"])
        let again = Bed(state: state)
        #expect(try await again.driver.text("lab/drafts/vms/new/memory") == "2048\n")
        #expect(try await again.commit("new")?.entries("disks").count == 1)
    }
}
