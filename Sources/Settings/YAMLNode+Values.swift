import ProviderAPI
import YAMLKit

/// Values of a key, each with the error that says what it must be.
extension YAMLNode {
    func plainText() throws(ValueError) -> String {
        guard let text else { throw ValueError("must be text, not \(kindName)") }
        return text
    }

    func wholeNumber() throws(ValueError) -> Int {
        guard let int else { throw ValueError("must be a whole number, not \(kindName)") }
        return int
    }

    func number(in range: ClosedRange<Int>) throws(ValueError) -> Int {
        let number = try wholeNumber()
        guard range.contains(number) else {
            throw ValueError("must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
        }
        return number
    }

    func flag() throws(ValueError) -> Bool {
        guard let bool else { throw ValueError("must be yes or no, not \(kindName)") }
        return bool
    }

    /// A list, or one text as a list of itself.
    func texts() throws(ValueError) -> [String] {
        guard let elements else { return [try plainText()] }
        var texts: [String] = []
        for element in elements {
            guard let text = element.text else {
                throw ValueError("must be a list of texts, and one of them is \(element.kindName)")
            }
            texts.append(text)
        }
        return texts
    }

    func protectionPatterns() throws(ValueError) -> [String] {
        let patterns = try texts()
        for pattern in patterns {
            if let fault = ProtectionPattern.fault(in: pattern) { throw ValueError(fault) }
        }
        return patterns
    }

    func duration(zero: Bool) throws(ValueError) -> Duration {
        guard let text else { throw ValueError("must be a duration such as 5s, not \(kindName)") }
        guard let duration = DurationText.parse(text) else {
            throw ValueError("cannot be '\(text)': write a duration such as 500ms, 5s or 2m")
        }
        guard zero || duration > .zero else { throw ValueError("cannot be 0: write a duration such as 30s") }
        return duration
    }

    /// The value of any node, by the types of YAML.
    var asValue: ProviderAPI.Value {
        switch value {
        case .sequence(let nodes): .list(nodes.map(\.asValue))
        case .mapping(let entries): .map(entries.map { ProviderAPI.Value.Entry($0.key, $0.value.asValue) })
        case .scalar(let text, _):
            switch scalar {
            case .null, nil: .none
            case .bool(let flag): .flag(flag)
            case .int(let number): .number(number)
            case .float, .string: .text(text)
            }
        }
    }

    /// The value of an option that is no secret.
    func value(as form: ProviderOption.Form) throws(ValueError) -> ProviderAPI.Value {
        switch form {
        case .text, .secret: return .text(try plainText())
        case .number: return .number(try wholeNumber())
        case .flag: return .flag(try flag())
        case .list: return ProviderAPI.Value(try texts())
        case .map:
            guard entries != nil else { throw ValueError("must be a mapping of names to values, not \(kindName)") }
            return asValue
        case .textOrMap: return entries == nil ? .text(try plainText()) : asValue
        }
    }
}
