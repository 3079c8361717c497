import Inventory
import ProviderAPI
import ProviderTesting
import Testing

@testable import Tree

/// What a write of a text to an attribute asks the platform for.
@Suite struct SchemaTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let attribute: String
        let text: String
        let change: VirtualMachine.Change?
        var status = VirtualMachine.Status.down

        init(
            _ attribute: String, _ text: String, _ change: VirtualMachine.Change?,
            _ status: VirtualMachine.Status = .down
        ) {
            self.attribute = attribute
            self.text = text
            self.change = change
            self.status = status
        }

        var testDescription: String { "\(attribute) < '\(text)' (\(status.rawValue))" }
    }

    static let rows: [Row] = [
        Row("status", "up", .power(.up)), Row("status", "down", nil), Row("status", "shutdown", nil),
        Row("status", "up", nil, .up),
        Row("status", "up", nil, .starting), Row("status", "down", .power(.down), .up),
        Row("status", "shutdown", .power(.shutdown), .up),
        Row("status", "shutdown", nil, .stopping), Row("status", "restart", .power(.restart), .up),
        Row("status", "reset", .power(.reset), .up), Row("status", "suspend", .power(.suspend), .up),
        Row("status", "suspended", .power(.suspend), .up), Row("status", "suspended", nil, .suspended),
        Row("status", "suspend", nil, .suspended), Row("status", "resume", .power(.resume), .suspended),
        Row("status", "resume", nil, .up), Row("status", "up", .power(.up), .suspended),
        Row("status", "pause", .power(.pause), .up), Row("status", "paused", .power(.pause), .up),
        Row("status", "pause", nil, .paused), Row("status", "paused", nil, .paused),
        Row("status", "resume", .power(.resume), .paused), Row("status", "up", .power(.up), .paused),
        Row("status", "down", .power(.down), .crashed),
        Row("memory", "2G", .memory(2048)), Row("memory", "1024", nil), Row("memory", "1G", nil),
        Row("cpus", "4", .cpus(4)),
        Row("cpus", "2", nil), Row("autostart", "yes", .autostart(true)), Row("autostart", "no", nil),
        Row("name", "db", .rename("db")),
        Row("name", "web", nil), Row("iso", "boot.iso", .iso("boot.iso")), Row("iso", "", nil),
        Row("plan", "blue", .metadata(key: "plan", value: "blue")), Row("plan", "", .metadata(key: "plan", value: nil)),
        Row("plan", "web", nil), Row("owner", "", nil), Row("description", "a\nb", .description("a\nb")),
        Row("description", "", nil),
        Row("clone", "copy", .clone(name: "copy", full: false, start: false)),
        Row("clone", "copy start full", .clone(name: "copy", full: true, start: true)),
        Row("export", "img", .export(image: "img")),
        Row(
            "add_nic", "lab model=e1000",
            .addNIC(Specification(name: "eth1", values: ["network": .text("lab"), "model": .text("e1000")]))),
    ]

    @Test(arguments: rows)
    func aWriteMeans(row: Row) throws {
        let attribute = try #require(VirtualMachine.schema.attributes.first { $0.name == row.attribute })
        let write = try #require(attribute.write)
        let change = try write.change(row.text, StubMachines.machine("web", row.status))
        #expect(change == row.change)
        if let change {
            #expect(write.operations.contains(change.operation), "the write bit does not follow \(change.operation)")
        }
    }

    @Test(arguments: [
        ("status", "UP"), ("status", "on"), ("status", ""), ("status", "crashed"), ("memory", "0"), ("memory", "x"),
        ("cpus", "0"),
        ("cpus", "1.5"), ("autostart", ""), ("name", ""), ("name", "a\u{1}"), ("revert", "nosuch"), ("clone", ""),
        ("clone", "a b"),
        ("export", ""), ("flavor", ""), ("add_nic", ""), ("add_nic", "model=e1000"), ("add_nic", "lab speed=9"),
    ])
    func rubbishIsRefused(attribute: String, text: String) throws {
        let write = try #require(VirtualMachine.schema.attributes.first { $0.name == attribute }?.write)
        #expect(throws: ProviderError.self) { _ = try write.change(text, StubMachines.machine("web")) }
    }

    @Test func aPendingValueIsNotTakenAsDone() throws {
        var machine = StubMachines.machine("web", .up)
        machine.pending = ["memory": .number(2048)]
        let write = try #require(VirtualMachine.schema.attributes.first { $0.name == "memory" }?.write)
        #expect(try write.change("1024", machine) == .memory(1024))
    }

    @Test func aDiskOnlyGrows() throws {
        let write = try #require(
            VirtualMachine.disksGroup.files(of: StubMachines.machine("web"), "vda").first { $0.name == "size" }?.write)
        let machine = StubMachines.machine("web")
        #expect(try write.change("20", machine, "vda") == .growDisk("vda", size: 20))
        #expect(try write.change("10", machine, "vda") == nil)
        #expect(throws: ProviderError.self) { _ = try write.change("9", machine, "vda") }
    }

    @Test func differencesNameThePathsThatChanged() {
        let old = StubMachines.machine("web")
        var new = old
        new.memory = 2048
        new.metadata["team"] = "a/b"
        new.metadata["plan"] = "blue"
        new.disks[0].size = 20
        new.nics = []
        let paths = Set(VirtualMachine.schema.differences(old, new))
        let expected: Set = [
            "memory", "plan", "metadata", "metadata/team", "metadata/plan", "disks/vda/size", "nics", "nics/eth0",
            "ports", "info", "info.json",
        ]
        #expect(paths == expected)
        #expect(VirtualMachine.schema.differences(old, old).isEmpty)
    }

    @Test func whatAListingLeavesOutIsNoDifference() {
        let old = StubMachines.machine("web")
        var new = old
        new.isComplete = false
        new.disks = []
        new.metadata = [:]
        new.status = .up
        #expect(Set(VirtualMachine.schema.differences(old, new)) == ["status", "info", "info.json"])
    }

    @Test func namesInASchemaAreUnique() {
        let names = VirtualMachine.schema.attributes.map(\.name) + VirtualMachine.schema.groups.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { !$0.hasPrefix(".") && !$0.contains("/") && !$0.isEmpty })
    }

    @Test func everyAttributeIsInTheReadme() {
        let text = Readme.text(providers: ["lab", "cloud"])
        for attribute in VirtualMachine.schema.attributes {
            #expect(text.contains("  \(attribute.name) "), "\(attribute.name)")
        }
        for attribute in Network.schema.attributes { #expect(text.contains(attribute.help), "\(attribute.name)") }
        for kind in Kind.allCases { #expect(text.contains("\n\(kind.rawValue)/: "), "\(kind.rawValue)") }
        #expect(text.contains("lab, cloud"))
        #expect(text.hasSuffix("\n"))
    }
}
