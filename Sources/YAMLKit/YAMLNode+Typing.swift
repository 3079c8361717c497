extension YAMLNode {
    /// The type of a scalar by the core schema of YAML 1.2, and its value.
    public enum Scalar: Sendable, Hashable {
        case null
        case bool(Bool)
        case int(Int)
        case float(Double)
        case string(String)
    }

    /// What a scalar is; nil of a collection.
    public var scalar: Scalar? {
        guard case .scalar(let text, let isString) = value else { return nil }
        return isString ? .string(text) : Scalar(plain: text)
    }

    /// The text of a scalar as it was written, whatever its type; nil of a collection and of `null`.
    public var text: String? {
        guard case .scalar(let text, _) = value, scalar != .null else { return nil }
        return text
    }

    /// Whether it is `null`, `~` or nothing at all.
    public var isNull: Bool { scalar == .null }

    /// A boolean; nil of anything else.
    public var bool: Bool? {
        guard case .bool(let flag) = scalar else { return nil }
        return flag
    }

    /// A whole number; nil of anything else.
    public var int: Int? {
        guard case .int(let number) = scalar else { return nil }
        return number
    }

    /// A number, whole or not; nil of anything else.
    public var float: Double? {
        switch scalar {
        case .float(let number): number
        case .int(let number): Double(number)
        default: nil
        }
    }

    /// A string; nil of anything else, so of `5` and `yes` unless they are quoted. See ``text``.
    public var string: String? {
        guard case .string(let text) = scalar else { return nil }
        return text
    }

    /// What the node is, for an error: `a list`, `a mapping`, `a number`...
    public var kindName: String {
        switch value {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar:
            switch scalar {
            case .null, nil: "nothing"
            case .bool: "yes or no"
            case .int, .float: "a number"
            case .string: "text"
            }
        }
    }
}

extension YAMLNode.Scalar {
    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
    private static let trues: Set<String> = ["true", "True", "TRUE", "yes", "Yes", "YES"]
    private static let falses: Set<String> = ["false", "False", "FALSE", "no", "No", "NO"]

    /// The type of a plain scalar: YAML 1.2, 10.3.2, with `yes` and `no` of YAML 1.1 added, because people write them.
    init(plain text: String) {
        // What begins with a letter is a word, and none that means something has more than five.
        if text.utf8.count > 5, let first = text.utf8.first, (0x61...0x7A).contains(first | 0x20) {
            self = .string(text)
        } else if Self.nulls.contains(text) {
            self = .null
        } else if Self.trues.contains(text) {
            self = .bool(true)
        } else if Self.falses.contains(text) {
            self = .bool(false)
        } else if let number = Self.int(text) {
            self = .int(number)
        } else if let number = Self.float(text) {
            self = .float(number)
        } else {
            self = .string(text)
        }
    }

    private static func int(_ text: String) -> Int? {
        if text.hasPrefix("0o") { return digits(text.dropFirst(2), radix: 8) }
        if text.hasPrefix("0x") { return digits(text.dropFirst(2), radix: 16) }
        return Int(text)
    }

    private static func digits(_ text: Substring, radix: Int) -> Int? {
        text.first == "+" || text.first == "-" ? nil : Int(text, radix: radix)
    }

    private static func float(_ text: String) -> Double? {
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        case ".nan", ".NaN", ".NAN": return .nan
        default: break
        }
        // Double(_:) also takes `inf`, `nan` and hexadecimal floats, which the schema does not.
        let bytes = text.utf8
        let isNumber = bytes.allSatisfy { byte in
            (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
        }
        guard isNumber, bytes.contains(where: { (0x30...0x39).contains($0) }) else { return nil }
        return Double(text)
    }
}

extension YAMLNode.Scalar {
    /// Whether a text written without quotes reads as a string everywhere, in readers of YAML 1.1 too (there `on`, `1_0`,
    /// `1:30` and `2024-01-31` are no strings).
    static func isPlainString(_ text: String) -> Bool {
        guard case .string = YAMLNode.Scalar(plain: text) else { return false }
        guard let first = text.utf8.first else { return false }
        if text.utf8.count <= 3, oldWords.contains(text) { return false }
        guard (0x30...0x39).contains(first) || [0x2B, 0x2D, 0x2E].contains(first) else { return true }
        return !readsAsOldNumber(text) && !readsAsDate(text)
    }

    private static let oldWords: Set<String> = [
        "y", "Y", "n", "N", "on", "On", "ON", "off", "Off", "OFF", "=", "<<",
    ]

    private static func readsAsOldNumber(_ text: String) -> Bool {
        if text.hasPrefix("0b") { return true }
        if text.utf8.filter({ $0 == 0x2E }).count > 1 { return false }
        return text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x3A, 0x45, 0x5F, 0x65].contains(byte)
        }
    }

    private static func readsAsDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8.prefix(6))
        return bytes.count == 6 && bytes[0..<4].allSatisfy { (0x30...0x39).contains($0) } && bytes[4] == 0x2D
            && (0x30...0x39).contains(bytes[5])
    }
}
