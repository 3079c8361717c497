import ArgumentParser
import Foundation
import ProviderAPI
import Settings
import Testing

@testable import infrafs

@Suite("Manual pages and examples")
struct PapersTests {
    let scratch = try? Scratch()

    /// The names that a part of a page describes: its `.It Ic NAME` lines.
    private func keys(_ page: String, from start: String, to ends: [String]) throws -> [String] {
        let lines = page.split(separator: "\n").map(String.init)
        let begin = try #require(lines.firstIndex(of: start), "no '\(start)' in the page")
        let part = lines[(begin + 1)...].prefix { line in !ends.contains { line.hasPrefix($0) } }
        return part.filter { $0.hasPrefix(".It Ic ") }.map { String($0.dropFirst(7)) }
    }

    @Test("infrafs.yaml(5) has every option of every type, and no other")
    func options() throws {
        let page = try Repository.text("man/infrafs.yaml.5")
        #expect(try keys(page, from: ".Sh COMMON KEYS", to: [".Sh"]) == ["type"] + CommonSettings.options.map(\.name))
        #expect(try keys(page, from: ".Sh MOUNT KEYS", to: [".Sh"]) == MountSettings.options.map(\.name))
        let types = page.split(separator: "\n").filter { $0.hasPrefix(".Ss ") }.map { String($0.dropFirst(4)) }
        #expect(types == allProviders.map(\.type))
        for registration in allProviders {
            let described = try keys(page, from: ".Ss \(registration.type)", to: [".Ss", ".Sh"])
            #expect(described == registration.options.map(\.name), "\(registration.type)")
        }
    }

    @Test("infrafs(1) has every command, mount option and exit status")
    func commands() throws {
        let page = try Repository.text("man/infrafs.1")
        for command in Infrafs.configuration.subcommands {
            let name = try #require(command.configuration.commandName)
            #expect(page.contains("\n.It Cm \(name) "), "\(name)")
        }
        for option in MountSettings.options { #expect(page.contains("\n.It Cm \(option.name)"), "\(option.name)") }
        for status in Failure.Status.allCases { #expect(page.contains("\n.It \(status.rawValue)\n"), "\(status)") }
    }

    @Test("mandoc has no complaint", arguments: ["infrafs.1", "infrafs.yaml.5"])
    func lint(page: String) throws {
        let outcome = try #require(scratch).run(["mandoc", "-Tlint", "-W", "warning", "\(Repository.root)/man/\(page)"])
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome.output)")
    }

    @Test("The example configuration is one")
    func example() throws {
        let scratch = try #require(scratch)
        let file = try scratch.write("config.yaml", try Repository.text("examples/config.yaml"))
        let configuration = try Configuration.load(path: file, environment: [:], registrations: allProviders)
        #expect(configuration.providers.map(\.name) == ["lab", "far", "cloud", "practice"])
        #expect(configuration.providers[1].common.readOnly && configuration.providers[3].common.deleteRunning)
    }

    @Test("The examples of infrafs.yaml(5) are configurations")
    func pageExamples() throws {
        let scratch = try #require(scratch)
        let page = try Repository.text("man/infrafs.yaml.5")
        let blocks = page.components(separatedBy: ".Bd -literal -offset indent\n").dropFirst()
        #expect(blocks.count == 2)
        for block in blocks {
            let file = try scratch.write("page.yaml", try #require(block.components(separatedBy: ".Ed\n").first))
            #expect(
                try !Configuration.load(path: file, environment: [:], registrations: allProviders).providers.isEmpty)
        }
    }

    @Test("The lines for fstab have options that mount takes")
    func fstab() throws {
        let lines = try Repository.text("examples/fstab").split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 3)
        for line in lines {
            let fields = line.split(separator: " ").map(String.init)
            #expect(fields.count == 6 && fields[2] == "fuse.infrafs")
            _ = try OptionList([fields[3]])
        }
    }
}
