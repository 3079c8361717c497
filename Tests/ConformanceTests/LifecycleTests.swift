import Inventory
import ProviderAPI
import ProviderTesting
import Testing

extension Conformance {
    /// What is made and deleted, over every registered provider.
    @Suite struct LifecycleTests {
        @Test(arguments: Subject.all)
        func aDraftBecomesAMachineWithAllItSays(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let sizes = rig.fixture.sizes.draft
            var draft = [
                "memory": "\(sizes.memory / 1024)G\n", "cpus": "\(sizes.cpus)\n", "description": "made by a draft\n",
                "plan": "blue\n",
            ]
            if rig.can(.updateAutostart) { draft["autostart"] = "yes\n" }
            // A named size would stand for memory and processors.
            if rig.can(.listFlavors) { draft["flavor"] = "" }
            try await rig.withMachine(draft) { path async throws in
                #expect(try await rig.driver.line("\(path)/memory") == "\(sizes.memory)")
                #expect(try await rig.driver.line("\(path)/cpus") == "\(sizes.cpus)")
                #expect(try await rig.driver.line("\(path)/description") == "made by a draft")
                #expect(try await rig.driver.line("\(path)/plan") == "blue")
                if rig.can(.updateAutostart) { #expect(try await rig.driver.line("\(path)/autostart") == "yes") }
                #expect(try await rig.driver.line("\(path)/status") == "down")
                let name = String(path.split(separator: "/").last ?? "")
                #expect(try await !rig.driver.exists("lab/drafts/vms/\(name)"), "the draft is still there")
                #expect(try await rig.driver.names("lab/vms").contains(name))
            }
        }

        @Test(arguments: Subject.all)
        func aRefusedDraftStaysAsItWas(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createVM) else { return }
            let name = Rig.freshName("draft")
            try await rig.draft(.vms, name, rig.fixture.machine.merging(["image": "no such image\n"]) { $1 })
            let path = "lab/drafts/vms/\(name)"
            let before = try await rig.state(path)
            let count = try await rig.driver.names("lab/vms").count
            #expect(await rig.refusal { try await rig.driver.rename(path, to: "lab/vms/\(name)") } != nil)
            #expect(try await rig.state(path) == before)
            #expect(try await rig.driver.names("lab/vms").count == count, "half a machine was made")
            #expect(try await !rig.driver.exists("lab/vms/\(name)"))
            let code = await rig.refusal { try await rig.driver.write("\(path)/nosuchparameter", "1\n") }
            #expect(code == .invalidValue || code == .unsupported)
            #expect(try await rig.driver.removeTree(path).isEmpty)
        }

        @Test(arguments: Subject.all)
        func mkdirAloneMakesAMachine(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createVM) else { return }
            let name = Rig.freshName("bare")
            if !rig.fixture.profile.isEmpty { try await rig.driver.makeDirectory("lab/profiles/default") }
            for (file, text) in rig.fixture.profile {
                try await rig.driver.write("lab/profiles/default/\(file)", text)
            }
            try await rig.driver.makeDirectory("lab/vms/\(name)")
            #expect(try await rig.driver.line("lab/vms/\(name)/name") == name)
            #expect(await rig.refusal { try await rig.driver.makeDirectory("lab/vms/\(name)") } == .alreadyExists)
            try await rig.discard(name)
            #expect(await rig.refusal { _ = try await rig.driver.status("lab/vms/\(name)") } == .notFound)
            #expect(try await !rig.driver.names("lab/vms").contains(name))
        }

        @Test(arguments: Subject.all)
        func aRunningMachineIsNotDeleted(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.deleteVM), rig.can(.startVM), rig.can(.stopVM) else { return }
            try await rig.withMachine { path async throws in
                try await rig.driver.echo("up", to: "\(path)/status")
                try await rig.wait(path, for: "up")
                let id = try await rig.driver.line("\(path)/id")
                let before = try await rig.driver.names(path)
                let calls = (rig.provider.count(.apply), rig.provider.count(.delete))
                #expect(await rig.refusal { try await rig.driver.process(31).removeDirectory(path) } == .busy)
                let refused = try await rig.driver.process(32).removeTree(path)
                #expect(
                    !refused.isEmpty && refused.allSatisfy { $0.error.code == .busy },
                    "rm -r removed parts of it: \(refused)")
                #expect(rig.provider.count(.apply) == calls.0 && rig.provider.count(.delete) == calls.1)
                #expect(try await rig.driver.names(path) == before, "rm -r hid a part of it")
                #expect(try await rig.driver.line("\(path)/status") == "up")
                // The platform's side of it: no caller of the provider can pull the power by mistake.
                let service = try #require(rig.provider.vms)
                #expect(await rig.refusal { try await service.delete(.init(id), SilentReporter()) } == .busy)
            }
        }

        @Test(arguments: Subject.all)
        func rmOfAMachineThatIsDownIsOneDeletion(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.deleteVM) else { return }
            try await rig.withMachine { path async throws in
                let calls = (rig.provider.count(.apply), rig.provider.count(.delete))
                #expect(try await rig.driver.removeTree(path).isEmpty)
                #expect(rig.provider.count(.delete) == calls.1 + 1)
                #expect(rig.provider.count(.apply) == calls.0, "rm -r changed the machine before deleting it")
                #expect(try await rig.isGone(path))
            }
        }

        @Test(arguments: Subject.all)
        func aBackupBecomesTheMachineAgain(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.createVM), rig.can(.deleteVM) else { return }
            try await rig.withMachine([
                "description": "precious\n", "plan": "blue\n", "memory": "\(rig.fixture.sizes.restored)\n",
            ]) {
                path async throws in
                let name = String(path.split(separator: "/").last ?? "")
                let facts = ["name", "memory", "cpus", "description", "plan", "autostart", "status"]
                var before: [String: String] = [:]
                for fact in facts { before[fact] = try await rig.driver.text("\(path)/\(fact)") }
                try await rig.driver.copyTree(path, to: "lab/drafts/vms/\(name)")
                #expect(try await rig.driver.removeTree(path).isEmpty)
                #expect(try await rig.isGone(path))
                try await rig.driver.process(33).rename("lab/drafts/vms/\(name)", to: path)
                // A platform may build it first.
                try await rig.settle()
                for fact in facts { #expect(try await rig.driver.text("\(path)/\(fact)") == before[fact], "\(fact)") }
            }
        }

        @Test(arguments: Subject.all)
        func everyCollectionMakesAndDeletes(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            for kind in Kind.allCases where kind != .vms && rig.can(kind.creation) && rig.can(kind.deletion) {
                let name = Rig.freshName("it") + (kind == .dns ? ".example.org" : "")
                let path = "lab/\(kind.rawValue)/\(name)"
                try await rig.draft(kind, name, rig.fixture.drafts[kind] ?? [:])
                let code = await rig.refusal {
                    try await rig.driver.rename("lab/drafts/\(kind.rawValue)/\(name)", to: path)
                }
                #expect(code == nil, "\(path) cannot be made")
                guard code == nil else { continue }
                #expect(try await rig.driver.names("lab/\(kind.rawValue)").contains(name), "\(path) is not listed")
                let other = rig.anotherTree
                #expect(try await other.names("lab/\(kind.rawValue)").contains(name), "\(path) is not on the platform")
                let gone = await rig.refusal { try await rig.driver.removeDirectory(path) }
                #expect(gone == nil, "\(path) cannot be deleted")
                #expect(try await !rig.driver.exists(path))
            }
        }
    }
}

/// A job that nobody follows.
private struct SilentReporter: JobReporter {
    func accepted() {}
    func progress(_ percent: Int) {}
}
