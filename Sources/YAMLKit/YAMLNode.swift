/// A node of a document, with its place in the text. Two nodes are equal when their values are, wherever they stand.
public struct YAMLNode: Sendable, Hashable {
    /// What a node holds.
    public enum Value: Sendable, Hashable {
        /// A text. `isString` is true where it was quoted, a block, or tagged `!!str`: then it is a string, whatever it
        /// looks like.
        case scalar(String, isString: Bool)
        /// Nodes in order.
        case sequence([YAMLNode])
        /// Named nodes in order, no name twice.
        case mapping([Entry])

        private var scalar: Scalar? {
            guard case .scalar(let text, let isString) = self else { return nil }
            return isString ? .string(text) : Scalar(plain: text)
        }

        /// Whether they read the same: `a` and `'a'` do, `5` and `'5'` do not.
        public static func == (left: Self, right: Self) -> Bool {
            switch (left, right) {
            case (.scalar, .scalar): left.scalar == right.scalar
            case (.sequence(let left), .sequence(let right)): left == right
            case (.mapping(let left), .mapping(let right)): left == right
            default: false
            }
        }

        /// What it reads as.
        public func hash(into hasher: inout Hasher) {
            switch self {
            case .scalar: hasher.combine(scalar)
            case .sequence(let nodes): hasher.combine(nodes)
            case .mapping(let entries): hasher.combine(entries)
            }
        }
    }

    /// One named node of a mapping.
    public struct Entry: Sendable, Hashable {
        /// Its name, as text.
        public var key: String
        /// What it holds.
        public var value: YAMLNode
        /// Where the key begins, from 1; 0 where it was not read from a text.
        public var line: Int
        /// Where the key begins, from 1; 0 where it was not read from a text.
        public var column: Int

        /// A named node.
        public init(_ key: String, _ value: YAMLNode, line: Int = 0, column: Int = 0) {
            self.key = key
            self.value = value
            self.line = line
            self.column = column
        }

        /// Whether name and value are the same.
        public static func == (left: Self, right: Self) -> Bool {
            left.key == right.key && left.value == right.value
        }

        /// Name and value.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(value)
        }
    }

    /// What it holds.
    public var value: Value
    /// Where it begins, from 1; 0 where it was not read from a text.
    public var line: Int
    /// Where it begins, from 1; 0 where it was not read from a text.
    public var column: Int

    /// A node.
    public init(_ value: Value, line: Int = 0, column: Int = 0) {
        self.value = value
        self.line = line
        self.column = column
    }

    /// Whether the values are the same.
    public static func == (left: Self, right: Self) -> Bool { left.value == right.value }

    /// The value.
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension YAMLNode {
    /// A string, quoted where it would read as another type.
    public static func string(_ text: String) -> YAMLNode { YAMLNode(.scalar(text, isString: true)) }
    /// A whole number.
    public static func int(_ number: Int) -> YAMLNode { YAMLNode(.scalar(String(number), isString: false)) }
    /// `true` or `false`.
    public static func bool(_ flag: Bool) -> YAMLNode { YAMLNode(.scalar(flag ? "true" : "false", isString: false)) }
    /// A number with a fraction; `.inf`, `-.inf` and `.nan` where it is not finite.
    public static func float(_ number: Double) -> YAMLNode {
        let text =
            number.isNaN ? ".nan" : number.isInfinite ? (number < 0 ? "-.inf" : ".inf") : String(number)
        return YAMLNode(.scalar(text, isString: false))
    }
    /// No value.
    public static var null: YAMLNode { YAMLNode(.scalar("null", isString: false)) }
    /// Nodes in order.
    public static func sequence(_ nodes: [YAMLNode]) -> YAMLNode { YAMLNode(.sequence(nodes)) }
    /// Named nodes in order; the names must differ.
    public static func mapping(_ entries: [Entry]) -> YAMLNode { YAMLNode(.mapping(entries)) }

    /// The entries of a mapping; nil of anything else.
    public var entries: [Entry]? {
        guard case .mapping(let entries) = value else { return nil }
        return entries
    }

    /// The nodes of a sequence; nil of anything else.
    public var elements: [YAMLNode]? {
        guard case .sequence(let nodes) = value else { return nil }
        return nodes
    }

    /// The value of a mapping's key; nil where this is no mapping or has no such key.
    public subscript(key: String) -> YAMLNode? {
        entries?.first { $0.key == key }?.value
    }
}
