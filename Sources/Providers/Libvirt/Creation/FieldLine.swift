import ProviderAPI

/// A line of a parameter that is a list: words `key=value`, or a bare value before them. A value ends where the next key
/// begins, so that it may hold spaces.
struct FieldLine {
    /// What stands before the first key.
    let bare: String?
    private let fields: [String: String]

    init(_ line: String, of parameter: String, keys: Set<String>) throws(ProviderError) {
        var bare: [String] = []
        var fields: [String: [String]] = [:]
        var current: String?
        for word in line.split(separator: " ").map(String.init) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2, keys.contains(parts[0]) {
                current = parts[0]
                fields[parts[0]] = [parts[1]]
            } else if parts.count == 2, Self.isKey(parts[0]) {
                let known = keys.sorted().joined(separator: ", ")
                throw ProviderError(.invalidValue, "\(parameter): there is no '\(parts[0])' in it; there are: \(known)")
            } else if let key = current {
                fields[key, default: []].append(word)
            } else {
                bare.append(word)
            }
        }
        self.bare = bare.isEmpty ? nil : bare.joined(separator: " ")
        self.fields = fields.mapValues { $0.joined(separator: " ") }
    }

    subscript(key: String) -> String? {
        guard let value = fields[key], !value.isEmpty else { return nil }
        return value
    }

    private static func isKey(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
    }
}

/// A set of processors or nodes as libvirt writes it: `0-3,5`, with `^2` for what is left out.
struct NumberSet: Sendable {
    let numbers: Set<Int>
    let text: String

    init(_ text: String, of parameter: String) throws(ProviderError) {
        var numbers: Set<Int> = []
        var left: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let isLeft = part.hasPrefix("^")
            let ends = part.drop { $0 == "^" }.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 0, first <= last,
                last < 4096
            else { throw ProviderError(.invalidValue, "\(parameter): '\(text)' is no set of numbers, as 0-3,5") }
            if isLeft { left.formUnion(first...last) } else { numbers.formUnion(first...last) }
        }
        self.numbers = numbers.subtracting(left)
        self.text = text
        guard !self.numbers.isEmpty else {
            throw ProviderError(.invalidValue, "\(parameter): '\(text)' is an empty set")
        }
    }
}
