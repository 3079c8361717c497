import Testing
import YAMLKit

@Suite("Reading YAML")
struct ParsingTests {
    @Test(
        "Plain scalars have the type of the core schema",
        arguments: [
            ("null", YAMLNode.Scalar.null), ("~", .null), ("true", .bool(true)), ("yes", .bool(true)),
            ("No", .bool(false)),
            ("5", .int(5)), ("-7", .int(-7)), ("0x1f", .int(31)), ("0o17", .int(15)), ("1.5", .float(1.5)),
            ("1e3", .float(1000)), ("-.inf", .float(-.infinity)), ("inf", .string("inf")), ("nan", .string("nan")),
            ("on", .string("on")), ("1.2.3.4", .string("1.2.3.4")), ("5s", .string("5s")), ("0x", .string("0x")),
            ("'5'", .string("5")), ("\"yes\"", .string("yes")), ("!!str 5", .string("5")), ("!!int \"5\"", .int(5)),
            ("! 5", .string("5")),
        ])
    func typing(text: String, scalar: YAMLNode.Scalar) throws {
        #expect(try YAML.parse(text)?.scalar == scalar)
    }

    @Test("Nodes and keys know their place")
    func positions() throws {
        let root = try #require(try YAML.parse("a: 1\nb:\n  - x\n  - c: 2\n"))
        let entries = try #require(root.entries)
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries.map(\.line) == [1, 2])
        let inner = try #require(entries[1].value.elements?[1].entries?.first)
        #expect([inner.line, inner.column, inner.value.line, inner.value.column] == [4, 5, 4, 8])
    }

    @Test("No document is nil", arguments: ["", "\n", "# only a comment\n"])
    func empty(text: String) throws {
        #expect(try YAML.parse(text) == nil)
    }

    @Test("Aliases are resolved")
    func aliases() throws {
        let root = try #require(try YAML.parse("a: &x [1, 2]\nb: *x\n"))
        #expect(root["b"] == root["a"])
        #expect(root["b"]?.line == 2)
    }

    @Test(
        "What is refused says why and where",
        arguments: [
            ("a: 1\na: 2\n", "2:1: duplicate key 'a': it is already on line 1"),
            ("a: 1\n---\nb: 2\n", "2:1: a second document begins: keep one in the file"),
            ("[1]: 2\n", "1:1: a key must be text, not a collection"),
            ("a: !ruby/object x\n", "1:4: unknown tag: remove it; a text that begins with ! needs quotes"),
            ("a: !!binary x\n", "1:4: unknown tag: remove it; a text that begins with ! needs quotes"),
            ("a: !!int x\n", "1:4: the value does not fit its tag"),
            ("a: *b\n", "1:4: an alias has no anchor before it: a text that begins with * needs quotes"),
            ("a: &a [*a]\n", "1:8: an alias has no anchor before it: a text that begins with * needs quotes"),
            ("a: [1\n", "2:1: while parsing a flow sequence: did not find expected ',' or ']'"),
            ("a:\n\tb: 1\n", "2:1: while scanning for the next token: found character that cannot start any token"),
            ("a: \u{1}\n", "1:1: control characters are not allowed at byte 3"),
        ])
    func refused(text: String, message: String) {
        #expect {
            _ = try YAML.parse(text)
        } throws: {
            "\($0)" == message
        }
    }
}

@Suite("Limits of YAML documents")
struct LimitTests {
    private func message(_ text: String) -> String {
        do {
            _ = try YAML.parse(text)
            return "accepted"
        } catch {
            return error.message
        }
    }

    @Test("Aliases of aliases are counted as what they stand for")
    func laughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<10 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(message(text) == "the document has more than 100000 nodes, aliases expanded")
    }

    @Test("Aliases do not hide depth")
    func depth() {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(message("a: &a \(deep)\n") == "accepted")
        let nested = String(repeating: "[", count: 30) + "*a" + String(repeating: "]", count: 30)
        #expect(message("a: &a \(deep)\nb: \(nested)\n") == "the document nests deeper than 64 levels")
        let deeper = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        #expect(message(deeper) == "the document nests deeper than 64 levels")
        #expect(message(String(deeper.dropFirst().dropLast())) == "accepted")
    }

    @Test("A document of more than a mebibyte is not read")
    func size() {
        #expect(message(String(repeating: "#", count: 1 << 20)) == "accepted")
        #expect(message(String(repeating: "#", count: 1 << 20 + 1)) == "the document is larger than 1048576 bytes")
    }
}
