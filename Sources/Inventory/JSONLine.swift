public import ProviderAPI

/// A value as JSON (RFC 8259) on one line, for journals and `info.json`.
public func json(_ value: Value) -> String {
    var text = ""
    appendJSON(value, to: &text)
    return text
}

private func appendJSON(_ value: Value, to text: inout String) {
    switch value {
    case .none: text += "null"
    case .text(let string): appendJSON(string, to: &text)
    case .number(let number): text += String(number)
    case .flag(let flag): text += flag ? "true" : "false"
    case .list(let values):
        text += "["
        for (index, value) in values.enumerated() {
            if index > 0 { text += "," }
            appendJSON(value, to: &text)
        }
        text += "]"
    case .map(let entries):
        text += "{"
        for (index, entry) in entries.enumerated() {
            if index > 0 { text += "," }
            appendJSON(entry.key, to: &text)
            text += ":"
            appendJSON(entry.value, to: &text)
        }
        text += "}"
    }
}

private func appendJSON(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\t": text += "\\t"
        case "\r": text += "\\r"
        case "\u{0}"..<" ", "\u{7f}":
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
    text += "\""
}
