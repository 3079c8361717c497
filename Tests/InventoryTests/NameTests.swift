import ProviderAPI
import ProviderTesting
import Testing

@testable import Inventory

@Suite struct NameTests {
    @Test(arguments: [
        ("web1", "web1"), ("a/b", "a%2Fb"), (".", "%2E"), ("..", "%2E."), (".hidden", "%2Ehidden"), ("a.b", "a.b"),
        ("50%", "50%25"), ("a\nb", "a%0Ab"), ("a\u{7f}b", "a%7Fb"), ("", "%"), ("mäßig ünï", "mäßig ünï"),
        ("a b", "a b"),
        ("%", "%25"), ("a\u{85}b", "a%C2%85b"), ("🖥", "🖥"),
    ])
    func namesAreEncodedBothWays(name: String, entry: String) {
        #expect(EntryName.encode(name) == entry)
        #expect(EntryName.decode(entry) == name)
    }

    @Test(arguments: ["%2", "%G1", "a%", "%zz", "a%2", "%FF", "%C3"])
    func whatEncodesNothingIsRefused(entry: String) {
        #expect(EntryName.decode(entry) == nil)
    }

    @Test(arguments: [1, 2, 3, UInt64.random(in: 0...(.max))])
    func anyNameComesBack(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<4000 {
            let name = Self.name(&random)
            let entry = EntryName.encode(name)
            let isClean =
                !entry.contains("/") && !entry.hasPrefix(".") && !entry.isEmpty
                && !entry.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
            guard EntryName.decode(entry) != name || !isClean else { continue }
            // An expectation for each of thousands of names would take longer than all the rest.
            Issue.record("seed \(seed): \(name.debugDescription) became \(entry.debugDescription)")
            return
        }
    }

    private static func name(_ random: inout SeededRandom) -> String {
        let odd: [Unicode.Scalar] = [
            "/", "%", ".", "\n", "\u{0}", "\u{1b}", "\u{7f}", "\u{85}", "~", " ", "é", "\u{301}", "🖥", "2", "F",
        ]
        var name = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            if Bool.random(using: &random) {
                name.unicodeScalars.append(odd.randomElement(using: &random) ?? "x")
            } else {
                name.unicodeScalars.append(Unicode.Scalar(UInt8.random(in: 0x20...0x7e, using: &random)))
            }
        }
        return name
    }

    // MARK: Names that are shared

    private func unique(_ resources: [(String, String)]) -> [String: String] {
        EntryName.unique(resources.map { (id: $0.0, name: $0.1, key: $0.0) })
    }

    @Test func sharersAreToldApartByTheirIds() {
        let names = unique([("i1", "web"), ("i2", "web"), ("i3", "db")])
        #expect(names == ["i1": "web~i1", "i2": "web~i2", "i3": "db"])
    }

    @Test func oneThatIsCalledAsAnotherIsToldApartToo() {
        let names = unique([("i1", "web"), ("i2", "web"), ("i9", "web~i1")])
        #expect(names["i1"] == "web~i1")
        #expect(Set(names.values).count == 3, "two resources have one name: \(names)")
    }

    @Test func longNamesFitAndStayApart() {
        let long = String(repeating: "ä", count: 200)
        let names = unique([("i1", long + "1"), ("i2", long + "2"), ("i3", long), ("i4", long)])
        #expect(Set(names.values).count == 4)
        #expect(names.values.allSatisfy { $0.utf8.count <= EntryName.limit })
    }

    @Test(arguments: [7, UInt64.random(in: 0...(.max))])
    func everyResourceHasANameOfItsOwn(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            let pool = ["web", "web~1", "web~2", "web~1~3", "a/b", "a%2Fb", ""]
            let resources = (0..<Int.random(in: 1...9, using: &random)).map { index in
                (String(index), pool.randomElement(using: &random) ?? "web")
            }
            let names = unique(resources)
            guard Set(names.values).count != resources.count else { continue }
            Issue.record("seed \(seed): \(resources) became \(names)")
            return
        }
    }

    // MARK: One at a time

    /// What comes, goes and is renamed one by one has the names that it would have if all were named at once.
    @Test(arguments: [1, 2, 3, UInt64.random(in: 0...(.max))])
    func namesDoNotDependOnTheWay(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let collection = Collection([], coverage: .all(except: []))
        _ = try await collection.names()
        let names = ["a", "b", "a~1", "b~2", "c", "a~1~3", "%", ""]
        for _ in 0..<120 {
            let id = VirtualMachine.ID("\(Int.random(in: 1...6, using: &random))")
            if Int.random(in: 0...2, using: &random) == 0 {
                collection.stub.remove(id)
            } else {
                collection.stub.put(
                    StubMachines.machine(names.randomElement(using: &random) ?? "a", id: id.rawValue))
            }
            collection.provider.send(.resource(.vms, id: id.rawValue))
            let items = collection.stub.items
            let expected = EntryName.unique(items.map { (id: $0.id, name: $0.name, key: $0.id.rawValue) })
            let isSame = await eventually { (try? await collection.names()) == expected.values.sorted() }
            #expect(isSame, "seed \(seed): \(items.map { "\($0.id) \($0.name)" })")
            for (id, name) in expected { #expect(collection.live.known(named: name)?.item.id == id, "seed \(seed)") }
            if !isSame { return }
        }
    }
}
