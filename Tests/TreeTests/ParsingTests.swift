import ProviderAPI
import Testing

@testable import Tree

/// Values are read strictly: what is not exactly one is refused.
@Suite struct ParsingTests {
    @Test(arguments: [
        ("4096", 4096), ("4096M", 4096), ("4096MiB", 4096), ("4096MB", 4096), ("4G", 4096), ("4GB", 4096),
        ("4GiB", 4096),
        ("4g", 4096), ("1T", 1_048_576), ("0", 0), ("007", 7),
    ])
    func mebibytes(text: String, size: Int) throws {
        #expect(try Parsing.mebibytes(text) == size)
    }

    @Test(arguments: [("10", 10), ("10G", 10), ("10GiB", 10), ("1T", 1024), ("2TB", 2048)])
    func gibibytes(text: String, size: Int) throws {
        #expect(try Parsing.gibibytes(text) == size)
    }

    @Test(arguments: [
        "", " ", "4096 ", " 4096", "4 G", "4.5G", "-1", "+1", "1e3", "0x10", "G", "4K", "4GG", "4iB", "4096\u{0}",
        "٤٠٩٦", "4,096", "1_000", "four", "4B4", "４",
    ])
    func noSizes(text: String) {
        #expect(Self.code { _ = try Parsing.mebibytes(text) } == .invalidValue, "\(text.debugDescription)")
        #expect(Self.code { _ = try Parsing.number(text) } == .invalidValue, "\(text.debugDescription)")
    }

    @Test(arguments: ["10M", "10K", "1.5T"])
    func noGibibytes(text: String) {
        #expect(Self.code { _ = try Parsing.gibibytes(text) } == .invalidValue)
    }

    @Test func whatIsTooLargeIsOutOfRange() {
        #expect(Self.code { _ = try Parsing.mebibytes("9223372036854775807G") } == .outOfRange)
        #expect(Self.code { _ = try Parsing.mebibytes("99999999999999999999") } == .outOfRange)
    }

    @Test(arguments: [
        ("yes", true), ("true", true), ("on", true), ("1", true), ("no", false), ("false", false), ("off", false),
        ("0", false),
    ])
    func flags(text: String, flag: Bool) throws {
        #expect(try Parsing.flag(text) == flag)
    }

    @Test(arguments: ["", "YES", "y", "maybe", "2", "yes no", "yes "])
    func noFlags(text: String) {
        #expect(Self.code { _ = try Parsing.flag(text) } == .invalidValue)
    }

    @Test func oneNewlineIsTakenOff() throws {
        #expect(try Parsing.text(Array("a\n".utf8)) == "a")
        #expect(try Parsing.text(Array("a\r\n".utf8)) == "a")
        #expect(try Parsing.text(Array("a\n\n".utf8)) == "a\n")
        #expect(try Parsing.text(Array("".utf8)) == "")
        #expect(try Parsing.line(Array("a\n".utf8)) == "a")
    }

    @Test(arguments: [[0xff], [0xc3], [0x61, 0], [0xed, 0xa0, 0x80], [0xc0, 0xaf]] as [[UInt8]])
    func whatIsNoTextIsRefused(bytes: [UInt8]) {
        #expect(Self.code { _ = try Parsing.text(bytes) } == .invalidValue)
    }

    @Test(arguments: ["a\nb\n", "a\rb", "\n\n", "a\n\n"])
    func aLineIsOneLine(text: String) {
        #expect(Self.code { _ = try Parsing.line(Array(text.utf8)) } == .invalidValue)
    }

    @Test func names() throws {
        #expect(try Parsing.name("a b/ü") == "a b/ü")
        #expect(try Parsing.name(String(repeating: "x", count: 255)).utf8.count == 255)
        #expect(Self.code { _ = try Parsing.name("") } == .invalidValue)
        #expect(Self.code { _ = try Parsing.name(String(repeating: "x", count: 256)) } == .nameTooLong)
        for name in ["a\nb", "\u{0}", "a\u{7f}", "\t"] {
            #expect(Self.code { _ = try Parsing.name(name) } == .invalidValue)
        }
    }

    @Test func lines() {
        #expect(Parsing.lines(" a \n\n# no\n\tb\r\nc d\n") == ["a", "b", "c d"])
    }

    @Test func whatIsShownIsShortAndOnOneLine() {
        let shown = Parsing.shown(String(repeating: "é\n", count: 100))
        #expect(!shown.contains("\n") && shown.unicodeScalars.count < 50)
    }

    static func code(_ body: () throws -> Void) -> ProviderError.Code? {
        do { try body() } catch { return (error as? ProviderError)?.code }
        return nil
    }
}
