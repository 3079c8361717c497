import Inventory
import ProviderAPI
import YAMLKit

@testable import Tree

/// A document that is taken is written and read again as the same, and an error has a place and no control characters.
@Sendable func fuzzYAML(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    do throws(YAMLError) {
        guard let node = try YAML.parse(text) else { return }
        let written = YAML.emit(node)
        // Aliases and quotes may make it longer than a document may be: this is not about the limit of bytes.
        let limits = YAML.Limits(bytes: .max, depth: 64, nodes: 200_000)
        let again = try? YAML.parse(written, limits: limits)
        must(again == node || holdsNaN(node), "read again, '\(written)' is not the same as '\(text)'")
    } catch {
        must(!error.message.isEmpty, "an error without words")
    }
}

/// What is not a number equals nothing, itself included.
private func holdsNaN(_ node: YAMLNode) -> Bool {
    switch node.value {
    case .scalar: if case .float(let number) = node.scalar { number.isNaN } else { false }
    case .sequence(let nodes): nodes.contains(where: holdsNaN)
    case .mapping(let entries): entries.contains { holdsNaN($0.value) }
    }
}

/// Any name becomes a name that a directory can have, and comes back as it was; two names never become one.
@Sendable func fuzzNames(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let entry = EntryName.encode(text)
    must(isEntryName(entry), "'\(text)' is encoded as '\(entry)'")
    must(EntryName.decode(entry) == text, "'\(entry)' is decoded as '\(EntryName.decode(entry) ?? "nothing")'")
    if let name = EntryName.decode(text) {
        let listed = EntryName.encode(name)
        must(EntryName.decode(listed) == name, "'\(listed)' does not come back")
        if let platform = try? Parsing.platformName(text) { must(EntryName.encode(platform) == text, "not as listed") }
    } else {
        must((try? Parsing.platformName(text)) == nil, "'\(text)' is no encoding and is taken")
    }
    let half = text.count / 2
    if let glob = Glob(String(text.prefix(half))) { _ = glob.matches(String(text.suffix(half))) }
}

private func isEntryName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7f }
}

/// A value is taken or refused with words; what is taken is what was written.
@Sendable func fuzzValues(_ bytes: [UInt8]) {
    guard let text = said({ () throws(ProviderError) in try Parsing.text(bytes) }) else { return }
    must(!text.utf8.contains(0), "a NUL is taken")
    if let line = said({ () throws(ProviderError) in try Parsing.line(bytes) }) {
        must(!line.utf8.contains(UInt8(ascii: "\n")), "two lines are taken as one")
    }
    if let number = said({ () throws(ProviderError) in try Parsing.number(text) }) {
        must(number >= 0 && text.utf8.allSatisfy { (48...57).contains($0) }, "'\(text)' is taken as \(number)")
    }
    for parse in [Parsing.mebibytes, Parsing.gibibytes] {
        guard let size = said({ () throws(ProviderError) in try parse(text) }) else { continue }
        must(size >= 0 && text.utf8.first.map { (48...57).contains($0) } == true, "'\(text)' is taken as \(size)")
    }
    _ = said { () throws(ProviderError) in try Parsing.flag(text) }
    _ = said { () throws(ProviderError) in try Parsing.name(text) }
    must(Parsing.lines(text).allSatisfy { !$0.isEmpty && !$0.contains(where: \.isNewline) }, "lines that are none")
}

/// What was parsed; an error has to be one line of a bounded length.
func said<Value>(_ body: () throws(ProviderError) -> Value) -> Value? {
    do throws(ProviderError) {
        return try body()
    } catch {
        must(!error.message.isEmpty && error.message.utf8.count < 4096, "an error of \(error.message.utf8.count) bytes")
        must(!error.message.utf8.contains { $0 < 0x20 }, "an error of more than one line: \(error.message)")
        return nil
    }
}
