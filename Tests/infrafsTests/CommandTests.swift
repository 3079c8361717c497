import Foundation
import ProviderAPI
import Testing

@testable import infrafs

@Suite("The commands, as they are run")
struct CommandTests {
    let scratch = try? Scratch()

    @Test("A mount point that cannot be is refused before anything is mounted")
    func mountPoints() throws {
        let scratch = try #require(scratch)
        try scratch.write("full/file", "")
        try scratch.write("file", "")
        for (path, words) in [
            ("none", "no such directory; create it with 'mkdir none'"),
            ("full", "not empty, and a mount would hide what is there; choose an empty directory"),
            ("file", "not a directory; a mount point has to be one"),
        ] {
            let outcome = try scratch.infrafs("mount", "--demo", path)
            #expect(outcome.status == 73 && outcome.error == "infrafs: cannot mount at \(path): \(words)\n")
        }
    }

    @Test("A dry run of what mount(8) would mount")
    func dryRun() throws {
        let scratch = try #require(scratch)
        try scratch.write("m/.keep", "")
        try FileManager.default.removeItem(atPath: "\(scratch.path)/m/.keep")
        let program = try Repository.program
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.path)/mount.fuse.infrafs", withDestinationPath: program)
        let words = ["\(scratch.path)/mount.fuse.infrafs", "demo", "m", "-f", "-n", "-o", "rw,noauto,uid=0"]
        let outcome = try scratch.run(words)
        #expect(outcome.status == 0 && outcome.error == "" && outcome.output == "")
    }

    @Test("Mistakes of the configuration are told one a line, with 78")
    func mistakes() throws {
        let scratch = try #require(scratch)
        let file = try scratch.write("c.yaml", "providers:\n  a: {type: none}\n  .b: {type: fake}\nx: 1\n")
        for words in [["check", "--config", file], ["mount", "--config", file, "/"], ["mount", file, "/"]] {
            let outcome = try scratch.run([try Repository.program] + words)
            #expect(outcome.status == 78)
            let lines = outcome.error.split(separator: "\n")
            #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("infrafs: \(file):") }, "\(outcome.error)")
        }
        let none = try scratch.infrafs("check")
        #expect(none.status == 78 && none.error.contains("'infrafs mount --demo MOUNTPOINT'"))
    }

    @Test("check tells of every provider, and fails when one is down")
    func check() throws {
        let scratch = try #require(scratch)
        let file = try scratch.write(
            "c.yaml",
            """
            providers:
              good: {type: fake}
              slow: {type: fake, latency: 60000, timeout: 200ms}
              wrong: {type: fake, vms: -1}
            """)
        let all = try scratch.infrafs("check", "--config", file)
        #expect(all.status == 1 && all.error == "")
        let rows = all.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(
            rows.map { Array($0.prefix(3)) } == [
                ["good", "fake", "up"], ["slow", "fake", "down"], ["wrong", "fake", "down"],
            ])
        #expect(all.output.contains("no answer in 200ms"))
        #expect(try scratch.infrafs("check", "--config", file, "good").status == 0)
        let unknown = try scratch.infrafs("check", "--config", file, "god")
        #expect(unknown.status == 64)
        #expect(unknown.error == "infrafs: no provider 'god' in the configuration: did you mean 'good'?\n")
    }

    @Test("The feature matrix has every operation and every type")
    func matrix() throws {
        let lines = ProvidersCommand.matrix(of: allProviders)
        #expect(lines.count == ProviderAPI.Operation.allCases.count + 1)
        for registration in allProviders { #expect(lines[0].contains(registration.type)) }
        let unknown = try #require(scratch).infrafs("providers", "nothing")
        #expect(unknown.status == 64 && unknown.error.hasPrefix("infrafs: unknown provider type 'nothing': one of "))
        let fake = try #require(scratch).infrafs("providers", "fake")
        #expect(fake.status == 0 && fake.output.contains("delete_running"))
    }

    @Test("The registry is in alphabetical order, no type twice")
    func registry() {
        let types = allProviders.map(\.type)
        #expect(types == Set(types).sorted())
        #expect(types.contains("fake"))
    }

    @Test("Every command has help that fits a terminal, and unknown words are refused with 64")
    func help() throws {
        let scratch = try #require(scratch)
        let commands = ["mount", "check", "providers", "wait", "why", "console", "completion"]
        for words in [["--help"]] + commands.map({ [$0, "--help"] }) {
            let outcome = try scratch.run([try Repository.program] + words)
            #expect(outcome.status == 0 && outcome.output.contains("OVERVIEW"))
            #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
        #expect(try scratch.infrafs("--version").output == "\(version)\n")
        #expect(try scratch.infrafs("check", "--nothing").status == 64)
        let mistyped = try scratch.infrafs("chekc")
        #expect(mistyped.status == 64)
        #expect(mistyped.error == "infrafs: 'chekc' is no command and no directory: did you mean 'infrafs check'?\n")
        let empty = try scratch.infrafs()
        #expect(empty.status == 64 && empty.error.contains("infrafs mount --demo /mnt/demo"))
    }

    @Test("Completion scripts of the three shells")
    func completion() throws {
        let scratch = try #require(scratch)
        for shell in ["bash", "zsh", "fish"] {
            let outcome = try scratch.infrafs("completion", shell)
            #expect(outcome.status == 0 && outcome.output.contains("providers"))
        }
        let script = try scratch.write("bash", try scratch.infrafs("completion", "bash").output)
        #expect(try scratch.run(["bash", "-n", script]).status == 0)
        #expect(
            try scratch.infrafs("completion", "bsh").error == "infrafs: unknown shell 'bsh': did you mean 'bash'?\n")
    }
}
