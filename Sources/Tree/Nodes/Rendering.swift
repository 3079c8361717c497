import Inventory
import ProviderAPI
import YAMLKit

/// Values as the bytes of files.
enum Rendering {
    /// A value with one newline after it; nothing for no value.
    static func bytes(_ value: Value) -> [UInt8] {
        let text = value.plainText
        guard !text.isEmpty else { return [] }
        var bytes = Array(text.utf8)
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        return bytes
    }

    /// A value as a YAML document.
    static func yaml(_ value: Value) -> [UInt8] {
        Array(YAML.emit(node(value)).utf8)
    }

    /// A value as a JSON document on one line.
    static func jsonBytes(_ value: Value) -> [UInt8] {
        Array((json(value) + "\n").utf8)
    }

    private static func node(_ value: Value) -> YAMLNode {
        switch value {
        case .none: .null
        case .text(let text): .string(text)
        case .number(let number): .int(number)
        case .flag(let flag): .bool(flag)
        case .list(let values): .sequence(values.map(node))
        case .map(let entries): .mapping(entries.map { .init($0.key, node($0.value)) })
        }
    }
}
