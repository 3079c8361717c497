import Inventory
import ProviderAPI
import ProviderTesting
import Testing
import Tree

extension Conformance {
    /// What is written to a machine, over every registered provider that makes machines.
    @Suite struct MachineTests {
        @Test(arguments: Subject.all)
        func badValuesAreRefusedAndChangeNothing(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let values: [(Operation, String, [String])] = [
                (.startVM, "status", ["sideways", "UP", "up down", ""]),
                (.updateMemory, "memory", ["a lot", "-1", "0", "12X", "1.5G", ""]),
                (.updateCPUs, "cpus", ["two", "0", "-1", "2 3", ""]),
                (.updateAutostart, "autostart", ["maybe", "YES", ""]),
                (.renameVM, "name", ["", "two\nlines", "control\u{7}"]), (.revertSnapshot, "revert", ["nosuch"]),
                (.cloneVM, "clone", ["", "new wrong"]),
            ]
            try await rig.withMachine { path async throws in
                let before = try await rig.state(path)
                let applied = rig.provider.count(.apply)
                for (operation, file, texts) in values where rig.can(operation) {
                    for text in texts {
                        let code = await rig.refusal { try await rig.driver.echo(text, to: "\(path)/\(file)") }
                        #expect(
                            code == .invalidValue || code == .outOfRange,
                            "\(file) took '\(text)': \(String(describing: code))")
                    }
                }
                #expect(rig.provider.count(.apply) == applied, "rubbish was sent to the platform")
                #expect(try await rig.state(path) == before)
            }
        }

        @Test(arguments: Subject.all)
        func writingTheValueItHasIsNoCall(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            try await rig.withMachine(rig.can(.updateDescription) ? ["description": "same\n"] : [:]) {
                path async throws in
                let applied = rig.provider.count(.apply)
                for file in ["status", "name", "memory", "cpus", "autostart", "plan", "description"] {
                    let node = try await rig.driver.status("\(path)/\(file)")
                    guard node.isWritable, node.size > 0 else { continue }
                    let text = try await rig.driver.text("\(path)/\(file)")
                    try await rig.driver.write("\(path)/\(file)", text)
                }
                #expect(rig.provider.count(.apply) == applied, "a write of the same value was sent to the platform")
            }
        }

        @Test(arguments: Subject.all)
        func whatWasWrittenIsReadAndItsTimeMoves(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            let sizes = rig.fixture.sizes
            let (first, second, cpus) = (sizes.memories[0], sizes.memories[1], "\(sizes.cpus)")
            let values: [(Operation, String, String, String)] = [
                (.updateMemory, "memory", "\(first / 1024)G", "\(first)"),
                (.updateMemory, "memory", "\(second)", "\(second)"), (.updateCPUs, "cpus", cpus, cpus),
                (.updateAutostart, "autostart", "yes", "yes"),
                (.updateAutostart, "autostart", "no", "no"),
                (.updateDescription, "description", "a ünïcode server", "a ünïcode server"),
                (.updateMetadata, "plan", "blue", "blue"), (.updateMetadata, "owner", "ann", "ann"),
            ]
            try await rig.withMachine { path async throws in
                for (operation, file, text, expected) in values where rig.can(operation) {
                    let before = try await rig.driver.status("\(path)/\(file)").modified
                    let idBefore = try await rig.driver.status("\(path)/id").modified
                    try await rig.driver.echo(text, to: "\(path)/\(file)")
                    try await rig.settle()
                    #expect(try await rig.driver.line("\(path)/\(file)") == expected, "\(file)")
                    #expect(
                        try await rig.driver.status("\(path)/\(file)").modified > before,
                        "the time of \(file) stood still")
                    #expect(
                        try await rig.driver.status("\(path)/id").modified == idBefore,
                        "the time of id moved with \(file)")
                    let other = rig.anotherTree
                    #expect(try await other.line("\(path)/\(file)") == expected, "another tree sees another \(file)")
                }
            }
        }

        @Test(arguments: Subject.all)
        func metadataIsSetAppendedAndRemoved(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.updateMetadata) else { return }
            try await rig.withMachine { path async throws in
                try await rig.driver.echo("one", to: "\(path)/metadata/team")
                #expect(try await rig.driver.text("\(path)/metadata/team") == "one\n")
                try await rig.driver.write("\(path)/metadata/team", "two\n", appending: true)
                #expect(try await rig.driver.text("\(path)/metadata/team") == "one\ntwo\n")
                #expect(try await rig.driver.names("\(path)/metadata").contains("team"))
                try await rig.driver.removeFile("\(path)/metadata/team")
                #expect(try await !rig.driver.exists("\(path)/metadata/team"))
                let other = rig.anotherTree
                #expect(try await !other.exists("\(path)/metadata/team"), "the platform kept it")
                #expect(await rig.refusal { try await rig.driver.removeFile("\(path)/metadata/team") } == .notFound)
            }
        }

        @Test(arguments: Subject.all)
        func editorsReplaceAnAttribute(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.updateMemory) else { return }
            try await rig.withMachine { path async throws in
                try await rig.driver.replace("\(path)/memory", with: "\(rig.fixture.sizes.edited)\n", by: "sedAb3dEf")
                try await rig.settle()
                #expect(try await rig.driver.line("\(path)/memory") == "\(rig.fixture.sizes.edited)")
                #expect(try await !rig.driver.exists("\(path)/sedAb3dEf"))
            }
        }

        @Test(arguments: Subject.all)
        func parallelEqualWritesAreOneCall(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.updateMemory) else { return }
            try await rig.withMachine { path async throws in
                let applied = rig.provider.count(.apply)
                let text = "\(rig.fixture.sizes.repeated)"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<50 { group.addTask { try await rig.driver.echo(text, to: "\(path)/memory") } }
                    try await group.waitForAll()
                }
                try await rig.settle()
                #expect(rig.provider.count(.apply) == applied + 1)
                #expect(try await rig.driver.line("\(path)/memory") == text)
            }
        }

        @Test(arguments: Subject.all)
        func powerGoesRoundAndWaitSeesIt(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.startVM), rig.can(.stopVM) else { return }
            try await rig.withMachine { path async throws in
                #expect(try await rig.driver.line("\(path)/status") == "down")
                try await rig.driver.echo("up", to: "\(path)/status")
                try await rig.wait(path, for: "up")
                #expect(try await rig.driver.line("\(path)/status") == "up")
                #expect(try await !rig.driver.line("\(path)/raw_status").isEmpty)
                if rig.can(.suspendVM), rig.can(.resumeVM), !rig.fixture.unseen.contains(.suspendVM) {
                    try await rig.driver.echo("suspend", to: "\(path)/status")
                    try await rig.wait(path, for: "suspended")
                    try await rig.driver.echo("resume", to: "\(path)/status")
                    try await rig.wait(path, for: "up")
                }
                if rig.can(.pauseVM), rig.can(.resumeVM) {
                    try await rig.driver.echo("pause", to: "\(path)/status")
                    try await rig.wait(path, for: "paused")
                    let applied = rig.provider.count(.apply)
                    try await rig.driver.echo("paused", to: "\(path)/status")
                    #expect(rig.provider.count(.apply) == applied, "it is paused already")
                    try await rig.driver.echo("resume", to: "\(path)/status")
                    try await rig.wait(path, for: "up")
                }
                if rig.can(.shutdownVM) {
                    try await rig.driver.echo("shutdown", to: "\(path)/status")
                    try await rig.wait(path, for: "down")
                    try await rig.driver.echo("up", to: "\(path)/status")
                    try await rig.wait(path, for: "up")
                }
                try await rig.driver.echo("down", to: "\(path)/status")
                try await rig.wait(path, for: "down")
                #expect(try await rig.driver.text("lab/events").contains("\"changed\""))
            }
        }

        @Test(arguments: Subject.all)
        func snapshotsAreMadeRevertedAndRemoved(_ subject: Subject) async throws {
            let rig = try await Rig(subject)
            guard rig.can(.listSnapshots), rig.can(.createSnapshot), rig.can(.deleteSnapshot) else { return }
            try await rig.withMachine { path async throws in
                try await rig.driver.makeDirectory("\(path)/snapshots/before")
                #expect(try await rig.driver.names("\(path)/snapshots") == ["before"])
                #expect(try await rig.driver.line("\(path)/snapshots/before/current") == "yes")
                if rig.can(.revertSnapshot) { try await rig.driver.echo("before", to: "\(path)/revert") }
                #expect(await rig.refusal { try await rig.driver.removeDirectory(path) } == .notEmpty)
                try await rig.driver.process(77).removeDirectory("\(path)/snapshots/before")
                #expect(try await rig.driver.names("\(path)/snapshots").isEmpty)
            }
        }
    }
}
