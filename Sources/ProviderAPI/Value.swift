/// A value of an attribute or a parameter: what a file prints, what YAML and JSON carry.
public indirect enum Value: Sendable, Hashable {
    /// Not known, or not set: an empty file, `null`.
    case none
    /// Free text, or a word.
    case text(String)
    /// A count or a size; the attribute's documentation gives the unit.
    case number(Int)
    /// `yes` or `no`.
    case flag(Bool)
    /// One a line.
    case list([Value])
    /// Named values, in order.
    case map([Entry])

    /// One named value of a map.
    public struct Entry: Sendable, Hashable {
        /// Its name.
        public var key: String
        /// What it holds.
        public var value: Value

        /// A named value.
        public init(_ key: String, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// Text, or ``none`` where there is none.
    public init(_ text: String?) {
        self = text.map(Value.text) ?? .none
    }

    /// A number, or ``none`` where there is none.
    public init(_ number: Int?) {
        self = number.map(Value.number) ?? .none
    }

    /// A list of texts.
    public init(_ texts: [String]) {
        self = .list(texts.map(Value.text))
    }

    /// The value of a map's key; nil where this is no map or has no such key.
    public subscript(key: String) -> Value? {
        guard case .map(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// How a file prints it, without the last newline: lists one a line, maps as `key: value` lines.
    public var plainText: String {
        switch self {
        case .none: ""
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): flag ? "yes" : "no"
        case .list(let values): values.map(\.plainText).joined(separator: "\n")
        case .map(let entries): entries.map { "\($0.key): \($0.value.plainText)" }.joined(separator: "\n")
        }
    }
}
