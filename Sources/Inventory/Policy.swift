public import ProviderAPI

/// What the configuration says about any provider, whatever its type.
public struct Policy: Sendable {
    /// How old a fact may be before it is asked for again.
    public var cache: Duration
    /// How long one call may take.
    public var timeout: Duration
    /// Nothing may be changed.
    public var isReadOnly: Bool
    /// Patterns of `COLLECTION/NAME` that may not be changed or deleted.
    public var protect: [Glob]
    /// Whether deleting a running machine powers it off first.
    public var deletesRunning: Bool
    /// How many calls may be under way at once.
    public var maxCalls: Int
    /// Patterns of the images to show; empty: all.
    public var images: [Glob]

    /// A policy.
    public init(
        cache: Duration = .seconds(5), timeout: Duration = .seconds(30), isReadOnly: Bool = false,
        protect: [Glob] = [], deletesRunning: Bool = false, maxCalls: Int = 8,
        images: [Glob] = []
    ) {
        self.cache = cache
        self.timeout = timeout
        self.isReadOnly = isReadOnly
        self.protect = protect
        self.deletesRunning = deletesRunning
        self.maxCalls = maxCalls
        self.images = images
    }

    /// Whether a resource is shown at all.
    func shows(_ kind: Kind, _ name: String) -> Bool {
        kind != .images || images.isEmpty || images.contains { $0.matches(name) }
    }

    /// Refuses what the policy forbids: `readOnly` or `protected`.
    public func permit(_ kind: Kind, _ name: String) throws(ProviderError) {
        if isReadOnly {
            throw ProviderError(.readOnly, "this provider is configured read_only: nothing in it can be changed")
        }
        // As the tree shows it: a slash of the platform's name must not end a component of the pattern.
        let target = "\(kind.rawValue)/\(EntryName.encode(name))"
        if let pattern = protect.first(where: { $0.matches(target) }) {
            throw ProviderError(.protected, "\(target) is protected by the configuration (protect: \(pattern.pattern))")
        }
    }
}

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

    /// A pattern; nil where a `[` is not closed.
    public init?(_ pattern: String) {
        var tokens: [Token] = []
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            switch character {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "[":
                guard let end = rest.firstIndex(of: "]") else { return nil }
                tokens.append(Self.set(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            case "\\": tokens.append(.literal(rest.popFirst() ?? "\\"))
            default: tokens.append(.literal(character))
            }
        }
        self.pattern = pattern
        self.tokens = tokens
    }

    private static func set(_ text: Substring) -> Token {
        var text = text
        let negated = text.first == "!" || text.first == "^"
        if negated { text.removeFirst() }
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
