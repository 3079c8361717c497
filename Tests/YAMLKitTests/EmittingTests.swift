import Testing
import YAMLKit

@Suite("Writing YAML")
struct EmittingTests {
    @Test("Block style, in order, unicode as it is, empty collections, nothing folded")
    func document() {
        let long = String(repeating: "word ", count: 60) + "end"
        let node = YAMLNode.mapping([
            .init("name", .string("wéb1")), .init("memory", .int(512)), .init("up", .bool(true)), .init("ip", .null),
            .init("ips", .sequence([.string("10.0.0.1"), .string("fd00::1")])), .init("none", .sequence([])),
            .init("metadata", .mapping([.init("plan", .string("x"))])), .init("empty", .mapping([])),
            .init("load", .float(0.5)), .init("long", .string(long)),
        ])
        #expect(
            YAML.emit(node) == """
                name: wéb1
                memory: 512
                up: true
                ip: null
                ips:
                - 10.0.0.1
                - fd00::1
                none: []
                metadata:
                  plan: x
                empty: {}
                load: 0.5
                long: \(long)

                """)
    }

    @Test("Strings of several lines are literal blocks")
    func literal() {
        let node = YAMLNode.mapping([.init("script", .string("#!/bin/sh\nexit 0\n")), .init("b", .string("a\nb"))])
        #expect(YAML.emit(node) == "script: |\n  #!/bin/sh\n  exit 0\nb: |-\n  a\n  b\n")
    }

    @Test(
        "Strings that would read as another type are quoted",
        arguments: [
            "5", "1.5", "yes", "no", "true", "null", "~", "", "on", "off", "0x10", "0b1", "1_000", "12:30:45",
            "2024-01-31",
            "2024-01-31T00:00:00Z", "52:54:00:11:22:33", ".inf", "<<", "=", "010", "y", "+1",
        ])
    func quoted(text: String) throws {
        #expect(YAML.emit(.string(text)) == "'\(text)'\n")
        #expect(try YAML.parse(YAML.emit(.string(text)))?.string == text)
    }

    @Test(
        "Strings that read as strings are not",
        arguments: [
            "web1", "10.0.0.1", "10.0.0.0/24", "4G", "qemu:///system", "-x", "5d5ff2f4-95ef-4a5e-b63e-6e63b2f1a6a3",
            "a b",
        ])
    func plain(text: String) throws {
        #expect(YAML.emit(.string(text)) == "\(text)\n")
        #expect(try YAML.parse(YAML.emit(.string(text)))?.string == text)
    }

    @Test("What is written is read back the same, whatever the text")
    func roundTrip() throws {
        var generator = SplitMix(state: 20_240_131)
        let alphabet: [String] = [
            "a", "b", "1", " ", "  ", "\n", "\n\n", "\t", "\r", ":", ": ", "- ", "#", " #", "'", "\"", "\\", "é", "日",
            "🐧",
            "\u{85}", "\u{2028}", "\u{FEFF}", "\u{7F}", "\u{1}", "|", ">", "&", "*", "!", "%", "@", "`", "{", "}", "[",
            "]",
            ",", "?", "---", "...", "null", "yes", "0x1", ".", "-", "\u{FFFE}", "\0",
        ]
        for _ in 0..<20_000 {
            let text = generator.text(of: alphabet)
            let key = generator.text(of: alphabet)
            let node = YAMLNode.mapping([
                .init(key, .string(text)),
                .init(key + "2", .sequence([.string(text), .mapping([.init("k", .string(text))])])),
            ])
            let emitted = YAML.emit(node)
            #expect(try YAML.parse(emitted) == node, "\(text.debugDescription) \(emitted.debugDescription)")
            #expect(try YAML.parse(YAML.emit(.string(text))) == .string(text))
        }
    }

    @Test("Thousands of small documents a second")
    func speed() {
        let node = YAMLNode.mapping(
            (0..<30).map { YAMLNode.Entry("key\($0)", .string("value \($0)")) })
        let clock = ContinuousClock()
        let elapsed = clock.measure {
            for _ in 0..<1000 { _ = YAML.emit(node) }
        }
        print("1000 documents of 30 keys: \(elapsed)")
        #expect(elapsed < .seconds(5))
    }
}

/// A small deterministic generator, so that a failure can be repeated.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func text(of alphabet: [String]) -> String {
        let count = Int(next() % 8)
        return (0..<count).map { _ in alphabet[Int(next() % UInt64(alphabet.count))] }.joined()
    }
}
