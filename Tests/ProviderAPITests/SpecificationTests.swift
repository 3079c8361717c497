import ProviderAPI
import Testing

@Suite struct SpecificationTests {
    private let specification = Specification(
        name: "web",
        values: [
            "memory": .number(1024), "plan": .text("blue"), "empty": .text(""), "start": .flag(true),
            "rules": Value(["a", "b"]),
            "disks": .map([.init("a", .map([.init("size", .number(10))])), .init("b", .map([]))]),
            "metadata": .map([.init("team", .text("x")), .init("n", .number(1))]),
        ])

    @Test func valuesByTheirForm() {
        #expect(specification.number("memory") == 1024)
        #expect(specification.text("memory") == "1024")
        #expect(specification.text("plan") == "blue")
        #expect(specification.text("empty") == nil)
        #expect(specification.text("nosuch") == nil)
        #expect(specification.number("plan") == nil)
        #expect(specification.flag("start") == true)
        #expect(specification.flag("plan") == nil)
        #expect(specification.texts("rules") == ["a", "b"])
        #expect(specification.texts("plan") == ["blue"])
        #expect(specification.entries("disks").map(\.name) == ["a", "b"])
        #expect(specification.entries("disks").first?.number("size") == 10)
        #expect(specification.entries("plan").isEmpty)
        #expect(specification.pairs("metadata").map(\.value) == ["x", "1"])
    }

    @Test func whatCannotBeHonouredIsNamed() {
        #expect(throws: Never.self) { try specification.require(only: Set(specification.values.keys)) }
        do throws(ProviderError) {
            try specification.require(only: ["memory", "plan", "empty", "start", "metadata"])
            Issue.record("disks and rules were passed over")
        } catch {
            #expect(error.code == .unsupported)
            #expect(error.message.contains("disks, rules"))
        }
    }
}
