/// A shell pattern over a path: `*`, `?` and a set `[...]` stay within a component.
public struct Glob: Sendable, Hashable {
    /// As it was written.
    public let pattern: String
    private let tokens: [Token]

    private enum Token: Sendable, Hashable {
        case literal(Character)
        case any
        case star
        case set([ClosedRange<Character>], negated: Bool)
    }

    /// A pattern; nil where a `[` is not closed, or nothing follows a `\`.
    public init?(_ pattern: String) {
        var tokens: [Token] = []
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            switch character {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "[":
                guard let set = Self.set(&rest) else { return nil }
                tokens.append(set)
            case "\\":
                guard let literal = rest.popFirst() else { return nil }
                tokens.append(.literal(literal))
            default: tokens.append(.literal(character))
            }
        }
        self.pattern = pattern
        self.tokens = tokens
    }

    /// What stands in brackets (POSIX.1, Shell Command Language 2.13.1): a `]` is in the set where it comes first.
    private static func set(_ rest: inout Substring) -> Token? {
        var negated = false
        if rest.first == "!" || rest.first == "^" {
            negated = true
            rest.removeFirst()
        }
        guard let end = rest.dropFirst().firstIndex(of: "]") else { return nil }
        var text = rest[..<end]
        rest = rest[rest.index(after: end)...]
        var ranges: [ClosedRange<Character>] = []
        while let low = text.popFirst() {
            if text.first == "-", let high = text.dropFirst().first, low <= high {
                text = text.dropFirst(2)
                ranges.append(low...high)
            } else {
                ranges.append(low...low)
            }
        }
        return .set(ranges, negated: negated)
    }

    /// Whether the whole text matches. Linear in the text for each `*`.
    public func matches(_ text: String) -> Bool {
        let text = Array(text)
        var position = 0
        var token = 0
        var restart: (token: Int, position: Int)?
        while position < text.count {
            if token < tokens.count, Self.accepts(tokens[token], text[position]) {
                position += 1
                token += 1
            } else if token < tokens.count, tokens[token] == .star {
                restart = (token + 1, position)
                token += 1
            } else if let again = restart, text[again.position] != "/" {
                restart = (again.token, again.position + 1)
                token = again.token
                position = again.position + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .star }
    }

    private static func accepts(_ token: Token, _ character: Character) -> Bool {
        switch token {
        case .literal(let expected): character == expected
        case .any: character != "/"
        case .star: false
        case .set(let ranges, let negated): character != "/" && ranges.contains { $0.contains(character) } != negated
        }
    }
}
