import Inventory
import ProviderAPI

/// Values as people write them into files, read strictly: what is not exactly a value is refused with words that say
/// what would be one.
enum Parsing {
    /// The text of one write: UTF-8, one trailing newline (LF or CRLF) taken off.
    static func text(_ bytes: [UInt8]) throws(ProviderError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw ProviderError(.invalidValue, "the value is not text (UTF-8)")
        }
        var lines = text.utf8[...]
        if lines.last == UInt8(ascii: "\n") { lines.removeLast() }
        if lines.last == UInt8(ascii: "\r") { lines.removeLast() }
        return String(Substring(lines))
    }

    /// The same, refused where it has more than one line.
    static func line(_ bytes: [UInt8]) throws(ProviderError) -> String {
        let text = try text(bytes)
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
            throw ProviderError(.invalidValue, "the value has more than one line")
        }
        return text
    }

    /// A whole number, not negative.
    static func number(_ text: String) throws(ProviderError) -> Int {
        guard isNumber(text[...]) else {
            throw ProviderError(.invalidValue, "'\(shown(text))' is not a whole number")
        }
        guard let number = Int(text) else { throw tooLarge(text) }
        return number
    }

    /// A size in MiB: `4096`, `4096M`, `4096MiB`, `4G`, `4GB`, `4GiB`, `1T`.
    static func mebibytes(_ text: String) throws(ProviderError) -> Int {
        try scaled(text, ["": 1, "M": 1, "G": 1024, "T": 1024 * 1024], example: "4096, 4096M or 4G")
    }

    /// A size in GiB: `10`, `10G`, `10GiB`, `1T`.
    static func gibibytes(_ text: String) throws(ProviderError) -> Int {
        try scaled(text, ["": 1, "G": 1, "T": 1024], example: "10, 10G or 1T")
    }

    /// `yes` or `no`, and the other words for them.
    static func flag(_ text: String) throws(ProviderError) -> Bool {
        switch text {
        case "yes", "true", "on", "1": true
        case "no", "false", "off", "0": false
        default: throw ProviderError(.invalidValue, "'\(shown(text))' is neither yes nor no")
        }
    }

    /// A name that a resource can have.
    static func name(_ text: String) throws(ProviderError) -> String {
        guard !text.isEmpty else { throw ProviderError(.invalidValue, "a name is missing") }
        guard text.utf8.count <= 255 else { throw ProviderError(.nameTooLong, "the name is longer than 255 bytes") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw ProviderError(.invalidValue, "a name cannot hold control characters")
        }
        return text
    }

    /// The platform's name for a name of a directory entry that is being made. It must be written as it will be listed.
    static func platformName(_ entry: String) throws(ProviderError) -> String {
        guard let name = EntryName.decode(entry) else {
            throw ProviderError(.invalidValue, "'\(shown(entry))' is no encoded name: write % as %25")
        }
        let listed = EntryName.encode(name)
        guard listed == entry else {
            throw ProviderError(.invalidValue, "'\(shown(entry))' would be listed as '\(shown(listed))': write it so")
        }
        return try self.name(name)
    }

    /// The lines that say something.
    static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces() }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    private static func scaled(
        _ text: String, _ units: [String: Int], example: String
    ) throws(ProviderError) -> Int {
        let refused = ProviderError(.invalidValue, "'\(shown(text))' is not a size: write \(example)")
        let split = text.firstIndex { !$0.isASCII || !$0.isNumber } ?? text.endIndex
        guard isNumber(text[..<split]) else { throw refused }
        var unit = text[split...].uppercased()
        // `GB` and `GiB` are G; a B alone would be bytes.
        if unit.count == 3, unit.hasSuffix("IB") { unit.removeLast(2) }
        if unit.count == 2, unit.hasSuffix("B") { unit.removeLast() }
        guard let scale = units[unit] else { throw refused }
        guard let number = Int(text[..<split]) else { throw tooLarge(text) }
        let (size, overflow) = number.multipliedReportingOverflow(by: scale)
        guard !overflow else { throw tooLarge(text) }
        return size
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func tooLarge(_ text: String) -> ProviderError {
        ProviderError(.outOfRange, "\(shown(text)) is too large")
    }

    /// A text as an error may show it: short, on one line.
    static func shown(_ text: String) -> String {
        let line = text.unicodeScalars.prefix(40).map { $0.value < 0x20 ? "?" : String($0) }.joined()
        return text.unicodeScalars.count > 40 ? line + "..." : line
    }
}

extension StringProtocol {
    /// Without spaces and tabs at its ends.
    func trimmingSpaces() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
